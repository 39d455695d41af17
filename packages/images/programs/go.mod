module hoplab.dev/programs

go 1.25.0
