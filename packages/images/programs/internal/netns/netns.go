// Package netns runs code inside other network namespaces and finds those of Pods.
package netns

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

const cloneNewNet = 0x40000000

// Do runs work on a thread that is in the network namespace of path (such as /proc/PID/ns/net) and waits for it. A socket
// belongs for ever to the namespace in which it was made, so work must make its sockets on its own goroutine: dialling an
// address (not a name) does. An empty path means the namespace of this process.
func Do(path string, work func()) error {
	if path == "" {
		work()
		return nil
	}
	result := make(chan error, 1)
	go func() {
		// Never unlocked: the runtime ends the thread with this goroutine, so no other work lands in the namespace.
		runtime.LockOSThread()
		if err := enter(path); err != nil {
			result <- err
			return
		}
		work()
		result <- nil
	}()
	return <-result
}

func enter(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, _, errno := syscall.RawSyscall(sysSetns, file.Fd(), cloneNewNet, 0); errno != 0 {
		return fmt.Errorf("setns %s: %w", path, errno)
	}
	return nil
}
