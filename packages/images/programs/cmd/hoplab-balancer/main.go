// Command hoplab-balancer is a lab's load balancer, as a cloud has one outside of the nodes: it gives every Service of type LoadBalancer
// an address of its own and lets HAProxy carry TCP connections from there to the Service's NodePorts on the nodes that are fit for it.
//
// Environment: HOPLAB_POOL=198.51.100.8-198.51.100.23 the addresses it may hand out, on a network that it is attached to;
// HOPLAB_KUBECONFIG a kubeconfig in JSON, which may come later than the program. It may read Services and Nodes and write the status of
// Services, and asks for no more. Ends with 1 when HAProxy does.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"hoplab.dev/programs/internal/balancer"
)

// pidFile names this process for hoplab-agent.
const pidFile = "/run/hoplab-toolbox.pid"

func main() {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	pool, err := balancer.ParsePool(os.Getenv("HOPLAB_POOL"))
	if err != nil {
		log.Fatal(err)
	}
	if err := balancer.Run(stop, pool, os.Getenv("HOPLAB_KUBECONFIG")); err != nil {
		log.Fatal(err)
	}
}
