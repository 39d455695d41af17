package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// maxOutput is what is kept of each stream, in bytes. A cut output is never used as a whole one.
const maxOutput = 64 << 20

// kept takes up to maxOutput bytes; the program gets no further with more.
type kept struct {
	buffer bytes.Buffer
	full   bool
}

var errTooLong = errors.New("it printed more than is kept")

func (k *kept) Write(more []byte) (int, error) {
	if k.buffer.Len()+len(more) > maxOutput {
		k.full = true
		return 0, errTooLong
	}
	return k.buffer.Write(more)
}

// grace is the time a program has between SIGTERM and SIGKILL.
const grace = time.Second

// run carries one program out. It and what it starts are one process group, which ends with us.
func run(bound context.Context, request Request) Ending {
	ending := Ending{ID: request.ID, ExitCode: 127}
	if len(request.Argv) == 0 {
		ending.Stderr = []byte("no program was named\n")
		return ending
	}
	var stdout, stderr kept
	command := exec.CommandContext(bound, request.Argv[0], request.Argv[1:]...)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(request.Input), &stdout, &stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return endGroup(command.Process.Pid) }
	command.WaitDelay = 2 * grace
	// The kernel sends Pdeathsig when the thread that started the process ends (prctl(2)): this one stays until it has.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := command.Run()
	ending.Stdout, ending.Stderr, ending.ExitCode = stdout.buffer.Bytes(), stderr.buffer.Bytes(), exitCodeOf(command, err)
	if command.ProcessState == nil {
		ending.Stderr = fmt.Appendf(ending.Stderr, "%s: %v\n", request.Argv[0], err)
	}
	switch {
	case errors.Is(bound.Err(), context.DeadlineExceeded):
		ending.ExitCode = 124
	case stdout.full || stderr.full:
		ending.ExitCode, ending.Stdout, ending.Stderr = 125, nil, []byte(errTooLong.Error()+"\n")
	}
	return ending
}

// endGroup asks the group to end, and makes it a moment later.
func endGroup(group int) error {
	time.AfterFunc(grace, func() { _ = syscall.Kill(-group, syscall.SIGKILL) })
	return syscall.Kill(-group, syscall.SIGTERM)
}

func exitCodeOf(command *exec.Cmd, err error) int {
	state := command.ProcessState
	switch {
	case state == nil && (errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist)):
		return 127
	case state == nil:
		return 126
	case state.Exited():
		return state.ExitCode()
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return 126
}
