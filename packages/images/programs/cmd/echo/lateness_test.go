package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestOnlyLateWakesOfTheTimeAskedForCount(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	late := &lateness{}
	for _, one := range [][2]int{{0, 3_000}, {4_000, 4_100}, {5_000, 5_700}} {
		late.expect(at(one[0]))
		late.come(at(one[1]))
	}
	late.expect(at(6_100))
	for within, want := range map[string]int64{"10000": 3_000, "3500": 3_000, "2900": 700, "200": 0, "0": 0} {
		if got := late.asked(within, at(6_000)); got == nil || *got != want {
			t.Errorf("within %s ms: %v", within, got)
		}
	}
	for _, within := range []string{"", "-1", "1s", "99999999999999999999"} {
		if got := late.asked(within, at(6_000)); got != nil {
			t.Errorf("%q: %d", within, *got)
		}
	}
}

func TestAWakeThatHasNotComeYetCounts(t *testing.T) {
	start := time.Now()
	late := &lateness{}
	late.expect(start)
	for after, want := range map[time.Duration]int64{-time.Second: 0, wakeEvery: 0, 4 * time.Second: 4_000} {
		if got := late.asked("1000", start.Add(after)); got == nil || *got != want {
			t.Errorf("%v after it was due: %v", after, got)
		}
	}
}

func TestLateWakesAreBounded(t *testing.T) {
	late := &lateness{}
	start := time.Now()
	for i := range 3 * notedMost {
		late.expect(start)
		late.come(start.Add(time.Duration(3*notedMost-i) * time.Second))
	}
	if len(late.wakes) != notedMost || late.worst(start, start) != notedMost*time.Second {
		t.Error(len(late.wakes), late.worst(start, start))
	}
}

func TestTheWakerEndsWhenItIsStopped(t *testing.T) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { (&lateness{}).watch(stop); close(ended) }()
	close(stop)
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("it goes on")
	}
}

func TestAClientMayAskHowLateTheServerWas(t *testing.T) {
	late := &lateness{}
	late.expect(time.Now().Add(-2 * time.Second))
	late.come(time.Now())
	handler := newHandler("p", &readiness{unreadyFile: "/absent"}, late)
	for path, want := range map[string]bool{"/?late=5000": true, "/": false} {
		if body := answered(handler, path); strings.Contains(body, `"lateMs":200`) != want {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func answered(handler http.Handler, path string) string {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
	return recorder.Body.String()
}
