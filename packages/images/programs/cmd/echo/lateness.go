package main

import (
	"strconv"
	"sync"
	"time"
)

const (
	// wakeEvery is the pause of the waker: a tenth of the least wait that is asked for.
	wakeEvery = 100 * time.Millisecond
	// notedFrom is the least lateness that is kept. With one lab on two processors none of 8,000 wakes was later than 0.17 s (measured here).
	notedFrom = 200 * time.Millisecond
	// notedMost bounds what is kept: the oldest goes.
	notedMost = 256
)

// lateness tells how long this Pod waited for a processor: a waker that asks for nothing but its turn, and how much too late it got it.
// No packet has a part in it, so it says something of the machine also where the network is broken.
type lateness struct {
	mutex sync.Mutex
	wakes []wake
	// due is when the waker is to come next; zero before it began.
	due time.Time
}

// wake is one that came too late: when it was due, when it came.
type wake struct{ due, came time.Time }

// watch wakes until stop is closed.
func (l *lateness) watch(stop <-chan struct{}) {
	timer := time.NewTimer(wakeEvery)
	defer timer.Stop()
	for {
		l.expect(time.Now().Add(wakeEvery))
		timer.Reset(wakeEvery)
		select {
		case <-stop:
			return
		case <-timer.C:
			l.come(time.Now())
		}
	}
}

func (l *lateness) expect(due time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.due = due
}

// come notes the wake that was due, if it is late.
func (l *lateness) come(came time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	due := l.due
	l.due = came
	if came.Sub(due) < notedFrom {
		return
	}
	l.wakes = append(l.wakes, wake{due, came})
	if len(l.wakes) > notedMost {
		l.wakes = l.wakes[1:]
	}
}

// worst is the longest wait of those that were not over before since, the one that is not over yet too: whoever asks may come before
// the waker. 0 when there is none.
func (l *lateness) worst(since, now time.Time) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	longest := time.Duration(0)
	if waits := now.Sub(l.due); !l.due.IsZero() && waits >= notedFrom {
		longest = waits
	}
	for _, one := range l.wakes {
		if one.came.After(since) {
			longest = max(longest, one.came.Sub(one.due))
		}
	}
	return longest
}

// asked answers ?late=N: the worst of the last N milliseconds, in milliseconds; nil where N is no number of them.
func (l *lateness) asked(within string, now time.Time) *int64 {
	ms, err := strconv.ParseUint(within, 10, 31)
	if err != nil {
		return nil
	}
	worst := l.worst(now.Add(-time.Duration(ms)*time.Millisecond), now).Milliseconds()
	return &worst
}
