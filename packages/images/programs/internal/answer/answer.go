// Package answer is what the echo server and its clients have in common: the shape of an answer, and bodies that both ends
// can compute.
package answer

// Answer is what a client is told, as one line of JSON. Its first member marks it as an answer of the echo program.
type Answer struct {
	Mark int `json:"echo"`
	// Pod is the name of the Pod that answered: its hostname.
	Pod string `json:"pod"`
	// Nonce comes back as the client gave it: header X-Hoplab-Nonce, else query parameter nonce; over UDP the whole datagram.
	Nonce string `json:"nonce"`
	// Remote and Local are the two ends of the connection as the server's kernel tells them.
	Remote string `json:"remote"`
	Local  string `json:"local"`
	Host   string `json:"host,omitempty"`
	Path   string `json:"path,omitempty"`
	// Bytes is the length of the request's body, Sha256 its hash in hexadecimal; no hash of an empty one.
	Bytes  int64  `json:"bytes"`
	Sha256 string `json:"sha256,omitempty"`
	// ForwardedFor is the header of that name: what proxies on the way claim.
	ForwardedFor string `json:"forwardedFor,omitempty"`
	// LateMs is the longest time within the last ?late=N milliseconds that the server waited for a processor; none where N is not given.
	LateMs *int64 `json:"lateMs,omitempty"`
}

// Mark is the value that marks an Answer.
const Mark = 1

const (
	// Header carries the Answer where the body is filler.
	Header = "X-Hoplab-Answer"
	// HashTrailer carries the hexadecimal SHA-256 of such a body, sent after it.
	HashTrailer = "X-Hoplab-Sha256"
	// NonceHeader carries the request's nonce.
	NonceHeader = "X-Hoplab-Nonce"
)
