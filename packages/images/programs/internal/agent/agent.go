// Package agent runs programs for a client that sends requests as lines of JSON.
package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Request is one line that comes in. Bytes are base64, as encoding/json has them.
type Request struct {
	// ID comes back with the end of the program.
	ID string `json:"id"`
	// Argv is the program, looked up in PATH, and its arguments. Cancel ends the program of this ID instead.
	Argv   []string `json:"argv,omitempty"`
	Cancel bool     `json:"cancel,omitempty"`
	Input  []byte   `json:"input,omitempty"`
	// TimeoutMs after which it is ended with SIGTERM, and a second later with SIGKILL; 0: never. In milliseconds.
	TimeoutMs int64 `json:"timeoutMs,omitempty"`
}

// Ending is one line that goes out: how a program ended, and all that it printed.
type Ending struct {
	ID string `json:"id"`
	// ExitCode is the program's own; 128 + N for a signal N; 124 when it was ended because its time was over; 125 when it
	// printed more than 64 MiB, of which nothing is told; 126 when it could not be started,
	// 127 when it is not there.
	ExitCode int    `json:"exitCode"`
	Stdout   []byte `json:"stdout"`
	Stderr   []byte `json:"stderr"`
}

// Serve runs what comes in, all at the same time, until the input ends; then it ends what still runs and returns.
func Serve(in io.Reader, out io.Writer) {
	all, endAll := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var mutex sync.Mutex
	cancels := map[string]context.CancelFunc{}
	lines := json.NewEncoder(out)
	requests := json.NewDecoder(bufio.NewReader(in))
	for {
		var request Request
		if requests.Decode(&request) != nil {
			break
		}
		mutex.Lock()
		if cancel := cancels[request.ID]; request.Cancel {
			mutex.Unlock()
			if cancel != nil {
				cancel()
			}
			continue
		}
		bound, cancel := boundOf(all, request)
		cancels[request.ID] = cancel
		mutex.Unlock()
		running.Go(func() {
			ending := run(bound, request)
			cancel()
			mutex.Lock()
			defer mutex.Unlock()
			delete(cancels, request.ID)
			_ = lines.Encode(ending)
		})
	}
	endAll()
	running.Wait()
}

func boundOf(all context.Context, request Request) (context.Context, context.CancelFunc) {
	if request.TimeoutMs > 0 {
		return context.WithTimeout(all, time.Duration(request.TimeoutMs)*time.Millisecond)
	}
	return context.WithCancel(all)
}
