package dnswire

import (
	"encoding/binary"
	"strings"
	"testing"
)

// reply makes an answer to a query for name with one raw record: compressed owner name, type, TTL 30, data.
func reply(t *testing.T, name string, kind uint16, rcode byte, data []byte) []byte {
	t.Helper()
	message, err := Query(7, name, kind)
	if err != nil {
		t.Fatal(err)
	}
	message[2] |= 0x80
	message[3] = rcode
	if data == nil {
		return message
	}
	binary.BigEndian.PutUint16(message[6:], 1)
	message = append(message, 0xC0, 12)
	message = binary.BigEndian.AppendUint16(message, kind)
	message = append(message, 0, 1, 0, 0, 0, 30)
	message = binary.BigEndian.AppendUint16(message, uint16(len(data)))
	return append(message, data...)
}

func TestParse(t *testing.T) {
	cases := []struct {
		name, kind string
		data       []byte
		want       string
	}{
		{"hello.default.svc.cluster.local.", "A", []byte{10, 96, 0, 5}, "10.96.0.5"},
		{"hello.", "AAAA", append(make([]byte, 15), 1), "::1"},
		{"hello.", "CNAME", []byte{2, 'h', 'i', 0xC0, 12}, "hi.hello."},
		{"5.0.96.10.in-addr.arpa.", "PTR", []byte{2, 'h', 'i', 0}, "hi."},
		{"_http._tcp.hello.", "SRV", []byte{0, 0, 0, 100, 0, 80, 2, 'h', 'i', 0}, "0 100 80 hi."},
	}
	for _, c := range cases {
		answer, err := Parse(reply(t, c.name, Types[c.kind], 0, c.data))
		if err != nil || len(answer.Records) != 1 {
			t.Fatalf("%s: %v %v", c.kind, answer, err)
		}
		got := answer.Records[0]
		if got.Data != c.want || got.Name != c.name || got.Type != c.kind || got.TTL != 30 || answer.ID != 7 {
			t.Errorf("%s: got %+v", c.kind, got)
		}
	}
}

func TestRcode(t *testing.T) {
	for code, want := range map[byte]string{0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 11: "RCODE11"} {
		answer, err := Parse(reply(t, "x.", 1, code, nil))
		if err != nil || answer.Rcode != want {
			t.Errorf("%d: %q %v", code, answer.Rcode, err)
		}
	}
}

func TestHostileMessagesEnd(t *testing.T) {
	good := reply(t, "hello.", 1, 0, []byte{1, 2, 3, 4})
	for length := range good {
		if answer, err := Parse(good[:length]); err == nil && len(answer.Records) > 0 {
			t.Errorf("cut at %d: %+v", length, answer)
		}
	}
	loop := reply(t, "hello.", Types["CNAME"], 0, []byte{0xC0, 0xFF})
	binary.BigEndian.PutUint16(loop[len(loop)-2:], 0xC000|uint16(len(loop)-2))
	if _, err := Parse(loop); err == nil {
		t.Error("a name that points at itself was read")
	}
	if _, err := Parse(make([]byte, 12)); err == nil {
		t.Error("a query was taken for an answer")
	}
}

func TestQueryRefusesWhatIsNoName(t *testing.T) {
	for _, name := range []string{"", ".", "a..b", strings.Repeat("a", 64), strings.Repeat("abcdefg.", 40)} {
		if message, err := Query(1, name, 1); err == nil {
			t.Errorf("%q became %v", name, message)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0, 7, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0xC0, 12})
	f.Fuzz(func(_ *testing.T, message []byte) { _, _ = Parse(message) })
}
