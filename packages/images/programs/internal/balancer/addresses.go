package balancer

import (
	"fmt"
	"net"
	"net/netip"
	"os/exec"
)

// deviceOf finds the device on whose network the pool lies.
func deviceOf(pool Pool) (string, error) {
	links, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	for _, link := range links {
		addresses, err := link.Addrs()
		if err != nil {
			return "", err
		}
		for _, address := range addresses {
			prefix, err := netip.ParsePrefix(address.String())
			if err == nil && prefix.Bits() < 32 && prefix.Contains(pool.first) {
				return link.Name, nil
			}
		}
	}
	return "", fmt.Errorf("no device is on the network of %s", pool.first)
}

// own takes an address as a secondary one, or gives it up; either twice is no error.
func own(address, device string, has bool) error {
	verb := "replace"
	if !has {
		verb = "del"
	}
	said, err := exec.Command("ip", "address", verb, address+"/32", "dev", device).CombinedOutput()
	if err != nil && has {
		return fmt.Errorf("ip address %s %s: %s", verb, address, said)
	}
	return nil
}
