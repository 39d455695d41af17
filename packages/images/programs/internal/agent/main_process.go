package agent

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lookEvery is how often the main process is looked at.
const lookEvery = 100 * time.Millisecond

// Process is one that is not a child of ours.
type Process struct{ pid int }

// MainProcess reads the number of the toolbox's main process.
func MainProcess(file string) (Process, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Process{}, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 || !(Process{pid}).runs() {
		return Process{}, fmt.Errorf("%s names no process that runs: %q", file, text)
	}
	return Process{pid}, nil
}

// Ended gives a channel that is closed once it has ended.
func (process Process) Ended() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		for process.runs() {
			time.Sleep(lookEvery)
		}
		close(ended)
	}()
	return ended
}

func (process Process) runs() bool { return syscall.Kill(process.pid, 0) == nil }
