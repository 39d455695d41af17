package balancer

import (
	"context"
	"log"
	"os"
	"strconv"
	"strings"
	"time"
)

// statusFile tells in one line how this program stands with the cluster.
const statusFile = "/run/hoplab-balancer.status"

// lookEvery is how often the API server is asked. Two lists of a lab cost it less than a millisecond, and a watch would have to be renewed.
const lookEvery = 500 * time.Millisecond

// judgedWithin is how long a new Service's nodes may take to be judged before its address is published all the same: six checks.
const judgedWithin = 3 * time.Second

// balancer is one run of the program.
type balancer struct {
	pool   Pool
	device string
	proxy  *haproxy
	config string
	owned  map[string]bool
}

// Run keeps HAProxy in step with the Services until the context ends, or HAProxy does. While the kubeconfig is not there or the API server
// does not answer, what was set up before goes on.
func Run(ctx context.Context, pool Pool, kubeconfig string) error {
	device, err := deviceOf(pool)
	if err != nil {
		return err
	}
	proxy, err := start(preamble)
	if err != nil {
		return err
	}
	defer proxy.stop()
	one := &balancer{pool, device, proxy, preamble, map[string]bool{}}
	var cluster *api
	said := ""
	for {
		if cluster == nil {
			cluster, err = connect(kubeconfig)
		}
		if cluster != nil {
			err = one.look(ctx, cluster)
		}
		if text := errorText(err); text != said {
			said = text
			log.Print(text)
			if err := os.WriteFile(statusFile, []byte(text+"\n"), 0o644); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-proxy.ended:
			return err
		case <-time.After(lookEvery):
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return "in step with the cluster"
	}
	return err.Error()
}

// look reads what there is, sets HAProxy up for it, and only then tells the addresses.
func (one *balancer) look(ctx context.Context, cluster *api) error {
	services, err := list[Service](ctx, cluster, "/api/v1/services")
	if err != nil {
		return err
	}
	nodes, err := list[Node](ctx, cluster, "/api/v1/nodes")
	if err != nil {
		return err
	}
	given := one.pool.Assign(services)
	if err := one.apply(Config(services, nodes, given), given); err != nil {
		return err
	}
	for _, service := range services {
		if err := one.tell(ctx, cluster, service, given[service.Key()]); err != nil {
			return err
		}
	}
	return nil
}

// apply takes the addresses, gives HAProxy its configuration, and drops the addresses that nobody has any more.
func (one *balancer) apply(config string, given map[string]string) error {
	wanted := map[string]bool{}
	for _, address := range given {
		wanted[address] = true
		if err := own(address, one.device, true); err != nil {
			return err
		}
		one.owned[address] = true
	}
	if config != one.config {
		if err := one.proxy.load(config); err != nil {
			return err
		}
		one.config = config
	}
	for address := range one.owned {
		if !wanted[address] {
			if err := own(address, one.device, false); err != nil {
				return err
			}
			delete(one.owned, address)
		}
	}
	return nil
}

// tell writes a Service's address into its status once it answers there, and takes away one of ours that it has no more.
func (one *balancer) tell(ctx context.Context, cluster *api, service Service, address string) error {
	has := service.Status.LoadBalancer.Ingress
	if address == "" {
		if one.pool.current(service) == "" {
			return nil
		}
		log.Printf("%s gives %s back", service.Key(), one.pool.current(service))
		return cluster.publish(ctx, service, []Ingress{})
	}
	if len(has) == 1 && has[0].IP == address && has[0].IPMode == "Proxy" {
		return nil
	}
	bound, cancel := context.WithTimeout(ctx, judgedWithin)
	defer cancel()
	waitSettled(bound, listeners(service))
	log.Printf("%s has %s", service.Key(), address)
	return cluster.publish(ctx, service, []Ingress{{IP: address, IPMode: "Proxy"}})
}

// listeners are the names under which HAProxy knows a Service's ports.
func listeners(service Service) []string {
	names := []string{}
	for _, port := range service.Spec.Ports {
		names = append(names, listenerName(service, port))
	}
	return names
}

func listenerName(service Service, port ServicePort) string {
	return strings.ReplaceAll(service.Key(), "/", ":") + ":" + strconv.Itoa(port.Port)
}
