// Command hoplab-probe reads one batch of probes as JSON from standard input and prints one JSON line per result, in any
// order, then {"end": <the batch's nonce>, "count": <number of results>}. An output without that last line was cut.
// It runs in the toolbox of a node: in the node's process and network namespaces, with the right to enter those of Pods.
// Exit codes: 0 all results printed, 2 the input is no batch. Everything foreign is inside JSON strings, so no server's
// answer can look like a line of ours.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"hoplab.dev/programs/internal/probe"
)

func main() {
	var batch probe.Batch
	input := json.NewDecoder(os.Stdin)
	input.DisallowUnknownFields()
	if err := input.Decode(&batch); err != nil || batch.Batch == "" {
		fmt.Fprintln(os.Stderr, "hoplab-probe: standard input is no batch:", err)
		os.Exit(2)
	}
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	probe.Run(batch, "/proc", func(result probe.Result) {
		_ = lines.Encode(result)
		_ = out.Flush()
	})
	_ = lines.Encode(probe.End{End: batch.Batch, Count: len(batch.Probes)})
	if err := out.Flush(); err != nil {
		os.Exit(1)
	}
}
