package probe

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

func TestListenersAreFoundByTheirSockets(t *testing.T) {
	one, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	port := one.Addr().(*net.TCPAddr).Port
	every, err := net.ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer every.Close()
	udp := every.LocalAddr().(*net.UDPAddr).Port
	for _, c := range []struct {
		target, transport string
		count             int
	}{
		{fmt.Sprintf("127.0.0.1:%d", port), "", 1}, {fmt.Sprintf("127.0.0.2:%d", port), "tcp", 0}, {fmt.Sprintf("127.0.0.1:%d", port), "udp", 0},
		{fmt.Sprintf("127.0.0.7:%d", udp), "udp", 1},
	} {
		got := results(Request{ID: "a", From: From{Node: true}, Kind: "listeners", Target: c.target, Transport: c.transport})["a"]
		if got.Class != OK || len(got.Listeners) != c.count {
			t.Errorf("%+v: %s %s %+v", c, got.Class, got.Detail, got.Listeners)
			continue
		}
		for _, listener := range got.Listeners {
			if listener.Pid != os.Getpid() || !strings.HasSuffix(listener.Local, c.target[strings.LastIndex(c.target, ":"):]) {
				t.Errorf("%+v", listener)
			}
		}
	}
}

func TestProcAddress(t *testing.T) {
	for text, want := range map[string]string{
		"0100007F:1F90": "127.0.0.1:8080", "00000000:0050": "0.0.0.0:80", "00000000000000000000000001000000:0050": "[::1]:80",
		"0000000000000000FFFF00000100007F:0050": "127.0.0.1:80", "": "", "zz:zz": "",
	} {
		if got, ok := procAddress(text); ok != (want != "") || (ok && got.String() != want) {
			t.Errorf("%q: %s %v", text, got, ok)
		}
	}
}
