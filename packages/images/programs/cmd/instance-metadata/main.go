// Command instance-metadata stands in for the metadata service of an EC2 instance: it tells the AWS VPC CNI of one network interface, which is the
// node's own, and of the addresses that the node's Pods may have. It listens on the node's loopback only, so that no Pod reaches it, and looks at the
// interface anew for each question, because a node that was restarted may have other addresses.
//
// Which addresses are a node's Pods' follows from its own: the network is cut into blocks of -block addresses, nodes live in the first of them, and
// the node with the number n in there owns block n. So no two nodes ever share an address, and nobody has to hand blocks out.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:51338", "where questions are answered")
	device := flag.String("device", "eth0", "the node's interface")
	network := flag.String("network", "", "addresses of nodes and Pods, as CIDR")
	block := flag.Int("block", 32, "addresses of a block, of which each node owns one")
	pods := flag.Int("pods", 29, "addresses of the block that Pods may have")
	instanceType := flag.String("instance-type", "m5.4xlarge", "type of the instance that is told")
	flag.Parse()
	prefix, err := netip.ParsePrefix(*network)
	if err != nil {
		fmt.Fprintln(os.Stderr, "instance-metadata: -network:", err)
		os.Exit(2)
	}
	lan := lan{network: prefix.Masked(), block: *block, pods: *pods}
	describe := func() (map[string]string, error) {
		own, err := interfaceOf(*device)
		if err != nil {
			return nil, err
		}
		return describeInstance(own, lan, *instanceType)
	}
	if _, err := describe(); err != nil {
		fmt.Fprintln(os.Stderr, "instance-metadata:", err)
		os.Exit(1)
	}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-stopped
		os.Exit(0)
	}()
	log.Fatal(http.ListenAndServe(*listen, service{describe}))
}

// interfaceOf reads hardware address and first IPv4 address of a device of this network namespace.
func interfaceOf(device string) (networkInterface, error) {
	found, err := net.InterfaceByName(device)
	if err != nil {
		return networkInterface{}, fmt.Errorf("%s: %w", device, err)
	}
	addresses, err := found.Addrs()
	if err != nil {
		return networkInterface{}, fmt.Errorf("%s: %w", device, err)
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Addr().Is4() {
			return networkInterface{mac: found.HardwareAddr.String(), address: prefix.Addr()}, nil
		}
	}
	return networkInterface{}, fmt.Errorf("%s has no IPv4 address", device)
}
