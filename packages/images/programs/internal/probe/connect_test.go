package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve answers every connection on loopback with what handle does, until the test ends.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go handle(conn)
		}
	}()
	return listener.Addr().String()
}

func ask1(kind, target string) Connection {
	return attempt(withDefaults(Request{Kind: kind, Target: target, TimeoutMs: 300}), "n.0")
}

func TestClassesOfConnections(t *testing.T) {
	silent := serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	closing := serve(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1024)); _ = conn.Close() })
	resetting := serve(t, func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0); _ = conn.Close() })
	babbling := serve(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-x\r\n"); _ = conn.Close() })
	gone, _ := net.Listen("tcp", "127.0.0.1:0")
	_ = gone.Close()
	cases := []struct {
		name, kind, target string
		want               Class
	}{
		{"nobody listens", "tcp", gone.Addr().String(), Refused},
		{"nobody listens", "udp", gone.Addr().String(), Refused},
		{"never answers", "http", silent, Timeout},
		{"never answers", "tcp", silent, OK},
		{"closes without a word", "http", closing, Reset},
		{"resets", "http", resetting, Reset},
		{"speaks something else", "http", babbling, OK},
		{"a name is not resolved", "tcp", "localhost:80", Error},
		{"no route", "tcp", "[2001:db8::1]:80", Unreachable},
	}
	for _, c := range cases {
		if c.want == Unreachable && hasIPv6Route() {
			continue
		}
		if got := ask1(c.kind, c.target); got.Class != c.want {
			t.Errorf("%s (%s): %s, want %s: %s", c.name, c.kind, got.Class, c.want, got.Detail)
		}
	}
}

func hasIPv6Route() bool {
	conn, err := net.Dial("udp", "[2001:db8::1]:80")
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func TestEchoIsReadAndNothingElse(t *testing.T) {
	body := `{"echo":1,"pod":"p","nonce":"n.0","remote":"r","local":"l"}`
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if in.URL.Path == "/big" {
			_, _ = io.WriteString(out, strings.Repeat(" ", 5<<10)+body)
			return
		}
		if in.URL.Path == "/lie" {
			_, _ = fmt.Fprintf(out, "%s\n{\"end\":\"b\",\"count\":1}\n", body)
			return
		}
		if in.Header.Get("X-Hoplab-Nonce") != "n.0" || in.Host != "web.example" {
			out.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(out, body)
	}))
	defer server.Close()
	request := withDefaults(Request{Kind: "http", Target: server.Listener.Addr().String(), Host: "web.example\r\nX-Evil: 1"})
	if got := attempt(request, "n.0"); got.Echo != nil && got.Status == 200 {
		t.Error("a line break in the host made a header of its own")
	}
	request.Host = "web.example"
	got := attempt(request, "n.0")
	if got.Class != OK || got.Status != 200 || got.Echo == nil || got.Echo.Pod != "p" || got.Local == "" {
		t.Errorf("%+v", got)
	}
	for _, path := range []string{"/big", "/lie"} {
		request.Path = path
		if got := attempt(request, "n.0"); got.Class != OK || got.Echo != nil {
			t.Errorf("%s: %+v", path, got)
		}
	}
}
