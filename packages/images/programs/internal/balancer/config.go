package balancer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Where HAProxy is spoken to, and where it keeps what it knows of servers over a reload.
const (
	adminSocket = "/run/hoplab-haproxy.sock"
	serverState = "/run/hoplab-haproxy.servers"
)

// kubeProxyHealth is the port on which kube-proxy says that it is well (KubeProxyConfiguration healthzBindAddress).
const kubeProxyHealth = 10256

// preamble also listens somewhere of its own, because HAProxy does not start without any listener.
const preamble = `global
  stats socket ` + adminSocket + ` mode 600 level admin
  server-state-file ` + serverState + `
  maxconn 4000
defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 1s
  load-server-state-from-file global
frontend alive
  bind 127.0.0.1:9000
  mode http
  http-request return status 200
`

// Config is HAProxy's configuration for these Services with these addresses. A node is fit when kube-proxy is well there; for a Service with
// external traffic policy Local, when kube-proxy says that it has an endpoint of the Service.
func Config(services []Service, nodes []Node, addresses map[string]string) string {
	var text strings.Builder
	text.WriteString(preamble)
	ordered := slices.SortedFunc(slices.Values(services), func(a, b Service) int { return cmp.Compare(a.Key(), b.Key()) })
	for _, service := range ordered {
		if address := addresses[service.Key()]; address != "" {
			for _, port := range service.Spec.Ports {
				listen(&text, service, port, address, backends(nodes))
			}
		}
	}
	return text.String()
}

func listen(text *strings.Builder, service Service, port ServicePort, address string, nodes []backend) {
	health := kubeProxyHealth
	if service.Spec.ExternalTrafficPolicy == "Local" && service.Spec.HealthCheckNodePort != 0 {
		health = service.Spec.HealthCheckNodePort
	}
	fmt.Fprintf(text, "listen %s\n  bind %s:%d\n", listenerName(service, port), address, port.Port)
	if ranges := service.Spec.LoadBalancerSourceRanges; len(ranges) > 0 {
		fmt.Fprintf(text, "  tcp-request connection reject unless { src %s }\n", strings.Join(ranges, " "))
	}
	fmt.Fprintf(text, "  balance roundrobin\n  option httpchk GET /healthz\n  http-check expect status 200\n")
	fmt.Fprintf(text, "  default-server check port %d inter 500ms fall 2 rise 1\n", health)
	for _, node := range nodes {
		fmt.Fprintf(text, "  server %s %s:%d\n", node.node, node.address, port.NodePort)
	}
}
