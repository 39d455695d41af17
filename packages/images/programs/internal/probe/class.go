package probe

import (
	"context"
	"errors"
	"fmt"
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
	// TooBig is for ping alone: with "do not fragment" the packet does not fit.
	TooBig Class = "TOOBIG"
	Error  Class = "ERROR"
)

// known error numbers with their names: errno(3) has no table of names in Go's syscall.
var known = map[syscall.Errno]struct {
	class Class
	name  string
}{
	syscall.ECONNREFUSED: {Refused, "ECONNREFUSED"},
	syscall.ETIMEDOUT:    {Timeout, "ETIMEDOUT"},
	syscall.EHOSTUNREACH: {Unreachable, "EHOSTUNREACH"}, syscall.ENETUNREACH: {Unreachable, "ENETUNREACH"}, syscall.ENETDOWN: {Unreachable, "ENETDOWN"},
	// ICMP "host unknown", "host isolated", "protocol unreachable", "source route failed" (icmp_err_convert in net/ipv4/icmp.c),
	// and "parameter problem".
	syscall.EHOSTDOWN: {Unreachable, "EHOSTDOWN"}, syscall.ENONET: {Unreachable, "ENONET"}, syscall.ENOPROTOOPT: {Unreachable, "ENOPROTOOPT"},
	syscall.EOPNOTSUPP: {Unreachable, "EOPNOTSUPP"}, syscall.EPROTO: {Unreachable, "EPROTO"},
	// A route of type prohibit, or a local firewall, says these.
	syscall.EACCES: {Unreachable, "EACCES"}, syscall.EPERM: {Unreachable, "EPERM"},
	syscall.ECONNRESET: {Reset, "ECONNRESET"}, syscall.EPIPE: {Reset, "EPIPE"}, syscall.ECONNABORTED: {Reset, "ECONNABORTED"},
	syscall.EMSGSIZE: {TooBig, "EMSGSIZE"},
	// No free source port.
	syscall.EADDRNOTAVAIL: {Error, "EADDRNOTAVAIL"},
	syscall.EINVAL:        {Error, "EINVAL"},
}

// classOf tells the class of a failed dial, read or write.
func classOf(err error) Class {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if errno == syscall.EINVAL && onTheWay(err) {
			return Unreachable
		}
		if entry, is := known[errno]; is {
			return entry.class
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

// onTheWay is true when it was a packet's way that failed. A route of type blackhole makes connect(2) and the calls that send
// fail with EINVAL; from any other call that number is a mistake of ours.
func onTheWay(err error) bool {
	var call *os.SyscallError
	if !errors.As(err, &call) {
		return false
	}
	switch call.Syscall {
	case "connect", "write", "sendto", "sendmsg":
		return true
	}
	return false
}

// errnoOf names the error number of a failure; "" when the kernel gave none.
func errnoOf(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	if entry, is := known[errno]; is {
		return entry.name
	}
	return fmt.Sprintf("errno %d", int(errno))
}
