package netns

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

func TestSocketsBelongToTheEnteredNamespace(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("making a network namespace needs root")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	child := exec.Command("sleep", "60")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: cloneNewNet}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	var inside error
	if err := Do(fmt.Sprintf("/proc/%d/ns/net", child.Process.Pid), func() { _, inside = net.Dial("tcp", listener.Addr().String()) }); err != nil {
		t.Fatal(err)
	}
	// Loopback is down in a new namespace, so the same address leads nowhere there.
	if !errors.Is(inside, syscall.ENETUNREACH) {
		t.Errorf("dialled from inside: %v", inside)
	}
	if conn, err := net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Errorf("afterwards we are no longer in our own namespace: %v", err)
	} else {
		_ = conn.Close()
	}
}

func TestDoTellsWhatCannotBeEntered(t *testing.T) {
	if err := Do("/proc/self/ns/absent", func() { t.Error("work was done") }); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// process writes what Pods reads of one process.
func process(t *testing.T, proc string, pid int, cgroup, comm string) {
	t.Helper()
	folder := filepath.Join(proc, fmt.Sprint(pid))
	if err := os.MkdirAll(filepath.Join(folder, "ns"), 0o755); err != nil {
		t.Fatal(err)
	}
	_ = os.WriteFile(filepath.Join(folder, "cgroup"), []byte(cgroup), 0o644)
	_ = os.WriteFile(filepath.Join(folder, "comm"), []byte(comm+"\n"), 0o644)
	_ = os.Symlink("net:[1]", filepath.Join(folder, "ns", "net"))
}

func TestPodsPrefersTheSandbox(t *testing.T) {
	proc := t.TempDir()
	const uid = "0a1b2c3d-1111-2222-3333-444455556666"
	systemd := "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-x.scope\n"
	process(t, proc, 1, "0::/init.scope\n", "systemd")
	process(t, proc, 20, systemd, "echo")
	process(t, proc, 21, systemd, "pause")
	process(t, proc, 22, systemd, "sh")
	process(t, proc, 30, "4:cpu:/kubepods/besteffort/pod99999999-1111-2222-3333-444455556666/x\n", "echo")
	_ = os.RemoveAll(filepath.Join(proc, "30", "ns"))
	pods := Pods(proc)
	if len(pods) != 1 || pods[uid] != 21 {
		t.Error(pods)
	}
}
