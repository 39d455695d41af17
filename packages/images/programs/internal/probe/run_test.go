package probe

import (
	"fmt"
	"net"
	"testing"
	"time"

	"hoplab.dev/programs/internal/dnswire"
)

func results(requests ...Request) map[string]Result {
	found := map[string]Result{}
	Run(Batch{Batch: "b", Probes: requests}, "/proc", func(result Result) { found[result.ID] = result })
	return found
}

func TestRunMakesEveryConnectionOnce(t *testing.T) {
	accepted := make(chan struct{}, 1000)
	target := serve(t, func(conn net.Conn) { accepted <- struct{}{}; _ = conn.Close() })
	got := results(Request{ID: "a", Nonce: "n", From: From{Node: true}, Kind: "tcp", Target: target, Count: 50, Parallel: 8})["a"]
	nonces := map[string]bool{}
	for _, connection := range got.Connections {
		nonces[connection.Nonce] = true
	}
	if got.Class != OK || len(nonces) != 50 {
		t.Errorf("%s, %d nonces", got.Class, len(nonces))
	}
	for range 50 {
		<-accepted
	}
	if len(accepted) > 0 {
		t.Errorf("%d connections too many", len(accepted))
	}
}

func TestAProbeGivesUpAfterSoManyConnectionsWithoutAnAnswer(t *testing.T) {
	silent := serve(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)); time.Sleep(time.Second) })
	answering := serve(t, func(conn net.Conn) { _ = conn.Close() })
	got := results(
		Request{ID: "one by one", Nonce: "n", From: From{Node: true}, Kind: "http", Target: silent, Count: 20, TimeoutMs: 50, GiveUpAfter: 2},
		Request{ID: "many at once", Nonce: "m", From: From{Node: true}, Kind: "http", Target: silent, Count: 20, Parallel: 8, TimeoutMs: 50, GiveUpAfter: 8},
		Request{ID: "never", Nonce: "o", From: From{Node: true}, Kind: "http", Target: silent, Count: 3, TimeoutMs: 50},
		Request{ID: "answered", Nonce: "p", From: From{Node: true}, Kind: "tcp", Target: answering, Count: 20, TimeoutMs: 500, GiveUpAfter: 1},
	)
	for id, want := range map[string][2]int{"one by one": {2, 2}, "many at once": {8, 15}, "never": {3, 3}, "answered": {20, 20}} {
		if made := len(got[id].Connections); made < want[0] || made > want[1] {
			t.Errorf("%s: %d connections, want %v", id, made, want)
		}
		for index, connection := range got[id].Connections {
			if connection.Nonce != fmt.Sprintf("%s.%d", got[id].Nonce, index) {
				t.Errorf("%s: connection %d is %q", id, index, connection.Nonce)
			}
		}
	}
	if got["one by one"].Class != Timeout || got["answered"].Class != OK {
		t.Errorf("%+v", got)
	}
}

func TestProbesThatOnlyWaitKeepNoTurnFromOthers(t *testing.T) {
	silent := serve(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)); time.Sleep(10 * time.Second); _ = conn.Close() })
	var requests []Request
	for index := range 3 * turnsAtOnce {
		requests = append(requests, Request{ID: fmt.Sprint(index), Nonce: "n", From: From{Node: true}, Kind: "http", Target: silent, TimeoutMs: 2000})
	}
	start := time.Now()
	got := results(requests...)
	// One after the other in turns of two seconds they would take six.
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	for _, request := range requests {
		if got[request.ID].Class != Timeout {
			t.Errorf("%s: %+v", request.ID, got[request.ID])
		}
	}
	if len(got) != 3*turnsAtOnce {
		t.Errorf("%d results", len(got))
	}
}

func TestWhatCannotBeCarriedOutIsAnError(t *testing.T) {
	got := results(
		Request{ID: "pod", From: From{PodUID: "00000000-0000-0000-0000-000000000000"}, Kind: "tcp", Target: "127.0.0.1:1"},
		Request{ID: "from", Kind: "tcp", Target: "127.0.0.1:1"},
		Request{ID: "kind", From: From{Node: true}, Kind: "icmp"},
		Request{ID: "type", From: From{Node: true}, Kind: "dns", Name: "x.", Type: "MX", Server: "127.0.0.1:53"},
	)
	for id, want := range map[string]string{"pod": "pod not found", "from": "from names neither a Pod nor the node", "kind": `kind "icmp" is not known`, "type": `type "MX" is not known`} {
		if got[id].Class != Error || got[id].Detail != want {
			t.Errorf("%s: %+v", id, got[id])
		}
	}
}

// nameServer answers over UDP on loopback: A records for names in known, NXDOMAIN else.
func nameServer(t *testing.T, known map[string][4]byte) string {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		buffer := make([]byte, 512)
		for {
			length, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			answer := append([]byte{}, buffer[:length]...)
			answer[2] |= 0x80
			answer[3] = 3
			for name, address := range known {
				query, _ := dnswire.Query(0, name, 1)
				if string(query[12:]) == string(answer[12:]) {
					answer[3], answer[7] = 0, 1
					answer = append(append(answer, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4), address[:]...)
				}
			}
			_, _ = socket.WriteTo(answer, from)
		}
	}()
	return socket.LocalAddr().String()
}

func TestResolveWalksTheSearchList(t *testing.T) {
	server := nameServer(t, map[string][4]byte{"hello.svc.local.": {10, 0, 0, 1}})
	conf := resolver{search: []string{"lab.svc.local", "svc.local"}, ndots: 5}
	request := withDefaults(Request{Name: "hello", Server: server, TimeoutMs: 500})
	class, _, found := resolve(request, conf)
	if class != OK || found.Name != "hello.svc.local." || len(found.Tried) != 2 || found.Answers[0].Data != "10.0.0.1" {
		t.Errorf("%s %+v", class, found)
	}
	request.Name = "absent"
	if class, _, found := resolve(request, conf); class != NoName || found.Rcode != "NXDOMAIN" || len(found.Tried) != 3 {
		t.Errorf("%s %+v", class, found)
	}
}

// cutServer says over UDP that its answer did not fit, and answers over TCP.
func cutServer(t *testing.T) string {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	listener, err := net.Listen("tcp", socket.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	answerTo := func(query []byte, truncated bool) []byte {
		said := append([]byte{}, query...)
		said[2] |= 0x80
		if truncated {
			said[2] |= 2
			return said
		}
		said[7] = 1
		return append(said, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 0, 0, 9)
	}
	go func() {
		buffer := make([]byte, 512)
		for {
			length, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = socket.WriteTo(answerTo(buffer[:length], true), from)
		}
	}()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 512)
			length, _ := conn.Read(buffer)
			said := answerTo(buffer[2:length], false)
			_, _ = conn.Write(append([]byte{byte(len(said) >> 8), byte(len(said))}, said...))
			_ = conn.Close()
		}
	}()
	return socket.LocalAddr().String()
}

func TestAnAnswerThatDidNotFitIsAskedForOverTCP(t *testing.T) {
	request := withDefaults(Request{Name: "big.local.", Server: cutServer(t), TimeoutMs: 500})
	if class, detail, found := resolve(request, resolver{}); class != OK || found.Transport != "tcp" || found.Truncated || len(found.Answers) != 1 {
		t.Errorf("%s %s %+v", class, detail, found)
	}
	request.Transport = "udp"
	if _, _, found := resolve(request, resolver{}); found.Transport != "udp" || !found.Truncated {
		t.Errorf("%+v", found)
	}
	request.Transport = "sctp"
	if class, _, _ := resolve(request, resolver{}); class != Error {
		t.Error(class)
	}
}

func TestPodWithoutUsableNameServer(t *testing.T) {
	for _, server := range []string{"", "garbage", "999.1.1.1"} {
		class, detail, found := resolve(Request{Name: "web", TimeoutMs: 200}, resolver{server: server})
		if class != NoName || found == nil || detail == "" {
			t.Errorf("name server %q: %s %q %v", server, class, detail, found)
		}
	}
}
