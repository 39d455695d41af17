package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"hoplab.dev/programs/internal/answer"
)

const (
	// nonceLimit bounds what is repeated to a client, in bytes.
	nonceLimit = 256
	// fillerLimit bounds what a client may ask for, in bytes.
	fillerLimit = 64 << 20
)

func newHandler(pod string, ready *readiness, late *lateness) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", ready.healthz)
	routes.HandleFunc("GET /readyz", ready.readyz)
	routes.HandleFunc("PUT /readyz", ready.set)
	routes.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		hash := sha256.New()
		read, err := io.Copy(hash, request.Body)
		if err != nil {
			http.Error(response, "the body was cut", http.StatusBadRequest)
			return
		}
		said := answerTo(request, pod, read)
		said.LateMs = late.asked(request.URL.Query().Get("late"), time.Now())
		if read > 0 {
			said.Sha256 = hex.EncodeToString(hash.Sum(nil))
		}
		if wanted := request.URL.Query().Get("bytes"); wanted != "" {
			fill(response, said, wanted)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(response).Encode(said)
	})
	return routes
}

func answerTo(request *http.Request, pod string, read int64) answer.Answer {
	nonce := request.Header.Get(answer.NonceHeader)
	if nonce == "" {
		nonce = request.URL.Query().Get("nonce")
	}
	local := ""
	if address, ok := request.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		local = address.String()
	}
	return answer.Answer{
		Mark: answer.Mark, Pod: pod, Nonce: cut(nonce), Remote: request.RemoteAddr, Local: local, Host: request.Host,
		Path: request.URL.Path, Bytes: read, ForwardedFor: request.Header.Get("X-Forwarded-For"),
	}
}

// fill sends a body of the length asked for, which the request's nonce decides; the answer goes in a header, the body's hash
// in a trailer.
func fill(response http.ResponseWriter, said answer.Answer, wanted string) {
	length, err := strconv.ParseInt(wanted, 10, 64)
	if err != nil || length < 0 || length > fillerLimit {
		http.Error(response, fmt.Sprintf("bytes is a number up to %d", fillerLimit), http.StatusBadRequest)
		return
	}
	line, _ := json.Marshal(said)
	response.Header().Set(answer.Header, string(line))
	response.Header().Set("Content-Type", "application/octet-stream")
	response.Header().Set("Trailer", answer.HashTrailer)
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(response, hash), answer.Filler(answer.ToClient, said.Nonce, length)); err == nil {
		response.Header().Set(answer.HashTrailer, hex.EncodeToString(hash.Sum(nil)))
	}
}

func cut(nonce string) string {
	if len(nonce) > nonceLimit {
		return nonce[:nonceLimit]
	}
	return nonce
}
