// Command hoplab-agent runs programs in a toolbox for one client: starting a process from here costs some milliseconds, an exec through
// the container engine a tenth of a second of a processor. It reads one request as JSON per line from standard input and prints one JSON
// line per program that has ended. It ends, and with it every program it runs, when its input ends, or when the toolbox's own main
// process does, whose number stands in the file named by the first argument: a process in the node's process namespace would outlive it.
// Exit codes: 0 its input ended, 1 the main process ended or is unknown.
package main

import (
	"fmt"
	"os"

	"hoplab.dev/programs/internal/agent"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "hoplab-agent: the file with the main process's number is missing")
		os.Exit(1)
	}
	main, err := agent.MainProcess(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "hoplab-agent:", err)
		os.Exit(1)
	}
	served := make(chan struct{})
	go func() {
		agent.Serve(os.Stdin, os.Stdout)
		close(served)
	}()
	select {
	case <-served:
	case <-main.Ended():
		fmt.Fprintln(os.Stderr, "hoplab-agent: the toolbox has ended")
		os.Exit(1)
	}
}
