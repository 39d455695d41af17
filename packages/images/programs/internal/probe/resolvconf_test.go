package probe

import (
	"slices"
	"strings"
	"testing"
)

func TestCandidates(t *testing.T) {
	conf := parseResolvConf(strings.NewReader("search lab.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\nnameserver 1.2.3.4\noptions ndots:5 edns0\n"))
	if conf.server != "10.96.0.10" || conf.ndots != 5 {
		t.Fatalf("%+v", conf)
	}
	short := conf.candidates("hello")
	if !slices.Equal(short, []string{"hello.lab.svc.cluster.local.", "hello.svc.cluster.local.", "hello.cluster.local.", "hello."}) {
		t.Error(short)
	}
	if got := conf.candidates("hello.lab.svc.cluster.local."); !slices.Equal(got, []string{"hello.lab.svc.cluster.local."}) {
		t.Error(got)
	}
	if got := conf.candidates("a.b.c.d.e.f"); got[0] != "a.b.c.d.e.f." || len(got) != 4 {
		t.Error(got)
	}
	if got := parseResolvConf(strings.NewReader("options ndots:99\n")).ndots; got != 15 {
		t.Error("glibc holds ndots at 15, got", got)
	}
}
