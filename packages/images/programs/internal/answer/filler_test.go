package answer

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
)

func sumOf(way, nonce string, length int64) string {
	hash := sha256.New()
	if written, err := io.Copy(hash, Filler(way, nonce, length)); err != nil || written != length {
		return "cut"
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func TestFillerIsTheSameForTheSameNonceOnly(t *testing.T) {
	const length = 1<<20 + 3
	first := sumOf(ToServer, "n", length)
	if first == "cut" || first != sumOf(ToServer, "n", length) {
		t.Error("not the same twice")
	}
	for _, other := range []string{sumOf(ToServer, "m", length), sumOf(ToClient, "n", length), sumOf(ToServer, "n", length-1)} {
		if other == first {
			t.Error("another body has the same hash")
		}
	}
	// Both ends may be of different releases.
	if want := "0b24"; first[:4] != want {
		t.Errorf("the bytes have changed: %s, not %s…", first, want)
	}
}
