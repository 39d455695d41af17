// Command hoplab-probe runs a batch of network probes from inside the network namespaces of Pods.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "not yet")
	os.Exit(2)
}
