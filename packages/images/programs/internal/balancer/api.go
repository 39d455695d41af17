package balancer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// answerWithin bounds one request to the API server.
const answerWithin = 5 * time.Second

// api is the cluster's API server, as far as this program asks it.
type api struct {
	server, token string
	client        *http.Client
}

// kubeconfig is what is read of one; its only cluster and its only user count.
type kubeconfig struct {
	Clusters []struct {
		Cluster struct {
			Server string `json:"server"`
			CA     []byte `json:"certificate-authority-data"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		User struct {
			Token string `json:"token"`
		} `json:"user"`
	} `json:"users"`
}

// connect reads a kubeconfig in JSON.
func connect(file string) (*api, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var config kubeconfig
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, errors.New("the kubeconfig does not name one cluster and one user")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(config.Clusters[0].Cluster.CA) {
		return nil, errors.New("the kubeconfig has no certificate of the cluster's authority")
	}
	return &api{config.Clusters[0].Cluster.Server, config.Users[0].User.Token, &http.Client{
		Timeout: answerWithin, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}}, nil
}

// list reads all objects at a path.
func list[T any](ctx context.Context, from *api, path string) ([]T, error) {
	var found struct {
		Items []T `json:"items"`
	}
	return found.Items, from.do(ctx, http.MethodGet, path, "", nil, &found)
}

// publish writes the addresses of a Service into its status; none takes away what there is.
func (to *api) publish(ctx context.Context, service Service, addresses []Ingress) error {
	path := fmt.Sprintf("/api/v1/namespaces/%s/services/%s/status", service.Metadata.Namespace, service.Metadata.Name)
	body, err := json.Marshal(map[string]any{"status": map[string]any{"loadBalancer": map[string]any{"ingress": addresses}}})
	if err != nil {
		return err
	}
	return to.do(ctx, http.MethodPatch, path, "application/merge-patch+json", body, nil)
}

func (to *api) do(ctx context.Context, method, path, contentType string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, to.server+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+to.token)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := to.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: HTTP %d: %.200s", method, path, response.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
