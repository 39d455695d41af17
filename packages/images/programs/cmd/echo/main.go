// Command echo is the workload of the labs. As a server it tells each client who answered and from where it was asked, over
// HTTP and UDP; "echo client URL" asks one and prints the answer.
//
// Environment: ECHO_LISTEN=:8080,127.0.0.1:8081 addresses to listen on, with TCP and UDP alike (default :8080); "none" makes it
// an idle Pod. ECHO_UNREADY_FILE (default /tmp/unready): while this file exists, /healthz and /readyz answer 503.
//
// Over HTTP: any path answers with an Answer, of a body its length and hash; ?bytes=N answers with N bytes instead. GET /readyz
// says whether the Pod is ready, PUT /readyz with the body "unready" or "ready" switches it. ?late=N adds the longest time within
// the last N milliseconds that the Pod waited for a processor.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
	}
	if err := serve(); err != nil {
		log.Fatal(err)
	}
}

// serve answers on every address of ECHO_LISTEN until SIGTERM; open requests get two seconds to finish.
func serve() error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	failed := make(chan error, 1)
	late := &lateness{}
	go late.watch(stop.Done())
	handler := newHandler(hostname(), &readiness{unreadyFile: unreadyFile()}, late)
	var servers []*http.Server
	for _, address := range listenAddresses(os.Getenv("ECHO_LISTEN")) {
		server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		packets, err := listenDatagrams(address)
		if err != nil {
			return err
		}
		go answerDatagrams(packets, hostname())
		go func() {
			if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		}()
		servers = append(servers, server)
		fmt.Println("listening on", address)
	}
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	grace, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	for _, server := range servers {
		_ = server.Shutdown(grace)
	}
	return nil
}

// listenAddresses reads ECHO_LISTEN; a bare number is a port on every address.
func listenAddresses(value string) []string {
	if value == "" {
		value = ":8080"
	}
	if value == "none" {
		return nil
	}
	addresses := strings.Split(value, ",")
	for i, address := range addresses {
		address = strings.TrimSpace(address)
		if !strings.Contains(address, ":") {
			address = ":" + address
		}
		addresses[i] = address
	}
	return addresses
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

func unreadyFile() string {
	if path := os.Getenv("ECHO_UNREADY_FILE"); path != "" {
		return path
	}
	return "/tmp/unready"
}
