// Package dnswire writes DNS queries and reads answers (RFC 1035; SRV: RFC 2782; AAAA: RFC 3596), no more than a probe needs.
package dnswire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Types that can be asked for.
var Types = map[string]uint16{"A": 1, "CNAME": 5, "PTR": 12, "AAAA": 28, "SRV": 33}

var rcodes = []string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"}

// Record is one record of an answer section; Data is in presentation format.
type Record struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// TTL is in seconds.
	TTL  uint32 `json:"ttl"`
	Data string `json:"data"`
}

// Answer is what a server said.
type Answer struct {
	ID        uint16
	Rcode     string
	Truncated bool
	Records   []Record
}

var errShort = errors.New("message ends too early")

// Query writes a query for name (fully qualified, with or without the last dot) with recursion desired.
func Query(id uint16, name string, kind uint16) ([]byte, error) {
	message := binary.BigEndian.AppendUint16(nil, id)
	message = append(message, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if len(label) == 0 || len(label) > 63 {
			return nil, fmt.Errorf("%q is no name: a label has 1 to 63 bytes", name)
		}
		message = append(append(message, byte(len(label))), label...)
	}
	if len(message) > 12+254 {
		return nil, fmt.Errorf("%q is no name: at most 253 bytes", name)
	}
	message = append(message, 0)
	message = binary.BigEndian.AppendUint16(message, kind)
	return binary.BigEndian.AppendUint16(message, 1), nil
}

// Parse reads a whole message; of its sections only the answers are kept.
func Parse(message []byte) (Answer, error) {
	if len(message) < 12 {
		return Answer{}, errShort
	}
	flags := binary.BigEndian.Uint16(message[2:])
	if flags&0x8000 == 0 {
		return Answer{}, errors.New("message is a query")
	}
	answer := Answer{ID: binary.BigEndian.Uint16(message), Rcode: rcodeName(int(flags & 15)), Truncated: flags&0x200 != 0}
	at := 12
	for range binary.BigEndian.Uint16(message[4:]) {
		_, next, err := readName(message, at)
		if err != nil {
			return answer, err
		}
		at = next + 4
	}
	for range binary.BigEndian.Uint16(message[6:]) {
		record, next, err := readRecord(message, at)
		if err != nil {
			return answer, err
		}
		answer.Records = append(answer.Records, record)
		at = next
	}
	return answer, nil
}

func rcodeName(code int) string {
	if code < len(rcodes) {
		return rcodes[code]
	}
	return fmt.Sprintf("RCODE%d", code)
}

func readRecord(message []byte, at int) (Record, int, error) {
	name, at, err := readName(message, at)
	if err != nil {
		return Record{}, 0, err
	}
	if at+10 > len(message) {
		return Record{}, 0, errShort
	}
	kind := binary.BigEndian.Uint16(message[at:])
	ttl := binary.BigEndian.Uint32(message[at+4:])
	length := int(binary.BigEndian.Uint16(message[at+8:]))
	at += 10
	if at+length > len(message) {
		return Record{}, 0, errShort
	}
	data, err := readData(message, kind, at, length)
	return Record{Name: name, Type: typeName(kind), TTL: ttl, Data: data}, at + length, err
}

func readData(message []byte, kind uint16, at, length int) (string, error) {
	switch kind {
	case Types["A"], Types["AAAA"]:
		address, ok := netip.AddrFromSlice(message[at : at+length])
		if !ok {
			return "", errors.New("an address of wrong length")
		}
		return address.String(), nil
	case Types["CNAME"], Types["PTR"]:
		name, _, err := readName(message, at)
		return name, err
	case Types["SRV"]:
		if length < 7 {
			return "", errShort
		}
		name, _, err := readName(message, at+6)
		number := func(offset int) uint16 { return binary.BigEndian.Uint16(message[at+offset:]) }
		return fmt.Sprintf("%d %d %d %s", number(0), number(2), number(4), name), err
	}
	return fmt.Sprintf("%d bytes", length), nil
}

func typeName(kind uint16) string {
	for name, number := range Types {
		if number == kind {
			return name
		}
	}
	return fmt.Sprintf("TYPE%d", kind)
}

// readName reads a name at an offset and returns the offset after it. A pointer may only point backwards (RFC 1035 4.1.4),
// which also bounds the work that a hostile message can make.
func readName(message []byte, at int) (string, int, error) {
	var name strings.Builder
	after, limit := -1, at
	for {
		if at >= len(message) {
			return "", 0, errShort
		}
		length := int(message[at])
		switch {
		case length == 0:
			if after < 0 {
				after = at + 1
			}
			if name.Len() == 0 {
				return ".", after, nil
			}
			return name.String(), after, nil
		case length&0xC0 == 0xC0:
			if at+2 > len(message) {
				return "", 0, errShort
			}
			target := int(binary.BigEndian.Uint16(message[at:]) & 0x3FFF)
			if after < 0 {
				after = at + 2
			}
			if target >= limit {
				return "", 0, errors.New("a name points forwards")
			}
			at, limit = target, target
		case length > 63 || at+1+length > len(message):
			return "", 0, errShort
		default:
			name.Write(message[at+1 : at+1+length])
			name.WriteByte('.')
			if name.Len() > 255 {
				return "", 0, errors.New("a name is too long")
			}
			at += 1 + length
		}
	}
}
