// Package probe carries out network probes from inside the namespaces of Pods and says how each ended.
package probe

import (
	"hoplab.dev/programs/internal/answer"
	"hoplab.dev/programs/internal/dnswire"
)

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
	// Kind is http, tcp, udp, dns, ping or listeners.
	Kind string `json:"kind"`
	// Target is "ip:port"; names are never resolved here. 127.0.0.1 is the Pod's own. For ping it is a bare IPv4 address.
	Target string `json:"target,omitempty"`
	// Count fresh connections (default 1), Parallel of them at a time (default 1), each bounded by TimeoutMs (default 2000).
	Count     int `json:"count,omitempty"`
	Parallel  int `json:"parallel,omitempty"`
	TimeoutMs int `json:"timeoutMs,omitempty"`
	// GiveUpAfter ends the probe early: once that many of its connections had no answer in time, none is begun any more. 0: never.
	GiveUpAfter int `json:"giveUpAfter,omitempty"`
	// Path (default /), Host (default: the target), BodyBytes (a POST of that many bytes when above 0) and AnswerBytes (the
	// server is asked for a body of that many bytes) are for http. With either, Connection.Transfer tells what went through.
	Path        string `json:"path,omitempty"`
	Host        string `json:"host,omitempty"`
	BodyBytes   int64  `json:"bodyBytes,omitempty"`
	AnswerBytes int64  `json:"answerBytes,omitempty"`
	// Datagrams above 1 makes a held flow for udp: that many datagrams from one socket, one every EveryMs, each waiting at
	// most TimeoutMs for its answer.
	Datagrams int `json:"datagrams,omitempty"`
	EveryMs   int `json:"everyMs,omitempty"`
	// Size is for ping: bytes of the ICMP message behind its header of 8; the IPv4 packet is 28 larger. Never fragmented.
	Size int `json:"size,omitempty"`
	// Name, Type (default A), Server ("ip:port", default: the first in the Pod's resolv.conf) and Transport (udp or tcp;
	// default udp, and tcp for an answer that did not fit) are for dns. A name without last dot goes through the Pod's search
	// list. For listeners, Transport is that of the sockets.
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
	Class  Class  `json:"class"`
	Detail string `json:"detail,omitempty"`
	// Connections are the ones that were begun, in order: all that were asked for, unless the probe gave up.
	Connections []Connection `json:"connections,omitempty"`
	DNS         *DNS         `json:"dns,omitempty"`
	// Listeners are who would be given a connection to the target; an empty list is nobody.
	Listeners  []Listener `json:"listeners,omitempty"`
	DurationMs float64    `json:"durationMs"`
}

// Connection is one fresh connection (udp: one socket, with one datagram and its answer or a held flow; ping: one packet).
type Connection struct {
	Class  Class  `json:"class"`
	Detail string `json:"detail,omitempty"`
	// Errno is the name of the error number that decided the class, where one did.
	Errno string `json:"errno,omitempty"`
	// Nonce is what was sent: the probe's nonce, a dot and the number of the connection. Header X-Hoplab-Nonce, or the datagram.
	Nonce string `json:"nonce"`
	// Local and Remote are the two ends as this side's kernel tells them.
	Local  string `json:"local,omitempty"`
	Remote string `json:"remote,omitempty"`
	// SentFrom is this side's end of a connection that nobody answered in time, by which the kernel's record of it is found.
	SentFrom string `json:"sentFrom,omitempty"`
	// Status is the HTTP status; 0 when what answered does not speak HTTP.
	Status int `json:"status,omitempty"`
	// Echo is the server's own view, when the body is an answer of the echo program. Foreign text.
	Echo     *answer.Answer `json:"echo,omitempty"`
	Transfer *Transfer      `json:"transfer,omitempty"`
	// Flow is one entry per datagram of a held flow.
	Flow      []Datagram `json:"flow,omitempty"`
	Ping      *Ping      `json:"ping,omitempty"`
	ConnectMs float64    `json:"connectMs"`
	TotalMs   float64    `json:"totalMs"`
}

// Transfer is what went through one connection, as the client counted it. What came to the server stands in Echo.
type Transfer struct {
	Sent       int64  `json:"sent"`
	SentSha256 string `json:"sentSha256"`
	Received   int64  `json:"received"`
	// ReceivedSha256 is of the bytes that came, AnnouncedSha256 the server's trailer (foreign text), ExpectedSha256 of the bytes
	// that this request's nonce stands for.
	ReceivedSha256  string `json:"receivedSha256"`
	AnnouncedSha256 string `json:"announcedSha256,omitempty"`
	ExpectedSha256  string `json:"expectedSha256"`
}

// Datagram is one question of a held flow. Its nonce is the connection's, a dot and its number.
type Datagram struct {
	Class  Class          `json:"class"`
	Detail string         `json:"detail,omitempty"`
	Errno  string         `json:"errno,omitempty"`
	Nonce  string         `json:"nonce"`
	Echo   *answer.Answer `json:"echo,omitempty"`
	// SentMs is when it was sent, after the socket was made.
	SentMs  float64 `json:"sentMs"`
	TotalMs float64 `json:"totalMs"`
}

// Ping tells about the packet's first device and its way.
type Ping struct {
	// Device has the packet's source address; DeviceMtu is its largest packet in bytes.
	Device    string `json:"device"`
	DeviceMtu int    `json:"deviceMtu"`
	// PathMtu is what the kernel knows of the way afterwards (IP_MTU).
	PathMtu int `json:"pathMtu"`
	// Refused tells who found the packet too big: "here" (send failed) or "on the way" (ICMP "fragmentation needed" came back).
	Refused string `json:"refused,omitempty"`
}

// Listener is one process that would be given a connection.
type Listener struct {
	// Local is the address and port it is bound to.
	Local string `json:"local"`
	// Container is the 64-digit id of its container; "" outside of containers.
	Container string `json:"container"`
	Program   string `json:"program"`
	Pid       int    `json:"pid"`
}

// DNS is what a question brought.
type DNS struct {
	Server string `json:"server"`
	Rcode  string `json:"rcode,omitempty"`
	// Name is the fully qualified name that Rcode and Answers are about: the one that was answered, else the last one asked.
	Name    string           `json:"name"`
	Tried   []string         `json:"tried"`
	Answers []dnswire.Record `json:"answers"`
	// Transport is how the answer came; Truncated, that it is not whole (TC, RFC 1035 4.1.1).
	Transport string `json:"transport,omitempty"`
	Truncated bool   `json:"truncated,omitempty"`
}

// End is the last line of the output.
type End struct {
	End   string `json:"end"`
	Count int    `json:"count"`
}
