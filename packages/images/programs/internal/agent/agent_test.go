package agent

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// client speaks to an agent that ends with the test.
type client struct {
	requests *json.Encoder
	input    io.Closer
	endings  *json.Decoder
	ended    chan struct{}
}

func begin(t *testing.T) client {
	t.Helper()
	in, input := io.Pipe()
	output, out := io.Pipe()
	ended := make(chan struct{})
	go func() {
		Serve(in, out)
		_ = out.Close()
		close(ended)
	}()
	t.Cleanup(func() { _ = input.Close(); go func() { _, _ = io.Copy(io.Discard, output) }(); <-ended })
	return client{json.NewEncoder(input), input, json.NewDecoder(output), ended}
}

func (c client) ask(t *testing.T, request Request) Ending {
	t.Helper()
	if err := c.requests.Encode(request); err != nil {
		t.Fatal(err)
	}
	var ending Ending
	if err := c.endings.Decode(&ending); err != nil {
		t.Fatal(err)
	}
	return ending
}

func TestAProgramEndsAsItDoes(t *testing.T) {
	c := begin(t)
	cases := []struct {
		argv           []string
		input          string
		code           int
		stdout, stderr string
	}{
		{argv: []string{"sh", "-c", "cat; echo oh >&2; exit 3"}, input: "in\x00\xff", code: 3, stdout: "in\x00\xff", stderr: "oh\n"},
		{argv: []string{"true"}},
		{argv: []string{"sh", "-c", "kill -9 $$"}, code: 137},
		{argv: []string{"no-such-program"}, code: 127, stderr: "no-such-program: exec: \"no-such-program\": executable file not found in $PATH\n"},
		{argv: []string{"/etc/passwd"}, code: 126, stderr: "/etc/passwd: fork/exec /etc/passwd: permission denied\n"},
		{argv: []string{"sh", "-c", "head -c 70000000 /dev/zero"}, code: 125, stderr: "it printed more than is kept\n"},
		{argv: nil, code: 127, stderr: "no program was named\n"},
	}
	for _, one := range cases {
		got := c.ask(t, Request{ID: "a", Argv: one.argv, Input: []byte(one.input)})
		if got.ExitCode != one.code || string(got.Stdout) != one.stdout || string(got.Stderr) != one.stderr {
			t.Errorf("%v: %d %.99q %.99q", one.argv, got.ExitCode, got.Stdout, got.Stderr)
		}
	}
}

func TestProgramsRunAtTheSameTime(t *testing.T) {
	c := begin(t)
	_ = c.requests.Encode(Request{ID: "slow", Argv: []string{"sleep", "0.5"}})
	if got := c.ask(t, Request{ID: "quick", Argv: []string{"true"}}); got.ID != "quick" {
		t.Errorf("%s ended first", got.ID)
	}
}

func TestOneWhoseTimeIsOverOrThatIsCancelledEndsWithAllItStarted(t *testing.T) {
	c := begin(t)
	file := filepath.Join(t.TempDir(), "child")
	script := []string{"sh", "-c", "sleep 60 & echo $! > " + file + "; wait"}
	if got := c.ask(t, Request{ID: "late", Argv: script, TimeoutMs: 200}); got.ExitCode != 124 {
		t.Errorf("exit code %d", got.ExitCode)
	}
	requireEnded(t, file)
	_ = c.requests.Encode(Request{ID: "unwanted", Argv: script})
	waitFor(t, func() bool { _, err := os.Stat(file); return err == nil })
	if got := c.ask(t, Request{ID: "unwanted", Cancel: true}); got.ExitCode != 128+15 {
		t.Errorf("exit code %d", got.ExitCode)
	}
	requireEnded(t, file)
}

func TestTheEndOfTheInputEndsAll(t *testing.T) {
	c := begin(t)
	file := filepath.Join(t.TempDir(), "child")
	_ = c.requests.Encode(Request{ID: "a", Argv: []string{"sh", "-c", "echo $$ > " + file + "; exec sleep 60"}})
	waitFor(t, func() bool { text, _ := os.ReadFile(file); return len(text) > 0 })
	go func() { _, _ = io.Copy(io.Discard, c.endings.Buffered()); var last Ending; _ = c.endings.Decode(&last) }()
	_ = c.input.Close()
	<-c.ended
	requireEnded(t, file)
}

func TestTheMainProcessIsToldWhenItEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	for _, text := range []string{"", "x", "0", "-1", "999999999"} {
		_ = os.WriteFile(file, []byte(text), 0o600)
		if _, err := MainProcess(file); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	command := exec.Command("sleep", "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = os.WriteFile(file, []byte(strconv.Itoa(command.Process.Pid)+"\n"), 0o600)
	main, err := MainProcess(file)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-main.Ended():
		t.Error("ended too early")
	case <-time.After(3 * lookEvery):
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	<-main.Ended()
}

// requireEnded fails unless the process whose number is in file is gone soon, and removes the file.
func requireEnded(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	waitFor(t, func() bool { return pid > 0 && syscall.Kill(pid, 0) != nil || isZombie(pid) })
	_ = os.Remove(file)
}

func isZombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("it did not happen within 4 s")
}
