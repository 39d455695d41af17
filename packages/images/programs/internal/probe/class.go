package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// Class tells how an attempt ended: by error number and protocol, never by text.
type Class string

// The classes. Error says that the probe itself could not be carried out, and nothing about the network.
const (
	OK          Class = "OK"
	Refused     Class = "REFUSED"
	Timeout     Class = "TIMEOUT"
	Unreachable Class = "UNREACHABLE"
	NoName      Class = "DNS"
	Reset       Class = "RESET"
	Error       Class = "ERROR"
)

var byErrno = map[syscall.Errno]Class{
	syscall.ECONNREFUSED: Refused,
	syscall.ETIMEDOUT:    Timeout,
	syscall.EHOSTUNREACH: Unreachable, syscall.ENETUNREACH: Unreachable, syscall.ENETDOWN: Unreachable, syscall.EHOSTDOWN: Unreachable,
	// A route of type prohibit, or a local firewall, says these.
	syscall.EACCES: Unreachable, syscall.EPERM: Unreachable,
	syscall.ECONNRESET: Reset, syscall.EPIPE: Reset, syscall.ECONNABORTED: Reset,
}

// classOf tells the class of a failed dial, read or write.
func classOf(err error) Class {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if class, known := byErrno[errno]; known {
			return class
		}
	}
	var network net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return Timeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Reset
	}
	return Error
}
