package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hoplab.dev/programs/internal/answer"
)

func TestAnswerTellsBothEndsAndGivesTheNonceBack(t *testing.T) {
	server := httptest.NewServer(newHandler("pod-1", &readiness{unreadyFile: "/absent"}, &lateness{}))
	defer server.Close()
	var out strings.Builder
	if code := command([]string{"client", server.URL + "/a/b?nonce=n1"}, &out, os.Stderr); code != 0 {
		t.Fatal(code)
	}
	var got answer.Answer
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Mark != 1 || got.Pod != "pod-1" || got.Nonce != "n1" || got.Path != "/a/b" || got.Local != server.Listener.Addr().String() || got.Remote == "" {
		t.Errorf("%+v", got)
	}
}

func TestUnreadyWhileTheFileExists(t *testing.T) {
	file := filepath.Join(t.TempDir(), "unready")
	handler := newHandler("p", &readiness{unreadyFile: file}, &lateness{})
	expect := func(when, method, path, body string, want int) {
		t.Helper()
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
		if recorder.Code != want {
			t.Errorf("%s: %s %s answered %d", when, method, path, recorder.Code)
		}
	}
	expect("at first", "GET", "/healthz", "", 200)
	expect("at first", "GET", "/readyz", "", 200)
	expect("a word that is none", "PUT", "/readyz", "no", 400)
	expect("still", "GET", "/readyz", "", 200)
	expect("switch off", "PUT", "/readyz", "unready\n", 200)
	expect("told unready", "GET", "/readyz", "", 503)
	expect("alive all the same", "GET", "/healthz", "", 200)
	expect("switch on", "PUT", "/readyz", "ready", 200)
	expect("told ready", "GET", "/readyz", "", 200)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect("with the file", "GET", "/healthz", "", 503)
	expect("with the file", "GET", "/readyz", "", 503)
}

func TestBodiesAreHashedBothWays(t *testing.T) {
	server := httptest.NewServer(newHandler("pod-1", &readiness{unreadyFile: "/absent"}, &lateness{}))
	defer server.Close()
	ask := func(path, body string) (*http.Response, []byte) {
		request, _ := http.NewRequest("POST", server.URL+path, strings.NewReader(body))
		request.Header.Set(answer.NonceHeader, "n")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got, _ := io.ReadAll(response.Body)
		return response, got
	}
	const ofAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	var said answer.Answer
	if _, got := ask("/", "abc"); json.Unmarshal(got, &said) != nil || said.Bytes != 3 || said.Sha256 != ofAbc {
		t.Errorf("%s", got)
	}
	response, got := ask("/?bytes=300000", "abc")
	sum := sha256.Sum256(got)
	want, _ := io.ReadAll(answer.Filler(answer.ToClient, "n", 300_000))
	if !bytes.Equal(got, want) || response.Trailer.Get(answer.HashTrailer) != hex.EncodeToString(sum[:]) {
		t.Errorf("%d bytes, trailer %v", len(got), response.Trailer)
	}
	said = answer.Answer{}
	if json.Unmarshal([]byte(response.Header.Get(answer.Header)), &said) != nil || said.Sha256 != ofAbc || said.Nonce != "n" {
		t.Errorf("%+v", said)
	}
	for _, wrong := range []string{"-1", "x", "99999999999"} {
		if response, _ := ask("/?bytes="+wrong, ""); response.StatusCode != 400 {
			t.Errorf("bytes=%s: %d", wrong, response.StatusCode)
		}
	}
}

func TestDatagramsAreAnswered(t *testing.T) {
	// The second listens on every address; it must still tell, and answer from, the one that was asked.
	for _, listen := range []string{"127.0.0.1:0", ":0"} {
		packets, err := listenDatagrams(listen)
		if err != nil {
			t.Fatal(err)
		}
		defer packets.Close()
		go answerDatagrams(packets, "pod-1")
		asked := fmt.Sprintf("127.0.0.1:%d", packets.LocalAddr().(*net.UDPAddr).Port)
		if listen == ":0" {
			asked = strings.Replace(asked, "127.0.0.1", "127.0.0.9", 1)
		}
		client, err := net.Dial("udp", asked)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		_ = client.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = client.Write([]byte("n2"))
		buffer := make([]byte, 4096)
		length, err := client.Read(buffer)
		var got answer.Answer
		if err != nil || json.Unmarshal(buffer[:length], &got) != nil || got.Nonce != "n2" || got.Remote != client.LocalAddr().String() || got.Local != asked {
			t.Errorf("%s: %v %+v", listen, err, got)
		}
	}
}

func TestListenAddresses(t *testing.T) {
	for value, want := range map[string][]string{"": {":8080"}, "none": nil, "80, :81,127.0.0.1:82": {":80", ":81", "127.0.0.1:82"}} {
		if got := listenAddresses(value); !slices.Equal(got, want) {
			t.Errorf("%q: %q", value, got)
		}
	}
}
