package probe

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hoplab.dev/programs/internal/netns"
)

// Bounds on what one batch may ask for.
const (
	maxCount    = 2000
	maxParallel = 64
	maxTimeout  = 60_000
	maxBody     = 64 << 20
	// turnsAtOnce bounds the probes that keep the processors busy.
	turnsAtOnce = 32
	// turnLasts is how long a probe keeps its turn: one that is without an answer by then only waits, which costs nothing. Probes to
	// dead addresses took turns of two seconds each otherwise, and a batch of a hundred lasted eight.
	turnLasts = 250 * time.Millisecond
	// probesAtOnce bounds the threads: each connection in a Pod's namespace holds one.
	probesAtOnce = 96
)

// Run carries out every probe of a batch, several at a time, and hands each result to emit, one call at a time.
func Run(batch Batch, proc string, emit func(Result)) {
	pods := netns.Pods(proc)
	turns := make(chan struct{}, turnsAtOnce)
	slots := make(chan struct{}, probesAtOnce)
	var running sync.WaitGroup
	var emitting sync.Mutex
	for _, request := range batch.Probes {
		slots <- struct{}{}
		turns <- struct{}{}
		endTurn := sync.OnceFunc(func() { <-turns })
		running.Go(func() {
			defer func() { endTurn(); <-slots }()
			defer time.AfterFunc(turnLasts, endTurn).Stop()
			result := runOne(request, pods, proc)
			emitting.Lock()
			defer emitting.Unlock()
			emit(result)
		})
	}
	running.Wait()
}

func runOne(request Request, pods map[string]int, proc string) Result {
	start := time.Now()
	request = withDefaults(request)
	result := Result{ID: request.ID, Nonce: request.Nonce}
	place, detail := placeOf(request.From, pods, proc)
	switch {
	case detail != "":
		result.Class, result.Detail = Error, detail
	case request.Kind == "dns":
		runDNS(request, place, &result)
	case request.Kind == "listeners":
		runListeners(request, place, proc, &result)
	case attempts[request.Kind] != nil:
		runConnections(request, place.namespace, &result)
	default:
		result.Class, result.Detail = Error, fmt.Sprintf("kind %q is not known", request.Kind)
	}
	result.DurationMs = milliseconds(start)
	return result
}

func withDefaults(request Request) Request {
	request.Count = min(max(request.Count, 1), maxCount)
	request.Parallel = min(max(request.Parallel, 1), maxParallel, request.Count)
	if request.TimeoutMs <= 0 {
		request.TimeoutMs = 2000
	}
	request.TimeoutMs = min(request.TimeoutMs, maxTimeout)
	request.BodyBytes = min(max(request.BodyBytes, 0), maxBody)
	request.AnswerBytes = min(max(request.AnswerBytes, 0), maxBody)
	request.Datagrams = min(max(request.Datagrams, 1), maxCount)
	request.EveryMs = min(max(request.EveryMs, 0), maxTimeout)
	return request
}

// place is where a probe starts from. An empty namespace is our own, which is the node's; process is one that lives there.
type place struct{ namespace, resolvConf, process string }

// placeOf finds where a probe starts from, or says why it cannot. The engine gives a container that joins another's network
// that container's resolv.conf, so the node's is our own.
func placeOf(from From, pods map[string]int, proc string) (place, string) {
	if from.Node {
		// Not "self": that is the first thread, which another probe may have taken into a Pod's namespace for good.
		return place{resolvConf: "/etc/resolv.conf", process: "thread-self"}, ""
	}
	if from.PodUID == "" {
		return place{}, "from names neither a Pod nor the node"
	}
	process, found := pods[from.PodUID]
	if !found {
		return place{}, "pod not found"
	}
	folder := filepath.Join(proc, strconv.Itoa(process))
	return place{namespace: filepath.Join(folder, "ns/net"), resolvConf: filepath.Join(folder, "root/etc/resolv.conf"), process: strconv.Itoa(process)}, ""
}

func runDNS(request Request, from place, result *Result) {
	conf := resolver{ndots: 1}
	if file, err := os.Open(from.resolvConf); err == nil {
		conf = parseResolvConf(file)
		_ = file.Close()
	} else if request.Server == "" {
		result.Class, result.Detail = Error, err.Error()
		return
	}
	err := netns.Do(from.namespace, func() { result.Class, result.Detail, result.DNS = resolve(request, conf) })
	if err != nil {
		result.Class, result.Detail = Error, err.Error()
	}
}

// runConnections makes Count fresh connections, Parallel of them at a time, each worker on a thread of its own. What was begun is
// the beginning of the list: workers take the next of one queue.
func runConnections(request Request, namespace string, result *Result) {
	result.Connections = make([]Connection, request.Count)
	next := make(chan int, request.Count)
	for index := range request.Count {
		next <- index
	}
	close(next)
	var workers sync.WaitGroup
	var begun, unanswered atomic.Int64
	failures := make(chan error, request.Parallel)
	for range request.Parallel {
		workers.Go(func() {
			failures <- netns.Do(namespace, func() {
				for request.GiveUpAfter <= 0 || unanswered.Load() < int64(request.GiveUpAfter) {
					index, more := <-next
					if !more {
						return
					}
					begun.Add(1)
					result.Connections[index] = attempt(request, fmt.Sprintf("%s.%d", request.Nonce, index))
					if result.Connections[index].Class == Timeout {
						unanswered.Add(1)
					}
				}
			})
		})
	}
	workers.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			result.Class, result.Detail, result.Connections = Error, err.Error(), nil
			return
		}
	}
	result.Connections = result.Connections[:begun.Load()]
	result.summarize()
}

// summarize gives the result the class of the first connection that was not OK.
func (result *Result) summarize() {
	result.Class = OK
	for _, connection := range result.Connections {
		if connection.Class != OK {
			result.Class, result.Detail = connection.Class, connection.Detail
			return
		}
	}
}
