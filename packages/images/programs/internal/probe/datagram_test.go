package probe

import (
	"encoding/json"
	"net"
	"testing"

	"hoplab.dev/programs/internal/answer"
)

func TestAHeldFlowKeepsItsSocketAndTellsEachAnswer(t *testing.T) {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ports := make(chan string, 100)
	go func() {
		buffer := make([]byte, 1024)
		var late []byte
		for number := 0; ; number++ {
			length, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			ports <- from.String()
			said, _ := json.Marshal(answer.Answer{Mark: answer.Mark, Pod: "p", Nonce: string(buffer[:length])})
			// The third question stays without an answer in time, and the fourth gets that one first.
			if number == 2 {
				late = said
				continue
			}
			if late != nil {
				_, _ = socket.WriteTo(late, from)
				late = nil
			}
			_, _ = socket.WriteTo(said, from)
			if number == 5 {
				_ = socket.Close()
			}
		}
	}()
	got := attempt(withDefaults(Request{Kind: "udp", Target: socket.LocalAddr().String(), Datagrams: 8, EveryMs: 5, TimeoutMs: 500}), "n.0")
	want := []Class{OK, OK, Timeout, OK, OK, OK, Refused, Refused}
	if got.Class != Timeout || len(got.Flow) != len(want) {
		t.Fatalf("%s %+v", got.Class, got.Flow)
	}
	for index, one := range got.Flow {
		if one.Class != want[index] || (one.Class == OK) != (one.Echo != nil && one.Echo.Nonce == one.Nonce) {
			t.Errorf("%d: %+v %+v", index, one, one.Echo)
		}
	}
	for range 6 {
		if port := <-ports; port != got.Local {
			t.Errorf("asked from %s and %s", port, got.Local)
		}
	}
}
