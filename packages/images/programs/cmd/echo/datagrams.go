package main

import (
	"encoding/json"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"hoplab.dev/programs/internal/answer"
)

// listenDatagrams opens a UDP socket that is told to which of its addresses each datagram came (ip(7) IP_PKTINFO, ipv6(7)
// IPV6_RECVPKTINFO).
func listenDatagrams(address string) (*net.UDPConn, error) {
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	conn := packets.(*net.UDPConn)
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	// A socket has one of the two families, so one of the options is refused.
	err = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVPKTINFO, 1)
	})
	return conn, err
}

// answerDatagrams answers each datagram with an Answer, from the address it came to, until the socket is closed.
func answerDatagrams(packets *net.UDPConn, pod string) {
	buffer, control := make([]byte, 64*1024), make([]byte, 256)
	bound := packets.LocalAddr().(*net.UDPAddr).AddrPort()
	for {
		length, controlLength, _, from, err := packets.ReadMsgUDPAddrPort(buffer, control)
		if err != nil {
			return
		}
		local, reply := cameTo(control[:controlLength])
		if !local.IsValid() {
			local = bound.Addr()
		}
		said, _ := json.Marshal(answer.Answer{
			Mark: answer.Mark, Pod: pod, Nonce: cut(string(buffer[:length])), Bytes: int64(length),
			Remote: netip.AddrPortFrom(from.Addr().Unmap(), from.Port()).String(), Local: netip.AddrPortFrom(local, bound.Port()).String(),
		})
		_, _, _ = packets.WriteMsgUDPAddrPort(said, reply, from)
	}
}

// cameTo reads the address a datagram came to, and the control message that makes the answer leave from there.
func cameTo(control []byte) (netip.Addr, []byte) {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return netip.Addr{}, nil
	}
	for _, message := range messages {
		switch {
		case message.Header.Level == syscall.IPPROTO_IP && message.Header.Type == syscall.IP_PKTINFO && len(message.Data) >= syscall.SizeofInet4Pktinfo:
			info := (*syscall.Inet4Pktinfo)(unsafe.Pointer(&message.Data[0]))
			address := netip.AddrFrom4(info.Addr)
			return address, replyFrom4(address)
		case message.Header.Level == syscall.IPPROTO_IPV6 && message.Header.Type == syscall.IPV6_PKTINFO && len(message.Data) >= syscall.SizeofInet6Pktinfo:
			info := (*syscall.Inet6Pktinfo)(unsafe.Pointer(&message.Data[0]))
			address := netip.AddrFrom16(info.Addr)
			if address.Is4In6() {
				return address.Unmap(), replyFrom4(address.Unmap())
			}
			return address, nil
		}
	}
	return netip.Addr{}, nil
}

// replyFrom4 leaves the device to the routes.
func replyFrom4(address netip.Addr) []byte {
	control := make([]byte, syscall.CmsgSpace(syscall.SizeofInet4Pktinfo))
	header := (*syscall.Cmsghdr)(unsafe.Pointer(&control[0]))
	header.Level, header.Type = syscall.IPPROTO_IP, syscall.IP_PKTINFO
	header.SetLen(syscall.CmsgLen(syscall.SizeofInet4Pktinfo))
	(*syscall.Inet4Pktinfo)(unsafe.Pointer(&control[syscall.CmsgLen(0)])).Spec_dst = address.As4()
	return control
}
