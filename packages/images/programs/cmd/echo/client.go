package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const usage = `usage: echo                 answer on the addresses of ECHO_LISTEN
       echo client URL      ask once and print the answer (exit 1 when there is none within 10 s)`

// command runs one word of the command line and returns the exit code.
func command(words []string, stdout, stderr io.Writer) int {
	if len(words) != 2 || words[0] != "client" {
		fmt.Fprintln(stderr, usage)
		return 2
	}
	if err := ask(words[1], stdout); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// ask makes one request over a fresh connection and copies the answer, at most 64 KiB of it.
func ask(url string, out io.Writer) error {
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	bound, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(bound, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(out, io.LimitReader(response.Body, 64*1024)); err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		return fmt.Errorf("status %s", response.Status)
	}
	return nil
}
