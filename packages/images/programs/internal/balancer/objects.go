// Package balancer keeps HAProxy in step with a cluster's Services of type LoadBalancer.
package balancer

// Class is the load balancer class that is meant beside none at all.
const Class = "hoplab.dev/load-balancer"

// excludeLabel on a Node keeps load balancers from sending to it (well-known labels, Kubernetes API); kubeadm puts it on control planes.
const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers"

// Service is what is read of one.
type Service struct {
	Metadata Metadata      `json:"metadata"`
	Spec     ServiceSpec   `json:"spec"`
	Status   ServiceStatus `json:"status"`
}

// Metadata is what is read of any object's.
type Metadata struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	Labels            map[string]string `json:"labels"`
	CreationTimestamp string            `json:"creationTimestamp"`
	DeletionTimestamp string            `json:"deletionTimestamp"`
}

// ServiceSpec is what a Service asks for.
type ServiceSpec struct {
	Type                     string        `json:"type"`
	LoadBalancerClass        string        `json:"loadBalancerClass"`
	ExternalTrafficPolicy    string        `json:"externalTrafficPolicy"`
	HealthCheckNodePort      int           `json:"healthCheckNodePort"`
	LoadBalancerSourceRanges []string      `json:"loadBalancerSourceRanges"`
	Ports                    []ServicePort `json:"ports"`
}

// ServicePort is one port of a Service.
type ServicePort struct {
	Protocol string `json:"protocol"`
	Port     int    `json:"port"`
	NodePort int    `json:"nodePort"`
}

// ServiceStatus holds the addresses that were given to a Service.
type ServiceStatus struct {
	LoadBalancer struct {
		Ingress []Ingress `json:"ingress"`
	} `json:"loadBalancer"`
}

// Ingress is one such address. IPMode Proxy says that packets reach a node with another destination than this address.
type Ingress struct {
	IP     string `json:"ip"`
	IPMode string `json:"ipMode,omitempty"`
}

// Node is what is read of one.
type Node struct {
	Metadata Metadata `json:"metadata"`
	Status   struct {
		Addresses []struct {
			Type    string `json:"type"`
			Address string `json:"address"`
		} `json:"addresses"`
	} `json:"status"`
}

// Key names a Service.
func (service Service) Key() string { return service.Metadata.Namespace + "/" + service.Metadata.Name }

// wanted tells whether a Service is to have an address of ours. HAProxy carries no UDP, so one with another port than TCP waits for ever.
func (service Service) wanted() bool {
	class := service.Spec.LoadBalancerClass
	if service.Spec.Type != "LoadBalancer" || service.Metadata.DeletionTimestamp != "" || (class != "" && class != Class) {
		return false
	}
	for _, port := range service.Spec.Ports {
		if port.NodePort == 0 || (port.Protocol != "" && port.Protocol != "TCP") {
			return false
		}
	}
	return len(service.Spec.Ports) > 0
}

// backends are the nodes that load balancers may send to, by name, with their internal address.
func backends(nodes []Node) []backend {
	found := []backend{}
	for _, node := range nodes {
		if _, excluded := node.Metadata.Labels[excludeLabel]; excluded {
			continue
		}
		for _, address := range node.Status.Addresses {
			if address.Type == "InternalIP" {
				found = append(found, backend{node.Metadata.Name, address.Address})
				break
			}
		}
	}
	return found
}

type backend struct{ node, address string }
