module hoplab.dev/programs

go 1.24.0
