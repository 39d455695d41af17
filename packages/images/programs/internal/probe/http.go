package probe

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"hoplab.dev/programs/internal/answer"
)

// headLimit bounds what a server may send besides the body that was asked for, in bytes.
const headLimit = 64 << 10

// attemptHTTP sends one request. Whatever answers is an answer: a server that does not speak HTTP leaves Status 0.
func attemptHTTP(request Request, result *Connection) {
	conn := dial("tcp", request, result)
	if conn == nil {
		return
	}
	defer conn.Close()
	var transfer *Transfer
	if request.BodyBytes > 0 || request.AnswerBytes > 0 {
		transfer = &Transfer{}
		result.Transfer = transfer
	}
	if err := send(conn, request, result.Nonce, transfer); err != nil {
		result.fail(err)
		return
	}
	reader := bufio.NewReader(io.LimitReader(conn, headLimit+request.AnswerBytes*2))
	if _, err := reader.Peek(1); err != nil {
		result.fail(err)
		return
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		result.Detail = "what answered does not speak HTTP"
		return
	}
	defer response.Body.Close()
	result.Status = response.StatusCode
	if request.AnswerBytes > 0 {
		err = receiveFiller(response, request, result)
	} else {
		err = receiveEcho(response, result)
	}
	if err != nil {
		result.fail(err)
	}
}

// send writes the request, and counts and hashes its body.
func send(conn net.Conn, request Request, nonce string, transfer *Transfer) error {
	if _, err := io.WriteString(conn, head(request, nonce)); err != nil || transfer == nil {
		return err
	}
	hash := sha256.New()
	sent, err := io.Copy(io.MultiWriter(conn, hash), answer.Filler(answer.ToServer, nonce, request.BodyBytes))
	transfer.Sent, transfer.SentSha256 = sent, hex.EncodeToString(hash.Sum(nil))
	return err
}

func receiveEcho(response *http.Response, result *Connection) error {
	body, err := readUpTo(response.Body, echoLimit)
	if err == nil {
		result.Echo = echoIn(body)
	}
	return err
}

// receiveFiller reads the body asked for, and the server's answer from its header. The trailer is there once the body is read.
func receiveFiller(response *http.Response, request Request, result *Connection) error {
	result.Echo = echoIn([]byte(response.Header.Get(answer.Header)))
	got, want := sha256.New(), sha256.New()
	received, err := io.Copy(got, io.LimitReader(response.Body, request.AnswerBytes+1))
	_, _ = io.Copy(want, answer.Filler(answer.ToClient, result.Nonce, request.AnswerBytes))
	result.Transfer.Received, result.Transfer.ReceivedSha256 = received, hex.EncodeToString(got.Sum(nil))
	result.Transfer.ExpectedSha256 = hex.EncodeToString(want.Sum(nil))
	if err != nil {
		return err
	}
	// The end of the body is only met by reading on; it brings the trailer.
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1))
	result.Transfer.AnnouncedSha256 = cutTo(response.Trailer.Get(answer.HashTrailer), 64)
	return err
}

func cutTo(text string, limit int) string {
	if len(text) > limit {
		return text[:limit]
	}
	return text
}

func head(request Request, nonce string) string {
	host, path, method := orElse(request.Host, request.Target), orElse(request.Path, "/"), "GET"
	if request.AnswerBytes > 0 {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += fmt.Sprintf("%sbytes=%d", separator, request.AnswerBytes)
	}
	length := ""
	if request.BodyBytes > 0 {
		method, length = "POST", fmt.Sprintf("Content-Length: %d\r\n", request.BodyBytes)
	}
	// A line break inside would make a second header of our own.
	clean := strings.NewReplacer("\r", "", "\n", "", " ", "%20")
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\nUser-Agent: hoplab-probe\r\n%sConnection: close\r\n\r\n",
		method, clean.Replace(path), clean.Replace(host), answer.NonceHeader, clean.Replace(nonce), length)
}
