package probe

import (
	"net/netip"
	"os/exec"
	"testing"
	"time"
)

func TestWhatTheKernelSaysAboutRoutes(t *testing.T) {
	there := newNamespace(t, "ip route add blackhole 10.1.0.0/16", "ip route add prohibit 10.2.0.0/16", "ip route add unreachable 10.3.0.0/16", "ip route add throw 10.4.0.0/16")
	for target, errno := range map[string]string{"10.1.0.1": "EINVAL", "10.2.0.1": "EACCES", "10.3.0.1": "EHOSTUNREACH", "10.4.0.1": "ENETUNREACH", "10.5.0.1": "ENETUNREACH"} {
		for _, kind := range []string{"tcp", "http", "udp", "ping"} {
			to := target + ":80"
			if kind == "ping" {
				to = target
			}
			if got := there.attempt(Request{Kind: kind, Target: to, TimeoutMs: 500}); got.Class != Unreachable || got.Errno != errno {
				t.Errorf("%s %s: %s %s %s", kind, to, got.Class, got.Errno, got.Detail)
			}
		}
	}
}

// Every code of "destination unreachable" (RFC 792, RFC 1812 5.2.7.1), as a router or a firewall's REJECT sends it.
func TestWhatRoutersSay(t *testing.T) {
	there := newNamespace(t)
	for code, want := range map[byte]struct {
		class Class
		errno string
	}{
		0: {Unreachable, "ENETUNREACH"}, 1: {Unreachable, "EHOSTUNREACH"}, 2: {Unreachable, "ENOPROTOOPT"}, 3: {Refused, "ECONNREFUSED"},
		5: {Unreachable, "EOPNOTSUPP"}, 6: {Unreachable, "ENETUNREACH"}, 7: {Unreachable, "EHOSTDOWN"}, 8: {Unreachable, "ENONET"},
		9: {Unreachable, "ENETUNREACH"}, 10: {Unreachable, "EHOSTUNREACH"}, 13: {Unreachable, "EHOSTUNREACH"},
	} {
		there.answerFirstSyn(code)
		if got := there.attempt(Request{Kind: "tcp", Target: "10.9.0.7:80", TimeoutMs: 900}); got.Class != want.class || got.Errno != want.errno {
			t.Errorf("code %d: %s %s %s", code, got.Class, got.Errno, got.Detail)
		}
	}
}

func TestWhatLocalFirewallsSay(t *testing.T) {
	if _, err := exec.LookPath("iptables"); err != nil {
		t.Skip("needs iptables")
	}
	there := newNamespace(t, "iptables -w -A OUTPUT -p udp -d 10.9.0.8 -j DROP",
		"iptables -w -A INPUT -p tcp -d 127.0.0.2 -j REJECT --reject-with icmp-proto-unreachable", "iptables -w -A INPUT -p tcp -d 127.0.0.3 -j REJECT --reject-with icmp-admin-prohibited",
		"iptables -w -A INPUT -p tcp -d 127.0.0.4 -j REJECT --reject-with tcp-reset", "iptables -w -A INPUT -p tcp -d 127.0.0.5 -j DROP")
	for target, want := range map[string]struct {
		kind  string
		class Class
		errno string
	}{
		"10.9.0.8:80": {"udp", Unreachable, "EPERM"}, "127.0.0.2:80": {"tcp", Unreachable, "ENOPROTOOPT"}, "127.0.0.3:80": {"tcp", Unreachable, "EHOSTUNREACH"},
		"127.0.0.4:80": {"tcp", Refused, "ECONNREFUSED"}, "127.0.0.5:80": {"tcp", Timeout, ""}, "127.0.0.1:80": {"tcp", Refused, "ECONNREFUSED"},
	} {
		got := there.attempt(Request{Kind: want.kind, Target: target, TimeoutMs: 300})
		if got.Class != want.class || got.Errno != want.errno {
			t.Errorf("%s: %s %s %s", target, got.Class, got.Errno, got.Detail)
		}
		if from, err := netip.ParseAddrPort(got.SentFrom); (want.class == Timeout) != (err == nil && from.Port() != 0 && from.Addr().IsLoopback()) {
			t.Errorf("%s: %s, sent from %q", target, got.Class, got.SentFrom)
		}
	}
}

// A router that has no room for a large ping says so to every raw socket that is connected to the same target.
func TestPingsOfOthersThatFail(t *testing.T) {
	if _, err := exec.LookPath("iptables"); err != nil {
		t.Skip("needs iptables")
	}
	there := newNamespace(t, "iptables -w -A INPUT -p icmp --icmp-type echo-request -d 127.0.0.2 -m length --length 500:2000 -j REJECT --reject-with icmp-host-prohibited",
		"iptables -w -A INPUT -p icmp --icmp-type echo-request -d 127.0.0.2 -j DROP")
	small := make(chan Connection)
	go func() { small <- there.attempt(Request{Kind: "ping", Target: "127.0.0.2", Size: 56, TimeoutMs: 900}) }()
	time.Sleep(300 * time.Millisecond)
	if got := there.attempt(Request{Kind: "ping", Target: "127.0.0.2", Size: 1000, TimeoutMs: 500}); got.Class != Unreachable || got.Errno != "EHOSTUNREACH" {
		t.Errorf("the one that is refused: %s %s %s", got.Class, got.Errno, got.Detail)
	}
	if got := <-small; got.Class != Timeout {
		t.Errorf("the one that is only lost: %s %s %s", got.Class, got.Errno, got.Detail)
	}
}

func TestPingsThatDoNotFit(t *testing.T) {
	there := newNamespace(t, "ip link set d0 mtu 1450", "ip link set lo mtu 1400")
	for _, c := range []struct {
		target string
		size   int
		class  Class
		mtu    int
	}{
		{"10.9.0.7", 1450 - 28, Timeout, 1450}, {"10.9.0.7", 1450 - 27, TooBig, 1450}, {"127.0.0.1", 1400 - 28, OK, 1400}, {"127.0.0.1", 1400 - 27, TooBig, 1400}, {"127.0.0.1", 3, OK, 1400},
	} {
		got := there.attempt(Request{Kind: "ping", Target: c.target, Size: c.size, TimeoutMs: 200})
		if got.Class != c.class || got.Ping.DeviceMtu != c.mtu || got.Ping.PathMtu != c.mtu {
			t.Errorf("%d bytes to %s: %s %s %+v", c.size, c.target, got.Class, got.Detail, got.Ping)
		}
		if (got.Class == TooBig) != (got.Errno == "EMSGSIZE" && got.Ping.Refused == "here") {
			t.Errorf("%d bytes to %s: %s %+v", c.size, c.target, got.Errno, got.Ping)
		}
	}
	for target, size := range map[string]int{"::1": 8, "localhost": 8, "127.0.0.1": 70_000} {
		if got := there.attempt(Request{Kind: "ping", Target: target, Size: size}); got.Class != Error {
			t.Errorf("%s %d: %s", target, size, got.Class)
		}
	}
}
