package probe

import (
	"net/netip"
	"syscall"
)

// twin is a second descriptor of a socket that is being connected: a Dialer that gives up closes its own, and with it goes the port that the kernel chose.
type twin struct {
	fd   int
	kept bool
}

// keep is a net.Dialer's Control. A socket that has no twin is connected all the same.
func (t *twin) keep(_, _ string, raw syscall.RawConn) error {
	t.close()
	return raw.Control(func(fd uintptr) {
		copied, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
		t.fd, t.kept = int(copied), errno == 0
	})
}

// end is the address and port that the socket sends from; empty once the kernel has given it up.
func (t *twin) end() string {
	if !t.kept {
		return ""
	}
	name, err := syscall.Getsockname(t.fd)
	if err != nil {
		return ""
	}
	var end netip.AddrPort
	switch at := name.(type) {
	case *syscall.SockaddrInet4:
		end = netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port))
	case *syscall.SockaddrInet6:
		end = netip.AddrPortFrom(netip.AddrFrom16(at.Addr).Unmap(), uint16(at.Port))
	}
	if end.Port() == 0 {
		return ""
	}
	return end.String()
}

// close leaves the socket to the Dialer alone; while a twin lives, closing a connection sends nothing.
func (t *twin) close() {
	if t.kept {
		_ = syscall.Close(t.fd)
	}
	t.kept = false
}
