package probe

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"hoplab.dev/programs/internal/answer"
)

func TestTransfersAreCountedAndHashedOnThisSide(t *testing.T) {
	const size = 1 << 20
	spoiled := false
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		hash := sha256.New()
		read, _ := io.Copy(hash, in.Body)
		line, _ := json.Marshal(answer.Answer{Mark: answer.Mark, Nonce: in.Header.Get(answer.NonceHeader), Bytes: read, Sha256: hex.EncodeToString(hash.Sum(nil))})
		if in.URL.Query().Get("bytes") == "" {
			_, _ = out.Write(line)
			return
		}
		if in.URL.Query().Get("bytes") != "1048576" {
			t.Error(in.URL)
		}
		out.Header().Set(answer.Header, string(line))
		out.Header().Set("Trailer", answer.HashTrailer)
		nonce := in.Header.Get(answer.NonceHeader)
		if spoiled {
			nonce += "x"
		}
		_, _ = io.Copy(out, answer.Filler(answer.ToClient, nonce, size))
		out.Header().Set(answer.HashTrailer, sumOf(answer.ToClient, "n.0", size))
	}))
	defer server.Close()
	request := withDefaults(Request{Kind: "http", Target: server.Listener.Addr().String(), Path: "/x?y=z", BodyBytes: size, AnswerBytes: size})
	got := attempt(request, "n.0")
	want := Transfer{size, sumOf(answer.ToServer, "n.0", size), size, sumOf(answer.ToClient, "n.0", size), sumOf(answer.ToClient, "n.0", size), sumOf(answer.ToClient, "n.0", size)}
	if got.Class != OK || got.Transfer == nil || *got.Transfer != want || got.Echo == nil || got.Echo.Sha256 != want.SentSha256 || got.Echo.Bytes != size {
		t.Errorf("%s %s\n%+v\n%+v %+v", got.Class, got.Detail, want, got.Transfer, got.Echo)
	}
	spoiled = true
	if got := attempt(request, "n.0"); got.Class != OK || got.Transfer.ReceivedSha256 == got.Transfer.ExpectedSha256 || got.Transfer.ExpectedSha256 != want.ExpectedSha256 {
		t.Errorf("%+v", got.Transfer)
	}
	spoiled, request.AnswerBytes = false, 0
	if got := attempt(request, "n.0"); got.Class != OK || got.Transfer.Received != 0 || got.Echo == nil || got.Echo.Sha256 != want.SentSha256 {
		t.Errorf("%+v %+v", got.Transfer, got.Echo)
	}
}

func sumOf(way, nonce string, length int64) string {
	hash := sha256.New()
	_, _ = io.Copy(hash, answer.Filler(way, nonce, length))
	return hex.EncodeToString(hash.Sum(nil))
}
