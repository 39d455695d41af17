package probe

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"hoplab.dev/programs/internal/dnswire"
)

// resolve asks the candidates one after the other until one has records of the type asked for. It must run inside the
// namespace it is to start from. Each question gets the whole time-out; none is repeated.
func resolve(request Request, conf resolver) (Class, string, *DNS) {
	kind, known := dnswire.Types[orElse(request.Type, "A")]
	if !known {
		return Error, fmt.Sprintf("type %q is not known", request.Type), nil
	}
	if transport := request.Transport; transport != "" && transport != "udp" && transport != "tcp" {
		return Error, fmt.Sprintf("transport %q is not known", transport), nil
	}
	found := &DNS{Server: request.Server, Answers: []dnswire.Record{}, Tried: []string{}}
	if found.Server == "" {
		// The Pod's own file, which it may write: what it lacks is the Pod's trouble, not the probe's.
		if net.ParseIP(conf.server) == nil {
			return NoName, fmt.Sprintf("resolv.conf names no server that could be asked: %q", conf.server), found
		}
		found.Server = net.JoinHostPort(conf.server, "53")
	}
	for _, name := range conf.candidates(request.Name) {
		found.Name = name
		found.Tried = append(found.Tried, name)
		answer, transport, err := askWhole(request, found.Server, name, kind)
		found.Transport = transport
		if err != nil {
			return classOf(err), err.Error(), found
		}
		found.Rcode, found.Answers, found.Truncated = answer.Rcode, append([]dnswire.Record{}, answer.Records...), answer.Truncated
		if answer.Rcode == "NOERROR" && hasType(answer.Records, orElse(request.Type, "A")) {
			return OK, "", found
		}
	}
	detail := "no such name: " + found.Rcode
	if found.Rcode == "NOERROR" {
		detail = "the name has no records of this type"
	}
	return NoName, detail, found
}

func hasType(records []dnswire.Record, kind string) bool {
	for _, record := range records {
		if record.Type == kind {
			return true
		}
	}
	return false
}

// askWhole asks over the transport wanted; with none wanted over UDP, and again over TCP when the answer did not fit, as
// resolvers must (RFC 7766 section 5). It returns the transport of the answer.
func askWhole(request Request, server, name string, kind uint16) (dnswire.Answer, string, error) {
	answer, err := ask(request, orElse(request.Transport, "udp"), server, name, kind)
	if err == nil && answer.Truncated && request.Transport == "" {
		answer, err = ask(request, "tcp", server, name, kind)
		return answer, "tcp", err
	}
	return answer, orElse(request.Transport, "udp"), err
}

// ask puts one question over a fresh socket.
func ask(request Request, network, server, name string, kind uint16) (dnswire.Answer, error) {
	bound := time.Now().Add(time.Duration(request.TimeoutMs) * time.Millisecond)
	id := uint16(rand.UintN(1 << 16))
	query, err := dnswire.Query(id, name, kind)
	if err != nil {
		return dnswire.Answer{}, err
	}
	conn, err := (&net.Dialer{Deadline: bound, KeepAlive: -1}).Dial(network, server)
	if err != nil {
		return dnswire.Answer{}, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(bound)
	if network == "tcp" {
		return askStream(conn, query, id)
	}
	return askDatagram(conn, query, id)
}

// askDatagram waits for the datagram that carries our id; others are strays.
func askDatagram(conn net.Conn, query []byte, id uint16) (dnswire.Answer, error) {
	if _, err := conn.Write(query); err != nil {
		return dnswire.Answer{}, err
	}
	buffer := make([]byte, 64<<10)
	for {
		length, err := conn.Read(buffer)
		if err != nil {
			return dnswire.Answer{}, err
		}
		answer, err := dnswire.Parse(buffer[:length])
		if err == nil && answer.ID == id {
			return answer, nil
		}
	}
}

// askStream uses the two-byte length of RFC 1035 4.2.2.
func askStream(conn net.Conn, query []byte, id uint16) (dnswire.Answer, error) {
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(query))), query...)
	if _, err := conn.Write(framed); err != nil {
		return dnswire.Answer{}, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return dnswire.Answer{}, err
	}
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, message); err != nil {
		return dnswire.Answer{}, err
	}
	answer, err := dnswire.Parse(message)
	if err == nil && answer.ID != id {
		err = fmt.Errorf("answer to another question")
	}
	return answer, err
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
