package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

var testLan = lan{network: netip.MustParsePrefix("172.28.8.0/22"), block: 32, pods: 29}

const mac = "02:42:ac:1c:08:03"

func TestANodeOwnsTheBlockOfItsNumber(t *testing.T) {
	seen := map[string]string{}
	for own := 2; own < 31; own++ {
		node := address(number(testLan.network.Addr()) + uint32(own))
		pods, err := testLan.podAddresses(node)
		if err != nil || len(pods) != 29 {
			t.Fatalf("%s: %d addresses, %v", node, len(pods), err)
		}
		for _, pod := range pods {
			if other, taken := seen[pod]; taken {
				t.Fatalf("%s is %s's and %s's", pod, other, node)
			}
			if number(netip.MustParseAddr(pod))-number(testLan.network.Addr()) < 32 || !testLan.network.Contains(netip.MustParseAddr(pod)) {
				t.Fatalf("%s is among the nodes or outside", pod)
			}
			seen[pod] = node.String()
		}
	}
	if pods, _ := testLan.podAddresses(netip.MustParseAddr("172.28.8.3")); pods[0] != "172.28.8.97" || pods[28] != "172.28.8.125" {
		t.Fatalf("%v", pods)
	}
}

func TestANodeElsewhereOwnsNothing(t *testing.T) {
	for node, said := range map[string]string{"172.28.8.32": "number 32", "172.28.8.0": "number 0", "172.28.12.2": "is not in"} {
		if _, err := testLan.podAddresses(netip.MustParseAddr(node)); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%s: %v", node, err)
		}
	}
	small := lan{network: netip.MustParsePrefix("172.28.8.0/24"), block: 32, pods: 29}
	if _, err := small.podAddresses(netip.MustParseAddr("172.28.8.8")); err == nil {
		t.Error("block 8 of a network that has 8 blocks, 0 to 7, was given")
	}
	if _, err := (lan{network: testLan.network, block: 32, pods: 31}).podAddresses(netip.MustParseAddr("172.28.8.3")); err == nil {
		t.Error("31 addresses of a block of 32 were given")
	}
}

func TestItAnswersAsTheServiceDoes(t *testing.T) {
	broken := false
	server := httptest.NewServer(service{func() (map[string]string, error) {
		if broken {
			return nil, errors.New("no eth0")
		}
		return describeInstance(networkInterface{mac, netip.MustParseAddr("172.28.8.3")}, testLan, "m5.4xlarge")
	}})
	defer server.Close()
	ask := func(method, path string) (int, string) {
		request, _ := http.NewRequest(method, server.URL+path, nil)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	interfaces := "/latest/meta-data/network/interfaces/macs/"
	for path, want := range map[string]string{
		"/latest/meta-data/mac": mac, interfaces: mac + "/", "/latest/meta-data/placement/": "availability-zone",
		interfaces + mac + "/vpc-ipv4-cidr-blocks": "172.28.8.0/22", interfaces + mac + "/interface-id": "eni-000000242ac1c0803",
	} {
		if code, body := ask(http.MethodGet, path); code != 200 || body != want {
			t.Errorf("%s: %d %q", path, code, body)
		}
	}
	if code, _ := ask(http.MethodPut, "/latest/api/token"); code != 200 {
		t.Errorf("token: %d", code)
	}
	for _, path := range []string{interfaces + mac + "/ipv4-prefix", "/latest/meta-data/iam/", "/latest/meta-data/ma", "/latest/api/token"} {
		if code, _ := ask(http.MethodGet, path); code != 404 {
			t.Errorf("%s: %d", path, code)
		}
	}
	if _, body := ask(http.MethodGet, interfaces+mac+"/local-ipv4s"); !strings.HasPrefix(body, "172.28.8.3\n172.28.8.97\n") || strings.Count(body, "\n") != 29 {
		t.Errorf("addresses: %q", body)
	}
	broken = true
	if code, body := ask(http.MethodGet, "/latest/meta-data/mac"); code != 500 || !strings.Contains(body, "no eth0") {
		t.Errorf("a node without its interface: %d %q", code, body)
	}
}
