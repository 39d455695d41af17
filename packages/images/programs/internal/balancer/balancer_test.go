package balancer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func service(name, created string, change ...func(*Service)) Service {
	made := Service{Metadata: Metadata{Name: name, Namespace: "shop", CreationTimestamp: created}}
	made.Spec = ServiceSpec{Type: "LoadBalancer", ExternalTrafficPolicy: "Cluster", Ports: []ServicePort{{Port: 80, NodePort: 30080}}}
	for _, one := range change {
		one(&made)
	}
	return made
}

func has(address string) func(*Service) {
	return func(service *Service) { service.Status.LoadBalancer.Ingress = []Ingress{{IP: address}} }
}

func pool(t *testing.T) Pool {
	t.Helper()
	made, err := ParsePool("198.51.100.8-198.51.100.9")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAPoolIsTwoAddressesInOrder(t *testing.T) {
	for _, text := range []string{"", "198.51.100.8", "a-b", "198.51.100.9-198.51.100.8"} {
		if _, err := ParsePool(text); err == nil {
			t.Errorf("%q was taken for a pool", text)
		}
	}
	if one := pool(t); !one.Has("198.51.100.9") || one.Has("198.51.100.10") || one.Has("nonsense") {
		t.Error("the pool does not know its addresses")
	}
}

func TestAnAddressStaysWithItsServiceAndIsNeverGivenTwice(t *testing.T) {
	given := pool(t).Assign([]Service{service("new", "2"), service("old", "1", has("198.51.100.8")), service("third", "3")})
	if given["shop/old"] != "198.51.100.8" || given["shop/new"] != "198.51.100.9" || given["shop/third"] != "" {
		t.Errorf("%v", given)
	}
	twins := pool(t).Assign([]Service{service("young", "2", has("198.51.100.8")), service("old", "1", has("198.51.100.8"))})
	if twins["shop/old"] != "198.51.100.8" || twins["shop/young"] != "198.51.100.9" {
		t.Errorf("%v", twins)
	}
}

func TestOnlyWhatItCanServeGetsAnAddress(t *testing.T) {
	for name, change := range map[string]func(*Service){
		"another type":     func(one *Service) { one.Spec.Type = "NodePort" },
		"another class":    func(one *Service) { one.Spec.LoadBalancerClass = "example.com/other" },
		"a UDP port":       func(one *Service) { one.Spec.Ports[0].Protocol = "UDP" },
		"no NodePort":      func(one *Service) { one.Spec.Ports[0].NodePort = 0 },
		"no port":          func(one *Service) { one.Spec.Ports = nil },
		"being taken away": func(one *Service) { one.Metadata.DeletionTimestamp = "now" },
	} {
		if given := pool(t).Assign([]Service{service("one", "1", change)}); len(given) != 0 {
			t.Errorf("%s: %v", name, given)
		}
	}
	if given := pool(t).Assign([]Service{service("one", "1", func(one *Service) { one.Spec.LoadBalancerClass = Class })}); len(given) != 1 {
		t.Error("its own class was refused")
	}
}

func nodes(t *testing.T) []Node {
	t.Helper()
	var read []Node
	text := `[{"metadata":{"name":"cp","labels":{"node.kubernetes.io/exclude-from-external-load-balancers":""}},"status":{"addresses":[{"type":"InternalIP","address":"172.28.0.2"}]}},
	{"metadata":{"name":"w1"},"status":{"addresses":[{"type":"Hostname","address":"w1"},{"type":"InternalIP","address":"172.28.0.3"}]}}]`
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestHAProxySendsToNodePortsOfFitNodes(t *testing.T) {
	local := service("web", "1", func(one *Service) {
		one.Spec.ExternalTrafficPolicy, one.Spec.HealthCheckNodePort = "Local", 31000
		one.Spec.LoadBalancerSourceRanges = []string{"198.51.100.2/32", "203.0.113.0/24"}
	})
	text := strings.TrimPrefix(Config([]Service{local, service("plain", "2")}, nodes(t), map[string]string{"shop/web": "198.51.100.8", "shop/plain": "198.51.100.9"}), preamble)
	want := `listen shop:plain:80
  bind 198.51.100.9:80
  balance roundrobin
  option httpchk GET /healthz
  http-check expect status 200
  default-server check port 10256 inter 500ms fall 2 rise 1
  server w1 172.28.0.3:30080
listen shop:web:80
  bind 198.51.100.8:80
  tcp-request connection reject unless { src 198.51.100.2/32 203.0.113.0/24 }
  balance roundrobin
  option httpchk GET /healthz
  http-check expect status 200
  default-server check port 31000 inter 500ms fall 2 rise 1
  server w1 172.28.0.3:30080
`
	if text != want {
		t.Errorf("%s", text)
	}
	if Config([]Service{local}, nodes(t), nil) != preamble {
		t.Error("a Service without an address is served")
	}
}

func TestAServerIsJudgedWhenItsChecksHaveSaidEnough(t *testing.T) {
	stat := "# pxname,svname,status,check_status,\na,FRONTEND,OPEN,,\na,w1,UP,L7OK,\na,w2,DOWN,L7STS,\nb,w1,UP 1/2,L4CON,\nc,w1,UP,INI,\n"
	judged, err := settled([]byte(stat))
	if err != nil || !judged["a"] || judged["b"] || judged["c"] || judged["d"] {
		t.Errorf("%v %v", judged, err)
	}
	if _, err := settled(nil); err == nil {
		t.Error("nothing was read as statistics")
	}
}

func TestItAsksWithItsTokenAndWritesTheStatusOnly(t *testing.T) {
	var asked []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		asked = append(asked, request.Method+" "+request.URL.Path+" "+request.Header.Get("Authorization")+" "+string(body))
		if request.URL.Path == "/api/v1/nodes" {
			http.Error(response, "forbidden", http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(response, `{"items":[{"metadata":{"name":"web","namespace":"shop"}}]}`)
	}))
	defer server.Close()
	authority := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text := `{"clusters":[{"cluster":{"server":"` + server.URL + `","certificate-authority-data":"` + authority + `"}}],"users":[{"user":{"token":"t1"}}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cluster, err := connect(file)
	if err != nil {
		t.Fatal(err)
	}
	found, err := list[Service](context.Background(), cluster, "/api/v1/services")
	if err != nil || len(found) != 1 || found[0].Key() != "shop/web" {
		t.Fatalf("%v %v", found, err)
	}
	if err := cluster.publish(context.Background(), found[0], []Ingress{{IP: "198.51.100.8", IPMode: "Proxy"}}); err != nil {
		t.Fatal(err)
	}
	want := `PATCH /api/v1/namespaces/shop/services/web/status Bearer t1 {"status":{"loadBalancer":{"ingress":[{"ip":"198.51.100.8","ipMode":"Proxy"}]}}}`
	if asked[1] != want {
		t.Errorf("%s", asked[1])
	}
	if _, err := list[Node](context.Background(), cluster, "/api/v1/nodes"); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a refusal was taken for an answer: %v", err)
	}
	if _, err := connect(filepath.Join(t.TempDir(), "later")); err == nil {
		t.Error("no kubeconfig was taken for one")
	}
}
