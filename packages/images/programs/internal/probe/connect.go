package probe

import (
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"time"

	"hoplab.dev/programs/internal/answer"
)

// echoLimit is how much of a body is looked at, in bytes.
const echoLimit = 4 << 10

// attempts are the kinds of probe that make connections. Each must run inside the namespace it is to start from.
var attempts = map[string]func(Request, *Connection){"http": attemptHTTP, "tcp": attemptTCP, "udp": attemptUDP, "ping": attemptPing}

// attempt makes one fresh connection.
func attempt(request Request, nonce string) Connection {
	start := time.Now()
	result := Connection{Nonce: nonce, Class: OK}
	attempts[request.Kind](request, &result)
	result.TotalMs = milliseconds(start)
	return result
}

// fail ends an attempt with what the kernel said.
func (result *Connection) fail(err error) {
	result.Class, result.Detail, result.Errno = classOf(err), err.Error(), errnoOf(err)
}

// cannot ends an attempt that could not be carried out.
func (result *Connection) cannot(detail string) {
	result.Class, result.Detail = Error, detail
}

// dial opens a connection that TimeoutMs bounds as a whole; nil after it failed, which the result then tells.
func dial(network string, request Request, result *Connection) net.Conn {
	if _, err := netip.ParseAddrPort(request.Target); err != nil {
		result.cannot("the target is no ip:port")
		return nil
	}
	start := time.Now()
	bound := start.Add(time.Duration(request.TimeoutMs) * time.Millisecond)
	var twin twin
	defer twin.close()
	conn, err := (&net.Dialer{Deadline: bound, KeepAlive: -1, Control: twin.keep}).Dial(network, request.Target)
	if err != nil {
		result.fail(err)
		if result.Class == Timeout {
			result.SentFrom = twin.end()
		}
		return nil
	}
	twin.close()
	_ = conn.SetDeadline(bound)
	result.ConnectMs = milliseconds(start)
	result.Local, result.Remote = conn.LocalAddr().String(), conn.RemoteAddr().String()
	return conn
}

func attemptTCP(request Request, result *Connection) {
	if conn := dial("tcp", request, result); conn != nil {
		_ = conn.Close()
	}
}

// echoIn reads an answer of the echo program; nil for anything else.
func echoIn(body []byte) *answer.Answer {
	var found answer.Answer
	if len(body) > echoLimit || json.Unmarshal(body, &found) != nil || found.Mark != answer.Mark {
		return nil
	}
	return &found
}

// readUpTo reads at most limit bytes and one more, by which a longer text is known.
func readUpTo(from io.Reader, limit int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(from, limit+1))
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since).Microseconds()) / 1000
}
