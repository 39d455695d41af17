// Package probe carries out network probes from inside the namespaces of Pods and says how each ended.
package probe

import "hoplab.dev/programs/internal/dnswire"

// Batch is the one JSON document that comes in.
type Batch struct {
	// Batch comes back in the last line; it tells a whole answer from one that was cut or forged.
	Batch  string    `json:"batch"`
	Probes []Request `json:"probes"`
}

// From says whose network namespace a probe starts in: a Pod's, or with Node the node's own.
type From struct {
	PodUID string `json:"podUid,omitempty"`
	Node   bool   `json:"node,omitempty"`
}

// Request is one probe. Times are in milliseconds.
type Request struct {
	ID    string `json:"id"`
	Nonce string `json:"nonce"`
	From  From   `json:"from"`
	// Kind is http, tcp, udp or dns.
	Kind string `json:"kind"`
	// Target is "ip:port"; names are never resolved here.
	Target string `json:"target,omitempty"`
	// Count fresh connections (default 1), Parallel of them at a time (default 1), each bounded by TimeoutMs (default 2000).
	Count     int `json:"count,omitempty"`
	Parallel  int `json:"parallel,omitempty"`
	TimeoutMs int `json:"timeoutMs,omitempty"`
	// Path (default /), Host (default: the target) and BodyBytes (a POST of that many bytes when above 0) are for http.
	Path      string `json:"path,omitempty"`
	Host      string `json:"host,omitempty"`
	BodyBytes int    `json:"bodyBytes,omitempty"`
	// Name, Type (default A), Server ("ip:port", default: the first in the Pod's resolv.conf) and Transport (udp or tcp,
	// default udp) are for dns. A name without last dot goes through the Pod's search list.
	Name      string `json:"name,omitempty"`
	Type      string `json:"type,omitempty"`
	Server    string `json:"server,omitempty"`
	Transport string `json:"transport,omitempty"`
}

// Result is one line of the output.
type Result struct {
	ID    string `json:"id"`
	Nonce string `json:"nonce"`
	// Class is OK when every connection was, else that of the first that was not.
	Class       Class        `json:"class"`
	Detail      string       `json:"detail,omitempty"`
	Connections []Connection `json:"connections,omitempty"`
	DNS         *DNS         `json:"dns,omitempty"`
	DurationMs  float64      `json:"durationMs"`
}

// Connection is one fresh connection (udp: one datagram and its answer).
type Connection struct {
	Class  Class  `json:"class"`
	Detail string `json:"detail,omitempty"`
	// Nonce is what was sent: the probe's nonce, a dot and the number of the connection. Header X-Hoplab-Nonce, or the datagram.
	Nonce string `json:"nonce"`
	// Local and Remote are the two ends as this side's kernel tells them.
	Local  string `json:"local,omitempty"`
	Remote string `json:"remote,omitempty"`
	// Status is the HTTP status; 0 when what answered does not speak HTTP.
	Status int `json:"status,omitempty"`
	// Echo is the server's own view, when the body is an answer of the echo program. Foreign text.
	Echo      *Echo   `json:"echo,omitempty"`
	ConnectMs float64 `json:"connectMs"`
	TotalMs   float64 `json:"totalMs"`
}

// Echo is an answer of the echo program, as it came.
type Echo struct {
	Pod          string `json:"pod"`
	Nonce        string `json:"nonce"`
	Remote       string `json:"remote"`
	Local        string `json:"local"`
	Host         string `json:"host,omitempty"`
	Path         string `json:"path,omitempty"`
	Bytes        int64  `json:"bytes"`
	ForwardedFor string `json:"forwardedFor,omitempty"`
}

// DNS is what a question brought.
type DNS struct {
	Server string `json:"server"`
	Rcode  string `json:"rcode,omitempty"`
	// Name is the fully qualified name that Rcode and Answers are about: the one that was answered, else the last one asked.
	Name    string           `json:"name"`
	Tried   []string         `json:"tried"`
	Answers []dnswire.Record `json:"answers"`
}

// End is the last line of the output.
type End struct {
	End   string `json:"end"`
	Count int    `json:"count"`
}
