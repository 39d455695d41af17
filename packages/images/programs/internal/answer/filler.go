package answer

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
)

// The two ways a filler travels; the same nonce gives each other bytes, so that a body sent back is noticed.
const (
	ToServer = "to server"
	ToClient = "to client"
)

// Filler is a body of length bytes that only the nonce and its way decide: random to anything that would compress or repeat
// it, the same on both ends (ChaCha8 of math/rand/v2, whose output is specified).
func Filler(way, nonce string, length int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8(sha256.Sum256([]byte(way+"\n"+nonce))), length)
}
