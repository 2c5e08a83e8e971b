// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// never is an interval that no test reaches the end of.
const never = 24 * time.Hour

// save and load fail the test if they fail.
func save(t *testing.T, r journal.Record, text string) {
	t.Helper()
	if err := r.Save(t.Context(), note{text}); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, r journal.Record, want string) {
	t.Helper()
	var got note
	if found, err := r.Load(t.Context(), &got); !found || err != nil || got.Text != want {
		t.Errorf("Load = %t, %v, %q; want %q", found, err, got.Text, want)
	}
}

func open(t *testing.T, j journal.Journal) journal.Record {
	t.Helper()
	r, err := j.Open(t.Context(), "copy-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestS3(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	one, two := journal.S3(server.Client(), bucket, "a/b", time.Now), journal.S3(server.Client(), bucket, "a/b", time.Now)
	record, err := one.Open(t.Context(), "copy-1")
	if err != nil {
		t.Fatal(err)
	}
	var got note
	if found, err := record.Load(t.Context(), &got); found || err != nil {
		t.Errorf("a record that was never saved: %t, %v", found, err)
	}
	for _, text := range []string{"a longer first text", "second"} {
		save(t, record, text)
		if found, err := two.Peek(t.Context(), "copy-1", &got); !found || err != nil || got.Text != text {
			t.Errorf("Peek finds %t, %v, %q; want %q", found, err, got.Text, text)
		}
	}
	if names, err := two.Names(t.Context()); err != nil || !slices.Equal(names, []string{"copy-1"}) {
		t.Errorf("Names = %q, %v", names, err)
	}
	want := []string{"a/b/copy-1.json", "a/b/copy-1.lock"}
	if keys := server.Keys(t.Context(), t, bucket, ""); !slices.Equal(keys, want) {
		t.Errorf("the objects are %q", keys)
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}

	// What was saved is there for the next machine, until it is removed.
	again := open(t, two)
	load(t, again, "second")
	for range 2 {
		if err := again.Remove(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if found, err := again.Load(t.Context(), &got); found || err != nil {
		t.Errorf("a record that was removed: %t, %v", found, err)
	}
	save(t, again, "after the removal")
	if err := errors.Join(again.Remove(t.Context()), again.Close()); err != nil {
		t.Error(err)
	}
	if keys := server.Keys(t.Context(), t, bucket, ""); len(keys) != 0 {
		t.Errorf("%q are left", keys)
	}
}

func TestS3RefusesNames(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	j := journal.S3(server.Client(), server.Bucket(t), "p", time.Now)
	for _, name := range []string{"", "../copy", "a/b", "A", "a.json"} {
		if _, err := j.Open(t.Context(), name); !errors.Is(err, journal.ErrName) {
			t.Errorf("Open(%q): %v", name, err)
		}
		if _, err := j.Peek(t.Context(), name, &note{}); !errors.Is(err, journal.ErrName) {
			t.Errorf("Peek(%q): %v", name, err)
		}
	}
}

// A record in which nothing was saved leaves nothing behind.
func TestS3LeavesNothing(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	r, err := journal.S3(server.Client(), bucket, "p", time.Now).Open(t.Context(), "copy-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if keys := server.Keys(t.Context(), t, bucket, ""); len(keys) != 0 {
		t.Errorf("%q are left", keys)
	}
}

// A process that finds a record whose holder is alive is told which process that is.
func TestS3Held(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, time.Millisecond))
	_, err := journal.HurriedS3(server.Client(), bucket, "p", time.Now, never).Open(t.Context(), "copy-1")
	held, ok := errors.AsType[*journal.HeldError](err)
	if !ok || held.Holder.Process != os.Getpid() || held.Holder.Since.IsZero() {
		t.Errorf("Open of a record that is held: %v", err)
	}
}

// Waiting for a lock ends with the context.
func TestS3WaitEnds(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, never))
	ctx, cancel := context.WithCancel(t.Context())
	var looks atomic.Int64
	server.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.Method == http.MethodGet && looks.Add(1) == 3 {
			cancel()
		}
		return nil
	})
	other := journal.HurriedS3(server.Client(), bucket, "p", time.Now, never)
	if _, err := other.Open(ctx, "copy-1"); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	server.OnRequest(nil)
}

// A killed process holds its record no longer than its lease lasts. If it is alive after all, it finds out.
func TestS3TakesOver(t *testing.T) {
	t.Parallel()
	for name, saved := range map[string]bool{"of a record": true, "before the first saving": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := s3local.New(t)
			bucket := server.Bucket(t)
			dead := open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, never))
			if saved {
				save(t, dead, "of the dead")
			}
			next := journal.HurriedS3(server.Client(), bucket, "p", time.Now, never)

			// No process gets it before the lease has expired.
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := next.Open(ctx, "copy-1"); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("Open before the lease is over: %v", err)
			}
			server.Advance(63 * time.Second)
			alive := open(t, next)
			if saved {
				load(t, alive, "of the dead")
			}
			if err := dead.Save(t.Context(), note{"of a ghost"}); !errors.Is(err, journal.ErrTaken) {
				t.Errorf("Save of the one before: %v", err)
			}
			if err := dead.Remove(t.Context()); !errors.Is(err, journal.ErrTaken) {
				t.Errorf("Remove of the one before: %v", err)
			}
			if err := dead.Close(); err != nil {
				t.Error(err)
			}
			save(t, alive, "of the living")
			load(t, alive, "of the living")
			if keys := server.Keys(t.Context(), t, bucket, ""); len(keys) != 2 {
				t.Errorf("the objects are %q", keys)
			}
		})
	}
}

// A holder that has lost its record finds out when it removes the record, which then stays.
func TestS3RemoveOfTheOneBefore(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	dead := open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, never))
	save(t, dead, "of the dead")
	server.Advance(63 * time.Second)
	alive := open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, never))
	if err := dead.Remove(t.Context()); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("Remove of the one before: %v", err)
	}
	load(t, alive, "of the dead")
}

// A renewal tells the holder of a lock that the lock was taken over.
func TestS3RenewalFindsOut(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	dead := open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, never))
	journal.Extend(t.Context(), dead)
	if err := journal.Held(dead); err != nil {
		t.Errorf("the lock is lost after a renewal: %v", err)
	}
	server.Advance(63 * time.Second)
	alive := open(t, journal.HurriedS3(server.Client(), bucket, "p", time.Now, never))
	journal.Extend(t.Context(), dead)
	if err := journal.Held(dead); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("the lock of the one before: %v", err)
	}
	journal.Extend(t.Context(), alive)
	if err := journal.Held(alive); err != nil {
		t.Errorf("the lock of the one after: %v", err)
	}
}

// A process that cannot renew its lock for a minute does not rely on it any more.
func TestS3LeaseOver(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	bucket := server.Bucket(t)
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	r := open(t, journal.HurriedS3(server.Client(), bucket, "p", now, never))
	save(t, r, "in time")
	ahead.Store(int64(time.Minute))
	puts := server.Requests()[http.MethodPut]
	if err := r.Save(t.Context(), note{"late"}); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("Save after the lease: %v", err)
	}
	ahead.Store(0) // A lost lease does not return.
	if err := r.Save(t.Context(), note{"late"}); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("Save after the lease: %v", err)
	}
	if more := server.Requests()[http.MethodPut] - puts; more != 0 {
		t.Errorf("%d writes after the lease was over", more)
	}
}

// Of several processes that want a record at the same moment, exactly one gets it, whether the record is free or its
// last holder is dead.
func TestS3Race(t *testing.T) {
	t.Parallel()
	const rounds, processes = 200, 3
	server := s3local.New(t)
	bucket := server.Bucket(t)
	left := 0
	for round := range rounds {
		var group sync.WaitGroup
		having := make(chan journal.Record, processes)
		ctx, cancel := context.WithCancel(t.Context())
		for range processes {
			group.Go(func() {
				r, err := journal.HurriedS3(server.Client(), bucket, "p", time.Now, never).Open(ctx, "copy-1")
				if _, held := errors.AsType[*journal.HeldError](err); err != nil && !held && ctx.Err() == nil {
					t.Error(err)
				}
				if err == nil {
					having <- r
					time.AfterFunc(20*time.Millisecond, cancel) // By then the others have looked several times.
				}
			})
		}
		group.Wait()
		cancel()
		if len(having) != 1 {
			t.Fatalf("round %d: %d have the record", round, len(having))
		}
		r := <-having
		save(t, r, "x")
		if round%2 == 0 {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		left++
		journal.Abandon(r) // As a killed process does.
		server.Advance(63 * time.Second)
	}
	if left == 0 {
		t.Error("no record was taken over")
	}
}

// Whatever happens to answers, what was saved last is there, and no process takes a record from itself.
func TestS3Faults(t *testing.T) {
	t.Parallel()
	var all s3local.Injected
	for seed := range uint64(30) {
		server := s3local.New(t)
		bucket := server.Bucket(t)
		server.SetFaults(s3local.Faults{
			Seed: seed, ServerError: 0.15, SlowDown: 0.05, DropBefore: 0.05, DropAfter: 0.15, Cut: 0.4,
		})
		j := journal.HurriedS3(patient(server), bucket, "p", time.Now, time.Millisecond)
		r, err := j.Open(t.Context(), "copy-1")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, text := range []string{"one", "two", "three", "four"} {
			if err := again(func() error { return r.Save(t.Context(), note{text}) }); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		all = sum(all, server.Injected())
		server.SetFaults(s3local.Faults{})
		var got note
		if found, err := j.Peek(t.Context(), "copy-1", &got); !found || err != nil || got.Text != "four" {
			t.Errorf("seed %d: Peek = %t, %v, %q", seed, found, err, got.Text)
		}
	}
	t.Logf("injected %+v", all)
	if all.ServerError == 0 || all.SlowDown == 0 || all.DropBefore == 0 || all.DropAfter == 0 || all.Cut == 0 {
		t.Error("not every fault was injected")
	}
}
