package probe

import (
	"fmt"
	"io"
	"net"
	"time"
)

// attemptUDP sends from one fresh socket. It is connected, so that a refusal (ICMP) is seen, and held for all datagrams of a
// flow: they keep their source port, by which connection tracking and a Service's choice go.
func attemptUDP(request Request, result *Connection) {
	conn := dial("udp", request, result)
	if conn == nil {
		return
	}
	defer conn.Close()
	if request.Datagrams == 1 {
		one := askOnce(conn, result.Nonce, request.TimeoutMs)
		result.Class, result.Detail, result.Errno, result.Echo = one.Class, one.Detail, one.Errno, one.Echo
		return
	}
	start := time.Now()
	for index := range request.Datagrams {
		time.Sleep(time.Until(start.Add(time.Duration(index*request.EveryMs) * time.Millisecond)))
		sent := milliseconds(start)
		one := askOnce(conn, fmt.Sprintf("%s.%d", result.Nonce, index), request.TimeoutMs)
		one.SentMs = sent
		result.Flow = append(result.Flow, one)
		if result.Class == OK && one.Class != OK {
			result.Class, result.Detail, result.Errno = one.Class, one.Detail, one.Errno
		}
	}
}

// askOnce sends a nonce and waits for the datagram that carries it back; a late answer to an earlier one is passed over. What
// is no answer of the echo program is an answer all the same.
func askOnce(conn net.Conn, nonce string, timeoutMs int) Datagram {
	start := time.Now()
	one := Datagram{Class: OK, Nonce: nonce}
	defer func() { one.TotalMs = milliseconds(start) }()
	_ = conn.SetDeadline(start.Add(time.Duration(timeoutMs) * time.Millisecond))
	buffer := make([]byte, echoLimit)
	_, err := io.WriteString(conn, nonce)
	for err == nil {
		var length int
		if length, err = conn.Read(buffer); err == nil {
			one.Echo = echoIn(buffer[:length])
			if one.Echo == nil || one.Echo.Nonce == nonce {
				return one
			}
		}
	}
	one.Echo = nil
	one.Class, one.Detail, one.Errno = classOf(err), err.Error(), errnoOf(err)
	return one
}
