package probe

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"hoplab.dev/programs/internal/netns"
)

// namespace makes a network namespace with a device 10.9.0.1/24, where packets for 10.9.0.0/24 leave and nothing comes
// back, and runs the given commands there.
type namespace struct {
	t    *testing.T
	path string
}

func newNamespace(t *testing.T, commands ...string) namespace {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("making a network namespace needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("setting a network namespace up needs iproute2")
	}
	child := exec.Command("sleep", "120")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	made := namespace{t, fmt.Sprintf("/proc/%d/ns/net", child.Process.Pid)}
	for _, command := range append([]string{"ip link set lo up", "ip link add d0 type veth peer name d1", "ip link set d1 up", "ip link set d0 arp off", "ip address add 10.9.0.1/24 dev d0", "ip link set d0 up"}, commands...) {
		made.run(command)
	}
	return made
}

func (n namespace) run(command string) {
	n.t.Helper()
	n.do(func() {
		words := strings.Fields(command)
		// A child begins in the namespace of the thread that starts it.
		if said, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			n.t.Errorf("%s: %s %v", command, said, err)
		}
	})
}

func (n namespace) do(work func()) {
	n.t.Helper()
	if err := netns.Do(n.path, work); err != nil {
		n.t.Fatal(err)
	}
}

func (n namespace) attempt(request Request) Connection {
	var got Connection
	n.do(func() { got = attempt(withDefaults(request), "n.0") })
	return got
}

// answerFirstSyn waits for the first TCP packet that arrives at d1 and answers it, as a router on the way would, with an
// ICMP message of type 3 (destination unreachable) and the given code.
func (n namespace) answerFirstSyn(code byte) {
	opened := make(chan int)
	go n.do(func() {
		capture, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, int(htons(syscall.ETH_P_IP)))
		if err != nil {
			n.t.Error(err)
			close(opened)
			return
		}
		d1, err := net.InterfaceByName("d1")
		if err == nil {
			err = syscall.Bind(capture, &syscall.SockaddrLinklayer{Protocol: htons(syscall.ETH_P_IP), Ifindex: d1.Index})
		}
		if err != nil {
			n.t.Error(err)
		}
		_ = syscall.SetsockoptTimeval(capture, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 5})
		raw, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP)
		if err != nil {
			n.t.Error(err)
		}
		opened <- capture
		packet := make([]byte, 2048)
		for {
			length, _, err := syscall.Recvfrom(capture, packet, 0)
			if err != nil {
				break
			}
			if length > 40 && packet[9] == syscall.IPPROTO_TCP {
				// The quoted packet is not verified (RFC 792 asks for header and 8 bytes).
				message := append([]byte{3, code, 0, 0, 0, 0, 0, 0}, packet[:28]...)
				sum := checksum(message)
				message[2], message[3] = byte(sum>>8), byte(sum)
				if err := syscall.Sendto(raw, message, 0, &syscall.SockaddrInet4{Addr: [4]byte{10, 9, 0, 1}}); err != nil {
					n.t.Error(err)
				}
				break
			}
		}
		_ = syscall.Close(capture)
		_ = syscall.Close(raw)
	})
	<-opened
}

func htons(port uint16) uint16 { return port<<8 | port>>8 }
