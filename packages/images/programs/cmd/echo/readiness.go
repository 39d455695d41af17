package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

// readiness is switched by a file, which an exec into the Pod makes, or by a request; either makes the Pod unready without a
// restart.
type readiness struct {
	unreadyFile string
	toldUnready atomic.Bool
}

// healthz follows the file alone, so that a liveness probe is not something that a request can fail.
func (r *readiness) healthz(response http.ResponseWriter, _ *http.Request) {
	if _, err := os.Stat(r.unreadyFile); err == nil {
		http.Error(response, "unready: "+r.unreadyFile+" exists", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(response, "ok\n")
}

func (r *readiness) readyz(response http.ResponseWriter, request *http.Request) {
	if r.toldUnready.Load() {
		http.Error(response, "unready: told so", http.StatusServiceUnavailable)
		return
	}
	r.healthz(response, request)
}

// set takes "ready" or "unready" as the body.
func (r *readiness) set(response http.ResponseWriter, request *http.Request) {
	word, _ := io.ReadAll(io.LimitReader(request.Body, 16))
	switch strings.TrimSpace(string(word)) {
	case "ready":
		r.toldUnready.Store(false)
	case "unready":
		r.toldUnready.Store(true)
	default:
		http.Error(response, `say "ready" or "unready"`, http.StatusBadRequest)
		return
	}
	_, _ = io.WriteString(response, "ok\n")
}
