package probe

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// resolver is what resolv.conf(5) says, as far as it matters here.
type resolver struct {
	server string
	search []string
	ndots  int
}

func parseResolvConf(text io.Reader) resolver {
	found := resolver{ndots: 1}
	lines := bufio.NewScanner(io.LimitReader(text, 64<<10))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			if found.server == "" {
				found.server = words[1]
			}
		case "search", "domain":
			found.search = words[1:]
		case "options":
			for _, option := range words[1:] {
				if value, isNdots := strings.CutPrefix(option, "ndots:"); isNdots {
					// glibc holds the value at 15.
					number, _ := strconv.Atoi(value)
					found.ndots = min(max(number, 0), 15)
				}
			}
		}
	}
	return found
}

// candidates lists the fully qualified names for name in the order in which glibc asks (resolv.conf(5), "ndots").
func (r resolver) candidates(name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	itself := name + "."
	var names []string
	for _, domain := range r.search {
		names = append(names, name+"."+strings.TrimSuffix(domain, ".")+".")
	}
	if strings.Count(name, ".") >= r.ndots {
		return append([]string{itself}, names...)
	}
	return append(names, itself)
}
