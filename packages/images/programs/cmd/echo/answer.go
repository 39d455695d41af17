package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
)

// Answer is what a client is told, as one line of JSON. Its first member marks it as an answer of this program.
type Answer struct {
	Echo int `json:"echo"`
	// Pod is the name of the Pod that answered: its hostname.
	Pod string `json:"pod"`
	// Nonce comes back as the client gave it: header X-Hoplab-Nonce, else query parameter nonce; over UDP the whole datagram.
	Nonce string `json:"nonce"`
	// Remote and Local are the two ends of the connection as the server's kernel tells them.
	Remote string `json:"remote"`
	Local  string `json:"local"`
	Host   string `json:"host,omitempty"`
	Path   string `json:"path,omitempty"`
	// Bytes is the length of the request's body.
	Bytes int64 `json:"bytes"`
	// ForwardedFor is the header of that name: what proxies on the way claim.
	ForwardedFor string `json:"forwardedFor,omitempty"`
}

// nonceLimit bounds what is repeated to a client, in bytes.
const nonceLimit = 256

func newHandler(pod, unready string) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", func(response http.ResponseWriter, _ *http.Request) {
		if _, err := os.Stat(unready); err == nil {
			http.Error(response, "unready: "+unready+" exists", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(response, "ok\n")
	})
	routes.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		read, _ := io.Copy(io.Discard, request.Body)
		response.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(response).Encode(answerTo(request, pod, read))
	})
	return routes
}

func answerTo(request *http.Request, pod string, read int64) Answer {
	nonce := request.Header.Get("X-Hoplab-Nonce")
	if nonce == "" {
		nonce = request.URL.Query().Get("nonce")
	}
	local := ""
	if address, ok := request.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		local = address.String()
	}
	return Answer{
		Echo: 1, Pod: pod, Nonce: cut(nonce), Remote: request.RemoteAddr, Local: local, Host: request.Host,
		Path: request.URL.Path, Bytes: read, ForwardedFor: request.Header.Get("X-Forwarded-For"),
	}
}

// answerDatagrams answers each datagram with an Answer until the socket is closed.
func answerDatagrams(packets net.PacketConn, pod string) {
	buffer := make([]byte, 64*1024)
	for {
		length, from, err := packets.ReadFrom(buffer)
		if err != nil {
			return
		}
		answer, _ := json.Marshal(Answer{
			Echo: 1, Pod: pod, Nonce: cut(string(buffer[:length])), Remote: from.String(), Local: packets.LocalAddr().String(), Bytes: int64(length),
		})
		_, _ = packets.WriteTo(answer, from)
	}
}

func cut(nonce string) string {
	if len(nonce) > nonceLimit {
		return nonce[:nonceLimit]
	}
	return nonce
}
