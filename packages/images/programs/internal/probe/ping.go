package probe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

const (
	icmpHeader = 8
	// largestPing is what fits into an IPv4 packet beside both headers.
	largestPing = 65535 - 20 - icmpHeader
	// ipMtu reads the path's MTU from a connected socket (ip(7), IP_MTU).
	ipMtu = 14
)

// attemptPing sends one ICMP echo request that may not be fragmented (RFC 792; ip(7), IP_PMTUDISC_DO) and waits for its reply.
// A raw socket needs CAP_NET_RAW; without it the probe cannot be carried out.
func attemptPing(request Request, result *Connection) {
	target, err := netip.ParseAddr(request.Target)
	if err != nil || !target.Is4() {
		result.cannot("the target is no IPv4 address")
		return
	}
	if request.Size < 0 || request.Size > largestPing {
		result.cannot(fmt.Sprintf("a ping has 0 to %d bytes", largestPing))
		return
	}
	socket, err := pingSocket(request.TimeoutMs)
	if err != nil {
		result.cannot(err.Error())
		return
	}
	defer syscall.Close(socket)
	if err := syscall.Connect(socket, &syscall.SockaddrInet4{Addr: target.As4()}); err != nil {
		result.fail(os.NewSyscallError("connect", err))
		return
	}
	result.Remote = target.String()
	result.Ping = &Ping{}
	result.Ping.Device, result.Ping.DeviceMtu, result.Local = deviceOf(socket)
	exchangePing(socket, request, result)
	if mtu, err := syscall.GetsockoptInt(socket, syscall.IPPROTO_IP, ipMtu); err == nil {
		result.Ping.PathMtu = mtu
	}
}

func pingSocket(timeoutMs int) (int, error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.IPPROTO_ICMP)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	bound := syscall.NsecToTimeval(int64(timeoutMs) * int64(time.Millisecond))
	for _, err := range []error{
		syscall.SetsockoptInt(socket, syscall.IPPROTO_IP, syscall.IP_MTU_DISCOVER, syscall.IP_PMTUDISC_DO),
		// Without it only the ICMP errors that net/ipv4/icmp.c calls fatal reach a raw socket.
		syscall.SetsockoptInt(socket, syscall.IPPROTO_IP, syscall.IP_RECVERR, 1),
		syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &bound),
	} {
		if err != nil {
			_ = syscall.Close(socket)
			return 0, os.NewSyscallError("setsockopt", err)
		}
	}
	return socket, nil
}

// exchangePing sends the packet and waits for the reply that brings it back whole.
func exchangePing(socket int, request Request, result *Connection) {
	start := time.Now()
	id, payload := uint16(rand.UintN(1<<16)), pingPayload(result.Nonce, request.Size)
	packet := pingPacket(id, payload)
	if _, err := syscall.Write(socket, packet); err != nil {
		result.refusedPing(os.NewSyscallError("write", err), "here")
		return
	}
	bound := time.Duration(request.TimeoutMs) * time.Millisecond
	buffer := make([]byte, 1<<16)
	for time.Since(start) < bound {
		length, err := syscall.Read(socket, buffer)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			result.Class, result.Detail = Timeout, "no reply"
			return
		case err != nil && isForeign(socket, id):
			continue
		case err != nil:
			result.refusedPing(os.NewSyscallError("read", err), "on the way")
			return
		case isReply(buffer[:length], id, payload):
			result.ConnectMs = milliseconds(start)
			return
		}
	}
	result.Class, result.Detail = Timeout, "no reply"
}

// isForeign takes what the kernel queued behind an error of a read: a raw socket hears of every ping to its target that failed on the way,
// whoever sent it (net/ipv4/raw.c, raw_err). True when all of it is about pings of others. What it holds is the failed packet from its ICMP header on.
func isForeign(socket int, id uint16) bool {
	foreign := false
	packet := make([]byte, 1<<16)
	for {
		length, _, _, _, err := syscall.Recvmsg(socket, packet, nil, syscall.MSG_ERRQUEUE|syscall.MSG_DONTWAIT)
		if err != nil {
			return foreign
		}
		if length < icmpHeader || packet[0] != 8 || binary.BigEndian.Uint16(packet[4:]) == id {
			return false
		}
		foreign = true
	}
}

func (result *Connection) refusedPing(err error, where string) {
	result.fail(err)
	if result.Class == TooBig {
		result.Ping.Refused = where
	}
}

// pingPayload begins with the nonce, as far as it fits, by which nobody else's reply is taken for ours.
func pingPayload(nonce string, size int) []byte {
	payload := bytes.Repeat([]byte{'h'}, size)
	copy(payload, nonce)
	return payload
}

func pingPacket(id uint16, payload []byte) []byte {
	packet := binary.BigEndian.AppendUint16([]byte{8, 0, 0, 0}, id)
	packet = append(binary.BigEndian.AppendUint16(packet, 1), payload...)
	binary.BigEndian.PutUint16(packet[2:], checksum(packet))
	return packet
}

// checksum is that of RFC 1071.
func checksum(packet []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(packet); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(packet[i:]))
	}
	if len(packet)%2 == 1 {
		sum += uint32(packet[len(packet)-1]) << 8
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return ^uint16(sum)
}

// isReply reads an IPv4 packet as a raw socket gives it. A ping to an address of one's own also brings the request itself.
func isReply(packet []byte, id uint16, payload []byte) bool {
	if len(packet) < 20 {
		return false
	}
	message := packet[min(int(packet[0]&15)*4, len(packet)):]
	return len(message) == icmpHeader+len(payload) && message[0] == 0 && message[1] == 0 &&
		binary.BigEndian.Uint16(message[4:]) == id && bytes.Equal(message[icmpHeader:], payload)
}

// deviceOf finds the device with the socket's own address, its MTU, and that address.
func deviceOf(socket int) (string, int, string) {
	name, err := syscall.Getsockname(socket)
	own, is := name.(*syscall.SockaddrInet4)
	if err != nil || !is {
		return "", 0, ""
	}
	address := netip.AddrFrom4(own.Addr)
	devices, _ := net.Interfaces()
	for _, device := range devices {
		addresses, _ := device.Addrs()
		for _, each := range addresses {
			if prefix, err := netip.ParsePrefix(each.String()); err == nil && prefix.Addr() == address {
				return device.Name, device.MTU, address.String()
			}
		}
	}
	return "", 0, address.String()
}
