package netns

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// podSlice finds a Pod's uid in a cgroup path; the systemd driver spells its dashes as underscores.
var podSlice = regexp.MustCompile(`pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})`)

// Pods maps the uid of every Pod with a living process on this node to one process of it. The process that holds the
// sandbox ("pause") is preferred: it lives as long as the Pod.
func Pods(proc string) map[string]int {
	found := map[string]int{}
	folders, _ := filepath.Glob(filepath.Join(proc, "[0-9]*"))
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		uid := podOf(folder)
		if uid == "" || !hasNamespace(folder) {
			continue
		}
		if _, known := found[uid]; !known || holdsSandbox(folder) {
			found[uid] = pid
		}
	}
	return found
}

// podOf reads the uid of the Pod that a process belongs to, with dashes; "" for none.
func podOf(folder string) string {
	cgroups, err := os.ReadFile(filepath.Join(folder, "cgroup"))
	if err != nil {
		return ""
	}
	match := podSlice.FindSubmatch(cgroups)
	if match == nil {
		return ""
	}
	return strings.ReplaceAll(string(match[1]), "_", "-")
}

// hasNamespace is false for a process that has ended but was not yet reaped.
func hasNamespace(folder string) bool {
	_, err := os.Readlink(filepath.Join(folder, "ns", "net"))
	return err == nil
}

func holdsSandbox(folder string) bool {
	name, _ := os.ReadFile(filepath.Join(folder, "comm"))
	return strings.TrimSpace(string(name)) == "pause"
}
