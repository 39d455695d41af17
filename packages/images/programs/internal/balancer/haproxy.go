package balancer

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const configFile = "/run/hoplab-haproxy.cfg"

// haproxy is the running program, as a child.
type haproxy struct {
	master *exec.Cmd
	ended  chan error
}

// start runs HAProxy with a configuration.
func start(config string) (*haproxy, error) {
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(serverState, nil, 0o600); err != nil {
		return nil, err
	}
	master := exec.Command("haproxy", "-W", "-db", "-f", configFile)
	master.Stdout, master.Stderr = os.Stdout, os.Stderr
	if err := master.Start(); err != nil {
		return nil, err
	}
	running := &haproxy{master, make(chan error, 1)}
	go func() { running.ended <- fmt.Errorf("haproxy has ended: %v", master.Wait()) }()
	return running, nil
}

// load gives it another configuration; connections that are open go on. What it knows of servers is handed over, or each would count as fit
// until it is found not to be.
func (running *haproxy) load(config string) error {
	if known, err := ask("show servers state"); err == nil {
		if err := os.WriteFile(serverState, known, 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		return err
	}
	if said, err := exec.Command("haproxy", "-c", "-f", configFile).CombinedOutput(); err != nil {
		return fmt.Errorf("haproxy refuses its configuration: %s", said)
	}
	return running.master.Process.Signal(syscall.SIGUSR2)
}

// stop ends it and waits.
func (running *haproxy) stop() {
	_ = running.master.Process.Signal(syscall.SIGTERM)
	select {
	case <-running.ended:
	case <-time.After(2 * time.Second):
		_ = running.master.Process.Kill()
	}
}

// ask sends one command to the newest worker and reads all it says.
func ask(command string) ([]byte, error) {
	connection, err := net.DialTimeout("unix", adminSocket, time.Second)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.WriteString(connection, command+"\n"); err != nil {
		return nil, err
	}
	return io.ReadAll(connection)
}

// settled gives the Services (namespace:name:port) all of whose servers have been found fit or unfit, from what "show stat" says.
func settled(stat []byte) (map[string]bool, error) {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(stat, []byte("# ")))).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("haproxy's statistics cannot be read: %v", err)
	}
	column := map[string]int{}
	for index, name := range rows[0] {
		column[name] = index
	}
	judged := map[string]bool{}
	for _, row := range rows[1:] {
		name, server := row[column["pxname"]], row[column["svname"]]
		if _, known := judged[name]; !known {
			judged[name] = true
		}
		if server != "FRONTEND" && server != "BACKEND" && !isJudged(row[column["status"]], row[column["check_status"]]) {
			judged[name] = false
		}
	}
	return judged, nil
}

// isJudged is false while a server's checks have said nothing yet, or not often enough ("UP 1/2").
func isJudged(status, check string) bool {
	return check != "" && check != "INI" && !strings.Contains(status, "/")
}

// waitSettled waits until HAProxy has judged the servers of these listeners, or the context ends.
func waitSettled(ctx context.Context, names []string) bool {
	for {
		if stat, err := ask("show stat"); err == nil {
			if judged, err := settled(stat); err == nil && all(names, judged) {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func all(names []string, judged map[string]bool) bool {
	for _, name := range names {
		if !judged[name] {
			return false
		}
	}
	return true
}
