package probe

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var containerID = regexp.MustCompile(`[0-9a-f]{64}`)

// runListeners finds who would be given a connection to the target: by the kernel's list of sockets of that namespace, and
// by which processes hold them. Class OK with an empty list is nobody.
func runListeners(request Request, from place, proc string, result *Result) {
	target, err := netip.ParseAddrPort(request.Target)
	network := orElse(request.Transport, "tcp")
	if err != nil || (network != "tcp" && network != "udp") {
		result.Class, result.Detail = Error, "listeners needs ip:port, and tcp or udp"
		return
	}
	sockets, err := boundSockets(filepath.Join(proc, from.process, "net"), network, target)
	if err != nil {
		result.Class, result.Detail = Error, err.Error()
		return
	}
	result.Class, result.Listeners = OK, holders(proc, sockets)
	if unknown := len(sockets) - len(result.Listeners); unknown > 0 {
		result.Class, result.Detail = Error, fmt.Sprintf("no process holds %d of the sockets", unknown)
	}
}

// boundSockets maps the inode of each socket that takes what is sent to target to the address it is bound to.
func boundSockets(folder, network string, target netip.AddrPort) (map[string]string, error) {
	found := map[string]string{}
	for _, name := range []string{network, network + "6"} {
		file, err := os.Open(filepath.Join(folder, name))
		if os.IsNotExist(err) && name != network {
			// No IPv6 on this machine.
			continue
		}
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			words := strings.Fields(lines.Text())
			// proc_net_tcp(5): 1 = local address, 3 = state (0A listens; 07 is a UDP socket without a peer), 9 = inode.
			if len(words) < 10 || (words[3] != "0A" && words[3] != "07") {
				continue
			}
			local, ok := procAddress(words[1])
			if ok && local.Port() == target.Port() && (local.Addr().IsUnspecified() || local.Addr() == target.Addr()) {
				found[words[9]] = local.String()
			}
		}
		err = lines.Err()
		_ = file.Close()
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// procAddress reads "0100007F:1F90". The kernel prints the address as 32-bit words of this machine, which are little-endian on
// all that we build for.
func procAddress(text string) (netip.AddrPort, bool) {
	address, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(address)
	number, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil {
		return netip.AddrPort{}, false
	}
	for at := 0; at+4 <= len(raw); at += 4 {
		slices.Reverse(raw[at : at+4])
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), ok
}

// holders finds a process for each socket; the first when several share it.
func holders(proc string, sockets map[string]string) []Listener {
	found := []Listener{}
	taken := map[string]bool{}
	if len(sockets) == 0 {
		return found
	}
	handles, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, handle := range handles {
		to, err := os.Readlink(handle)
		inode, is := strings.CutPrefix(to, "socket:[")
		inode = strings.TrimSuffix(inode, "]")
		local, wanted := sockets[inode]
		if err != nil || !is || !wanted || taken[inode] {
			continue
		}
		taken[inode] = true
		folder := filepath.Dir(filepath.Dir(handle))
		pid, _ := strconv.Atoi(filepath.Base(folder))
		cgroups, _ := os.ReadFile(filepath.Join(folder, "cgroup"))
		program, _ := os.ReadFile(filepath.Join(folder, "comm"))
		ids := containerID.FindAllString(string(cgroups), -1)
		container := ""
		if len(ids) > 0 {
			container = ids[len(ids)-1]
		}
		found = append(found, Listener{Local: local, Container: container, Program: strings.TrimSpace(string(program)), Pid: pid})
	}
	return found
}
