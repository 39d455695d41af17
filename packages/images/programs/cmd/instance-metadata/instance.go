package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
)

// networkInterface is the node's own, as the kernel has it.
type networkInterface struct {
	mac     string
	address netip.Addr
}

// lan is the network of nodes and Pods, cut into blocks.
type lan struct {
	network     netip.Prefix
	block, pods int
}

// podAddresses are those of the node with this address.
func (l lan) podAddresses(node netip.Addr) ([]string, error) {
	if !l.network.Contains(node) {
		return nil, fmt.Errorf("the node's address %s is not in %s", node, l.network)
	}
	base := number(l.network.Addr())
	own := int(number(node) - base)
	size := 1 << (32 - l.network.Bits())
	if own < 1 || own >= l.block || (own+1)*l.block > size {
		return nil, fmt.Errorf("the node's address %s is number %d of %s: nodes have the first %d addresses, and each owns a block of as many behind them", node, own, l.network, l.block)
	}
	if l.pods < 1 || l.pods > l.block-2 {
		return nil, fmt.Errorf("a block of %d addresses has no %d for Pods", l.block, l.pods)
	}
	addresses := make([]string, l.pods)
	for index := range addresses {
		addresses[index] = address(base + uint32(own*l.block+1+index)).String()
	}
	return addresses, nil
}

func number(of netip.Addr) uint32 {
	bytes := of.As4()
	return binary.BigEndian.Uint32(bytes[:])
}

func address(of uint32) netip.Addr {
	var bytes [4]byte
	binary.BigEndian.PutUint32(bytes[:], of)
	return netip.AddrFrom4(bytes)
}

const (
	region = "eu-central-1"
	zone   = region + "a"
)

// describeInstance gives what the service knows, by path. Names that nobody gave are made from the hardware address, so that they are the same
// whenever they are asked for. Paths that are not here are not known on purpose: an interface without ipv4-prefix has single addresses.
func describeInstance(own networkInterface, lan lan, instanceType string) (map[string]string, error) {
	pods, err := lan.podAddresses(own.address)
	if err != nil {
		return nil, err
	}
	id := "00000" + strings.ReplaceAll(own.mac, ":", "")
	known := map[string]string{
		"dynamic/instance-identity/document":    fmt.Sprintf(`{"region":%q,"availabilityZone":%q,"instanceId":"i-%s","instanceType":%q}`, region, zone, id, instanceType),
		"meta-data/placement/availability-zone": zone,
		"meta-data/instance-id":                 "i-" + id,
		"meta-data/instance-type":               instanceType,
		"meta-data/local-ipv4":                  own.address.String(),
		"meta-data/mac":                         own.mac,
	}
	eni := map[string]string{
		"interface-id": "eni-" + id, "device-number": "0", "network-card": "0", "subnet-id": "subnet-" + id, "vpc-id": "vpc-" + id,
		// The first is the interface's own.
		"local-ipv4s":            strings.Join(append([]string{own.address.String()}, pods...), "\n"),
		"subnet-ipv4-cidr-block": lan.network.String(), "vpc-ipv4-cidr-block": lan.network.String(), "vpc-ipv4-cidr-blocks": lan.network.String(),
	}
	for key, value := range eni {
		known["meta-data/network/interfaces/macs/"+own.mac+"/"+key] = value
	}
	return known, nil
}
