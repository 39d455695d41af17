package main

import (
	"encoding/json"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAnswerTellsBothEndsAndGivesTheNonceBack(t *testing.T) {
	server := httptest.NewServer(newHandler("pod-1", "/absent"))
	defer server.Close()
	var out strings.Builder
	if code := command([]string{"client", server.URL + "/a/b?nonce=n1"}, &out, os.Stderr); code != 0 {
		t.Fatal(code)
	}
	var got Answer
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.Echo != 1 || got.Pod != "pod-1" || got.Nonce != "n1" || got.Path != "/a/b" || got.Local != server.Listener.Addr().String() || got.Remote == "" {
		t.Errorf("%+v", got)
	}
}

func TestUnreadyWhileTheFileExists(t *testing.T) {
	file := filepath.Join(t.TempDir(), "unready")
	handler := newHandler("p", file)
	status := func() int {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/healthz", nil))
		return recorder.Code
	}
	if got := status(); got != 200 {
		t.Error(got)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != 503 {
		t.Error(got)
	}
}

func TestDatagramsAreAnswered(t *testing.T) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	go answerDatagrams(packets, "pod-1")
	client, err := net.Dial("udp", packets.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, _ = client.Write([]byte("n2"))
	buffer := make([]byte, 4096)
	length, err := client.Read(buffer)
	var got Answer
	if err != nil || json.Unmarshal(buffer[:length], &got) != nil || got.Nonce != "n2" || got.Remote != client.LocalAddr().String() {
		t.Errorf("%v %+v", err, got)
	}
}

func TestListenAddresses(t *testing.T) {
	for value, want := range map[string][]string{"": {":8080"}, "none": nil, "80, :81,127.0.0.1:82": {":80", ":81", "127.0.0.1:82"}} {
		if got := listenAddresses(value); !slices.Equal(got, want) {
			t.Errorf("%q: %q", value, got)
		}
	}
}
