package balancer

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Pool is a range of addresses, both ends included.
type Pool struct{ first, last netip.Addr }

// ParsePool reads "first-last".
func ParsePool(text string) (Pool, error) {
	from, to, _ := strings.Cut(text, "-")
	first, err := netip.ParseAddr(from)
	if err != nil {
		return Pool{}, fmt.Errorf("the pool %q has no first address: %w", text, err)
	}
	last, err := netip.ParseAddr(to)
	if err != nil || last.Less(first) {
		return Pool{}, fmt.Errorf("the pool %q has no last address after its first", text)
	}
	return Pool{first, last}, nil
}

// Has tells whether an address is one of the pool's.
func (pool Pool) Has(address string) bool {
	parsed, err := netip.ParseAddr(address)
	return err == nil && !parsed.Less(pool.first) && !pool.last.Less(parsed)
}

// Assign gives each wanted Service one address of its own. One that has an address keeps it, whatever was made or removed meanwhile; of two
// with the same the older. When the pool is used up the youngest get none.
func (pool Pool) Assign(services []Service) map[string]string {
	wanted := slices.DeleteFunc(slices.Clone(services), func(service Service) bool { return !service.wanted() })
	slices.SortFunc(wanted, func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp), cmp.Compare(a.Key(), b.Key()))
	})
	given, taken := map[string]string{}, map[string]bool{}
	for _, service := range wanted {
		if current := pool.current(service); current != "" && !taken[current] {
			given[service.Key()], taken[current] = current, true
		}
	}
	for _, service := range wanted {
		for address := pool.first; given[service.Key()] == "" && !pool.last.Less(address); address = address.Next() {
			if !taken[address.String()] {
				given[service.Key()], taken[address.String()] = address.String(), true
			}
		}
	}
	return given
}

// current is the address of ours that a Service has.
func (pool Pool) current(service Service) string {
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		if pool.Has(ingress.IP) {
			return ingress.IP
		}
	}
	return ""
}
