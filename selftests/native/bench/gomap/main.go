// SPDX-License-Identifier: GPL-2.0

// Go's map beside an RWMutex, and sync.Map: the same keys, cases and checks as
// loop.h has, the results in the same form.
//
//	gomap PEER ENTRIES OPERATIONS [CASE,CASE...]
package main

import (
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	many      = 32
	roundsMax = 20
	absent    = 1 << 40
	roundTime = 200 * time.Millisecond
)

type table interface {
	insert(k, v uint64) bool
	get(k uint64) (uint64, bool)
	update(k, v uint64) bool
	remove(k uint64) bool
	iterate() (n, sum uint64)
}

type locked struct {
	mu sync.RWMutex
	m  map[uint64]uint64
}

func (t *locked) insert(k, v uint64) bool {
	t.mu.Lock()
	_, there := t.m[k]
	if !there {
		t.m[k] = v
	}
	t.mu.Unlock()
	return !there
}

func (t *locked) get(k uint64) (uint64, bool) {
	t.mu.RLock()
	v, there := t.m[k]
	t.mu.RUnlock()
	return v, there
}

func (t *locked) update(k, v uint64) bool {
	t.mu.Lock()
	_, there := t.m[k]
	if there {
		t.m[k] = v
	}
	t.mu.Unlock()
	return there
}

func (t *locked) remove(k uint64) bool {
	t.mu.Lock()
	_, there := t.m[k]
	delete(t.m, k)
	t.mu.Unlock()
	return there
}

func (t *locked) iterate() (n, sum uint64) {
	t.mu.RLock()
	for _, v := range t.m {
		n++
		sum += v
	}
	t.mu.RUnlock()
	return
}

type synced struct{ m sync.Map }

func (t *synced) insert(k, v uint64) bool {
	_, there := t.m.LoadOrStore(k, v)
	return !there
}

func (t *synced) get(k uint64) (uint64, bool) {
	v, there := t.m.Load(k)
	if !there {
		return 0, false
	}
	return v.(uint64), true
}

// There is no call that only replaces.
func (t *synced) update(k, v uint64) bool {
	t.m.Store(k, v)
	return true
}

func (t *synced) remove(k uint64) bool {
	_, there := t.m.LoadAndDelete(k)
	return there
}

func (t *synced) iterate() (n, sum uint64) {
	t.m.Range(func(_, v any) bool {
		n++
		sum += v.(uint64)
		return true
	})
	return
}

// What is asked for.
var (
	peer         string
	n, ops, step uint64
	cases        string
	hit, miss    []uint64
)

func newTable() table {
	if peer == "go-rwmutex" {
		return &locked{m: map[uint64]uint64{}}
	}
	return &synced{}
}

func key(i uint64) uint64 {
	i += 0x9e3779b97f4a7c15
	i = (i ^ i>>30) * 0xbf58476d1ce4e5b9
	i = (i ^ i>>27) * 0x94d049bb133111eb
	return i ^ i>>31
}

func next(i uint64) uint64 {
	i += step
	if i >= n {
		i -= n
	}
	return i
}

func value(i uint64) uint64 { return key(next(i)) }

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func queries(base, salt uint64) []uint64 {
	q := make([]uint64, ops)
	for i := range q {
		high, _ := bits.Mul64(key(uint64(i)^salt), n)
		q[i] = key(base + high)
	}
	return q
}

func fail(what string) {
	fmt.Fprintln(os.Stderr, "bench:", what)
	os.Exit(1)
}

func must(right bool, what string) {
	if !right {
		fail(what)
	}
}

func wants(what string) bool {
	return cases == "" || strings.Contains(cases, ","+what+",")
}

func result(what string, ns float64, check uint64, more string) {
	if more != "" {
		more = ", " + more
	}
	fmt.Printf("{\"peer\": %q, \"case\": %q, \"n\": %d, \"ns\": %.3f, \"check\": \"%x\"%s}\n",
		peer, what, n, ns, check, more)
}

func heap() uint64 {
	var m runtime.MemStats

	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What the calling thread has used of its CPU, in ns.
func cpu() time.Duration {
	var ts syscall.Timespec

	const threadCPU = 3 // CLOCK_THREAD_CPUTIME_ID
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadCPU, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano())
}

func perCPU(t0 time.Duration, n uint64) float64 {
	return float64((cpu() - t0).Nanoseconds()) / float64(n)
}

func per(t0 time.Time, n uint64) float64 {
	return float64(time.Since(t0).Nanoseconds()) / float64(n)
}

func rounds() uint64 {
	r := ops / n
	if r < 1 {
		return 1
	}
	if r > roundsMax {
		return roundsMax
	}
	return r
}

func fill(t table, from, n uint64) {
	for i := from; i < from+n; i++ {
		must(t.insert(key(i), value(i)), "insert: not all are new")
	}
}

func runInsert() table {
	var t table
	var ns time.Duration

	before := heap()
	for r := uint64(0); r < rounds(); r++ {
		t = newTable()
		t0 := cpu()
		fill(t, 0, n)
		ns += cpu() - t0
	}
	bytes := float64(heap()-before) / float64(n)
	result("insert", float64(ns.Nanoseconds())/float64(rounds()*n), n,
		fmt.Sprintf("\"bytes\": %.2f", bytes))
	return t
}

func hits(t table, keys []uint64) (found, sum uint64) {
	for _, k := range keys {
		if v, there := t.get(k); there {
			found++
			sum += v
		}
	}
	return
}

func runHit(t table, what string) {
	hits(t, hit[:ops/4])
	t0 := cpu()
	found, sum := hits(t, hit)
	ns := perCPU(t0, ops)
	must(found == ops, "hit: not all found")
	result(what, ns, sum, "")
}

func runMiss(t table) {
	hits(t, miss[:ops/4])
	t0 := cpu()
	found, _ := hits(t, miss)
	ns := perCPU(t0, ops)
	must(found == 0, "miss: found something")
	result("miss", ns, 0, "")
}

func chain(t table, k, n uint64) uint64 {
	for i := uint64(0); i < n; i++ {
		v, there := t.get(k)
		must(there, "dependent: lost the way")
		k = v
	}
	return k
}

func runDependent(t table) {
	chain(t, key(0), ops/4)
	t0 := cpu()
	k := chain(t, key(0), ops)
	ns := perCPU(t0, ops)
	high, low := bits.Mul64(ops, step)
	must(k == key(bits.Rem64(high, low, n)), "dependent: arrived somewhere else")
	result("dependent", ns, k, "")
}

func runIterate(t table) {
	var seen, sum uint64

	t0 := cpu()
	for r := uint64(0); r < rounds(); r++ {
		m, s := t.iterate()
		seen += m
		sum += s
	}
	ns := perCPU(t0, seen)
	must(seen == rounds()*n, "iterate: not all seen")
	result("iterate", ns, sum, "")
}

func runUpdate(t table) {
	var done uint64

	t0 := cpu()
	for pass := uint64(0); pass < 2; pass++ {
		for _, k := range hit[:ops/2] {
			if t.update(k, k+pass) {
				done++
			}
		}
	}
	ns := perCPU(t0, done)
	must(done == ops/2*2, "update: not all there")
	_, sum := hits(t, hit)
	result("update", ns, sum, "")
}

func runMixed(t table) {
	var found, sum, done, at uint64

	changes := ops / 10
	if changes > n/2 {
		changes = n / 2
	}
	t0 := cpu()
	for i := uint64(0); i < changes*10; i++ {
		switch i % 10 {
		case 3:
			must(t.insert(key(n+i/10), i), "mixed: a change failed")
			done++
		case 8:
			must(t.remove(key(at)), "mixed: a change failed")
			done++
			at = next(at)
		default:
			if v, there := t.get(hit[i]); there {
				found++
				sum += v
			}
		}
	}
	ns := perCPU(t0, changes*10)
	result("mixed", ns, found<<40^sum, "")
	at = 0
	for i := uint64(0); i < changes; i++ {
		must(t.remove(key(n+i)), "mixed: an entry is gone")
		must(t.insert(key(at), value(at)), "mixed: an entry is back")
		at = next(at)
	}
}

func runDelete(t table) {
	var at, done uint64

	t0 := cpu()
	for i := uint64(0); i < n; i++ {
		if t.remove(key(at)) {
			done++
		}
		at = next(at)
	}
	ns := perCPU(t0, n)
	must(done == n, "delete: not all there")
	found, _ := hits(t, hit)
	must(found == 0, "delete: something is left")
	result("delete", ns, done, "")
}

func runTail() {
	took := make([]int64, n)
	t := newTable()
	for i := uint64(0); i < n; i++ {
		k, v := key(i), value(i)
		t0 := time.Now()
		must(t.insert(k, v), "tail: not all are new")
		took[i] = time.Since(t0).Nanoseconds()
	}
	sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
	result("tail", float64(took[n/2]), n, fmt.Sprintf(
		"\"p50\": %d, \"p99\": %d, \"p999\": %d, \"p9999\": %d, \"max\": %d", took[n/2],
		took[n-1-n/100], took[n-1-n/1000], took[n-1-n/10000], took[n-1]))
}

// both runs the two functions on threads of their own, which begin at once.
func both(fn [2]func()) {
	var done sync.WaitGroup
	waiting := int32(2)

	for _, f := range fn {
		done.Add(1)
		go func(f func()) {
			runtime.LockOSThread()
			atomic.AddInt32(&waiting, -1)
			for atomic.LoadInt32(&waiting) > 0 {
			}
			f()
			done.Done()
		}(f)
	}
	done.Wait()
}

func runReaders(t table) {
	var sum [2]uint64
	var mops [2]float64

	side := func(id int) func() {
		return func() {
			hits(t, hit[:ops/4])
			t0 := time.Now()
			_, sum[id] = hits(t, hit)
			mops[id] = 1e3 / per(t0, ops)
		}
	}
	both([2]func(){side(0), side(1)})
	must(sum[0] == sum[1], "readers: saw different things")
	all := mops[0] + mops[1]
	result("readers", 1e3/all, sum[0], fmt.Sprintf("\"mops\": %.3f", all))
}

func runBeside(t table) {
	var reads, writes uint64

	t0 := time.Now()
	both([2]func(){func() {
		for at := uint64(0); time.Since(t0) < roundTime; reads += many {
			found, _ := hits(t, hit[at:at+many])
			must(found == many, "reader beside a writer: an entry is gone")
			at = (at + many) % ops
		}
	}, func() {
		for first := n; time.Since(t0) < roundTime; first += many / 2 {
			fill(t, first, many/2)
			for i := first; i < first+many/2; i++ {
				must(t.remove(key(i)), "writer beside a reader: a change failed")
			}
			writes += many
		}
	}})
	us := float64(time.Since(t0).Nanoseconds()) / 1e3
	result("beside", us*1e3/float64(reads+writes), 0, fmt.Sprintf(
		"\"reader\": %.3f, \"writer\": %.3f", float64(reads)/us, float64(writes)/us))
}

func runWriters() {
	var mops float64

	half := n / 2
	for r := uint64(0); r < rounds(); r++ {
		var ns [2]float64

		t := newTable()
		side := func(id uint64) func() {
			return func() {
				t0 := time.Now()
				fill(t, id*half, half)
				ns[id] = per(t0, half)
			}
		}
		both([2]func(){side(0), side(1)})
		mops += (1e3/ns[0] + 1e3/ns[1]) / float64(rounds())
		seen, _ := t.iterate()
		must(seen == half*2, "writers: entries were lost")
	}
	result("writers", 1e3/mops, half*2, fmt.Sprintf("\"mops\": %.3f", mops))
}

func arguments() {
	if len(os.Args) < 4 {
		fail("usage: PEER ENTRIES OPERATIONS [CASE,...]")
	}
	peer = os.Args[1]
	n, _ = strconv.ParseUint(os.Args[2], 0, 64)
	ops, _ = strconv.ParseUint(os.Args[3], 0, 64)
	ops = ops / many * many
	if len(os.Args) > 4 {
		cases = "," + os.Args[4] + ","
	}
	must(n > 1 && ops > 0, "too few entries or operations")
	must(peer == "go-rwmutex" || peer == "go-sync", "no such peer")
	step = uint64(float64(n) * 0.6180339887498949)
	for gcd(step, n) != 1 {
		step++
	}
	hit = queries(0, 0x1234567)
	miss = queries(absent, 0x7654321)
}

func main() {
	runtime.LockOSThread()
	arguments()
	t := runInsert()
	runtime.GC()
	run := []struct {
		what string
		fn   func()
	}{
		{"hit", func() { runHit(t, "hit") }},
		{"dependent", func() { runDependent(t) }},
		{"miss", func() { runMiss(t) }},
		{"many", func() { runHit(t, "many") }},
		{"iterate", func() { runIterate(t) }},
		{"update", func() { runUpdate(t) }},
		{"mixed", func() { runMixed(t) }},
		{"readers", func() { runReaders(t) }},
		{"beside", func() { runBeside(t) }},
		{"delete", func() { runDelete(t) }},
		{"tail", func() { t = nil; runTail() }},
		{"writers", runWriters},
	}
	for _, c := range run {
		if wants(c.what) {
			c.fn()
		}
	}
}
