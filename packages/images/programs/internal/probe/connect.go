package probe

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// echoLimit is how much of a body is looked at, in bytes.
const echoLimit = 4 << 10

// attempt makes one fresh connection; it must run inside the namespace it is to start from.
func attempt(request Request, nonce string) Connection {
	start := time.Now()
	result := Connection{Nonce: nonce, Class: OK}
	defer func() { result.TotalMs = milliseconds(start) }()
	if _, err := netip.ParseAddrPort(request.Target); err != nil {
		return result.failed(Error, "the target is no ip:port")
	}
	bound := start.Add(time.Duration(request.TimeoutMs) * time.Millisecond)
	network := "tcp"
	if request.Kind == "udp" {
		network = "udp"
	}
	conn, err := (&net.Dialer{Deadline: bound, KeepAlive: -1}).Dial(network, request.Target)
	if err != nil {
		return result.failed(classOf(err), err.Error())
	}
	defer conn.Close()
	_ = conn.SetDeadline(bound)
	result.ConnectMs = milliseconds(start)
	result.Local, result.Remote = conn.LocalAddr().String(), conn.RemoteAddr().String()
	switch request.Kind {
	case "http":
		exchangeHTTP(conn, request, &result)
	case "udp":
		exchangeDatagram(conn, &result)
	}
	result.TotalMs = milliseconds(start)
	return result
}

func (result Connection) failed(class Class, detail string) Connection {
	result.Class, result.Detail = class, detail
	return result
}

// exchangeHTTP sends one request and reads at most echoLimit bytes of the body. Whatever answers is an answer: a server
// that does not speak HTTP leaves Status 0.
func exchangeHTTP(conn net.Conn, request Request, result *Connection) {
	if _, err := io.WriteString(conn, head(request, result.Nonce)); err != nil {
		*result = result.failed(classOf(err), err.Error())
		return
	}
	if request.BodyBytes > 0 {
		if _, err := io.CopyN(conn, filler{}, int64(request.BodyBytes)); err != nil {
			*result = result.failed(classOf(err), err.Error())
			return
		}
	}
	reader := bufio.NewReader(io.LimitReader(conn, 64<<10))
	if _, err := reader.Peek(1); err != nil {
		*result = result.failed(classOf(err), err.Error())
		return
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		result.Detail = "what answered does not speak HTTP"
		return
	}
	defer response.Body.Close()
	result.Status = response.StatusCode
	body, err := io.ReadAll(io.LimitReader(response.Body, echoLimit+1))
	if err != nil {
		*result = result.failed(classOf(err), err.Error())
		return
	}
	result.Echo = echoIn(body)
}

func head(request Request, nonce string) string {
	host, path, method := request.Host, request.Path, "GET"
	if host == "" {
		host = request.Target
	}
	if path == "" {
		path = "/"
	}
	length := ""
	if request.BodyBytes > 0 {
		method, length = "POST", fmt.Sprintf("Content-Length: %d\r\n", request.BodyBytes)
	}
	// A line break inside would make a second header of our own.
	clean := strings.NewReplacer("\r", "", "\n", "", " ", "%20")
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nX-Hoplab-Nonce: %s\r\nUser-Agent: hoplab-probe\r\n%sConnection: close\r\n\r\n",
		method, clean.Replace(path), clean.Replace(host), clean.Replace(nonce), length)
}

// exchangeDatagram sends the nonce and waits for one datagram. The socket is connected, so a refusal (ICMP) is seen.
func exchangeDatagram(conn net.Conn, result *Connection) {
	buffer := make([]byte, echoLimit)
	if _, err := io.WriteString(conn, result.Nonce); err != nil {
		*result = result.failed(classOf(err), err.Error())
		return
	}
	length, err := conn.Read(buffer)
	if err != nil {
		*result = result.failed(classOf(err), err.Error())
		return
	}
	result.Echo = echoIn(buffer[:length])
}

// echoIn reads an answer of the echo program; nil for anything else.
func echoIn(body []byte) *Echo {
	var answer struct {
		Mark int `json:"echo"`
		Echo
	}
	if len(body) > echoLimit || json.Unmarshal(body, &answer) != nil || answer.Mark != 1 {
		return nil
	}
	return &answer.Echo
}

// filler is an endless body.
type filler struct{}

func (filler) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = 'h'
	}
	return len(into), nil
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since).Microseconds()) / 1000
}
