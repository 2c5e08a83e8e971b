// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

var errDenied = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}

// records returns how many records the journal has.
func records(t *testing.T, folder string) int {
	t.Helper()
	names, err := journal.Local(folder).Names(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// untilEnd waits for the context where a real run waits for minutes, and does not wait otherwise.
func untilEnd(ctx context.Context, d time.Duration) error {
	if d >= time.Minute {
		<-ctx.Done()
	}
	return ctx.Err()
}

// A recreate that ends before the table is dropped leaves the table as it was, and no record in the journal.
func TestGivenUpBeforeTheDrop(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(call controlplane.Call, stop context.CancelFunc) error{
		"auto scaling cannot be suspended": func(call controlplane.Call, _ context.CancelFunc) error {
			return denied(call, "RegisterScalableTarget")
		},
		"interrupted as it is suspended": func(call controlplane.Call, stop context.CancelFunc) error {
			return stopped(call, "RegisterScalableTarget", stop)
		},
		"protection cannot be changed": func(call controlplane.Call, _ context.CancelFunc) error {
			return denied(call, "UpdateTable")
		},
		"interrupted as it is changed": func(call controlplane.Call, stop context.CancelFunc) error {
			return stopped(call, "UpdateTable", stop)
		},
		"the drop is refused": func(call controlplane.Call, _ context.CancelFunc) error {
			return denied(call, "DeleteTable")
		},
		"interrupted while the table is busy": func(call controlplane.Call, stop context.CancelFunc) error {
			if call.Operation == "DeleteTable" {
				stop()
				return &types.ResourceInUseException{Message: aws.String("an index is being changed")}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFullSite(t)
			was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			reached := false
			s.OnRequest(func(call controlplane.Call, _ []byte) error {
				if reached {
					return nil
				}
				err := at(call, stop)
				reached = err != nil || ctx.Err() != nil
				return err
			})
			folder := t.TempDir()
			_, err := s.recreateUntil(t, ctx, untilEnd, folder, before)
			var stopped *steps.StepError
			if !errors.As(err, &stopped) || !stopped.Undone || stopped.Left != nil {
				t.Fatalf("the error is %v: %+v", err, stopped)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
			if s.read(t, "orders").Table.ID != before.Table.ID || records(t, folder) != 0 {
				t.Error("it is another table, or is still in the journal")
			}
			if _, err := s.recreate(t, folder, before); err != nil {
				t.Fatal(err)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
		})
	}
}

func denied(call controlplane.Call, operation string) error {
	if call.Operation == operation {
		return errDenied
	}
	return nil
}

func stopped(call controlplane.Call, operation string, stop context.CancelFunc) error {
	if call.Operation == operation {
		stop()
	}
	return nil
}

// A table that AWS would refuse to create, for a reason that only AWS knows, is not touched.
func TestCreationIsProvedBeforeTheDrop(t *testing.T) {
	t.Parallel()
	invalid := &smithy.GenericAPIError{Code: "ValidationException", Message: "a new rule"}
	for _, refusal := range []error{errDenied, invalid} {
		s := newFullSite(t)
		was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
		var changes []string
		s.OnRequest(func(call controlplane.Call, _ []byte) error {
			if call.Operation == "CreateTable" {
				return refusal
			}
			if call.Writes {
				changes = append(changes, call.Operation)
			}
			return nil
		})
		if _, err := s.recreate(t, t.TempDir(), before); err == nil ||
			!strings.Contains(err.Error(), "prove that the table can be made") {
			t.Fatalf("the error is %v", err)
		}
		if !slices.Equal(slices.Compact(changes), []string{"CreateBackup"}) {
			t.Errorf("changes: %v", changes)
		}
		sameLines(t, was, s.account.Everything(t, "orders"))
	}
}

// A recreate that is given up, and cannot put back what it has changed, stays in the journal, and the next one puts
// it back.
func TestGivenUpAndNotUndone(t *testing.T) {
	t.Parallel()
	for _, dies := range []string{"UpdateTable", "RegisterScalableTarget"} {
		t.Run(dies, func(t *testing.T) {
			t.Parallel()
			s := newFullSite(t)
			was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
			refused := false
			s.OnRequest(func(call controlplane.Call, _ []byte) error {
				refused = refused || call.Operation == "DeleteTable"
				if refused && (call.Operation == "DeleteTable" || call.Operation == dies) {
					return errDenied
				}
				return nil
			})
			folder := t.TempDir()
			_, err := s.recreate(t, folder, before)
			var stopped *steps.StepError
			if !errors.As(err, &stopped) || stopped.Undone || stopped.Left == nil {
				t.Fatalf("the error is %v: %+v", err, stopped)
			}
			s.OnRequest(nil)

			// Another client sets a tag before the next run, which reads the table again.
			if _, err := s.DynamoDB.TagResource(t.Context(), &dynamodb.TagResourceInput{
				ResourceArn: &before.Table.ARN, Tags: []types.Tag{{Key: aws.String("new"), Value: aws.String("x")}},
			}); err != nil {
				t.Fatal(err)
			}
			var state steps.State
			if found, err := journal.Local(folder).Peek(t.Context(), "recreate-test", &state); err != nil || !found ||
				state.Dropped() || !state.Changed() {
				t.Fatalf("the journal has %+v, %v", state, err)
			}
			now := s.read(t, "orders")
			if err := state.Renew(now, state.StartedAt); err != nil {
				t.Fatal(err)
			}
			for _, setting := range []string{"auto_scaling", "deletion_protection"} {
				if string(state.Snapshot.Settings[setting]) != string(before.Settings[setting]) {
					t.Errorf("%s is %s, and was %s", setting, state.Snapshot.Settings[setting], before.Settings[setting])
				}
			}
			record, err := journal.Local(folder).Open(t.Context(), "recreate-test")
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(record.Save(t.Context(), &state), record.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.recreate(t, folder, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := s.DynamoDB.UntagResource(t.Context(), &dynamodb.UntagResourceInput{
				ResourceArn: &before.Table.ARN, TagKeys: []string{"new"},
			}); err != nil {
				t.Errorf("the tag: %v", err)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
		})
	}
}

// The backup of a recreate that was killed a while ago lacks what was written since: a resumed one creates another,
// wherever it resumes.
func TestBackupGrowsOld(t *testing.T) {
	t.Parallel()
	for _, dies := range []string{"CreateTable", "DeleteTable"} {
		for later, backups := range map[time.Duration]int{59 * time.Minute: 1, 61 * time.Minute: 2} {
			t.Run(fmt.Sprint(dies, " ", later), func(t *testing.T) {
				t.Parallel()
				s := newFullSite(t)
				was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
				s.dieAt(dies)
				folder := t.TempDir()
				if _, err := s.recreate(t, folder, before); err == nil {
					t.Fatal("the recreate is complete")
				}
				s.OnRequest(nil)
				record, err := journal.Local(folder).Open(t.Context(), "recreate-test")
				if err != nil {
					t.Fatal(err)
				}
				var state steps.State
				if found, err := record.Load(t.Context(), &state); err != nil || !found || state.BackupARN == "" {
					t.Fatalf("the journal has %+v, %v", state, err)
				}
				table, err := settings.Describe(t.Context(), s.DynamoDB, "orders")
				if err != nil {
					t.Fatal(err)
				}
				if state.Recheck(table); state.Dropped() {
					t.Fatalf("the table is there, and the journal says %q", state.Step)
				}
				if err := state.Renew(s.read(t, "orders"), state.StartedAt.Add(later)); err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(record.Save(t.Context(), &state), record.Close()); err != nil {
					t.Fatal(err)
				}
				result, err := s.recreate(t, folder, nil)
				if err != nil {
					t.Fatal(err)
				}
				made := 0
				for _, call := range s.Calls() {
					if call.Operation == "CreateBackup" {
						made++
					}
				}
				if made != backups || result.BackupARN == "" {
					t.Errorf("%d backups were made, the last is %q, want %d", made, result.BackupARN, backups)
				}
				s.account.Settle(t, "orders")
				sameLines(t, was, s.account.Everything(t, "orders"))
			})
		}
	}
}

// A recreate that was killed before the drop may be given up by a later run with the same journal. If it had changed
// nothing, giving it up changes nothing: what differs by then was intended.
func TestGivenUpLater(t *testing.T) {
	t.Parallel()
	for dies, wantChanges := range map[string]bool{"DeleteTable": true, "UpdateTable": true, "CreateTable": false} {
		t.Run(dies, func(t *testing.T) {
			t.Parallel()
			s := newFullSite(t)
			was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
			dead := false
			s.OnRequest(func(call controlplane.Call, _ []byte) error {
				if dead = dead || call.Operation == dies; dead && call.Writes {
					return errDenied
				}
				return nil
			})
			folder := t.TempDir()
			if _, err := s.recreate(t, folder, before); err == nil {
				t.Fatal("the recreate did not stop")
			}
			s.OnRequest(nil)
			if is := s.account.Everything(t, "orders"); wantChanges == (is == was) {
				t.Fatalf("the recreate has left\n%s", is)
			}
			record, err := journal.Local(folder).Open(t.Context(), "recreate-test")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = record.Close() }()
			var state steps.State
			if found, err := record.Load(t.Context(), &state); err != nil || !found || state.Dropped() ||
				state.Changed() != wantChanges {
				t.Fatalf("the journal has %v, %+v, %v", found, state, err)
			}
			calls := len(s.Calls())
			run := steps.Run{Clients: s.Clients, Record: record, State: &state, Sleep: untilEnd, Grace: untilEnd}
			if undone, err := run.GiveUp(t.Context()); err != nil || !undone {
				t.Fatal(undone, err)
			}
			writes := func(call controlplane.Call) bool { return call.Writes }
			if changed := slices.ContainsFunc(s.Calls()[calls:], writes); changed != wantChanges {
				t.Errorf("something was changed: %v, want %v", changed, wantChanges)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
			if records(t, folder) != 0 {
				t.Error("it is still in the journal")
			}
		})
	}
}

// A table that is replaced before it is dropped is left alone, and auto scaling is resumed for the name.
func TestAnotherTableAtTheDrop(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	before := s.read(t, "orders")
	unlocked := false
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		if unlocked && call.Writes && call.Service == "dynamodb" {
			t.Errorf("%s is called for another table", call.Operation)
		}
		if call.Operation == "UpdateTable" {
			unlocked = true
			s.EditTable(region, s.accessKey, "orders", func(d *types.TableDescription) { d.TableId = aws.String("another") })
		}
		return nil
	})
	folder := t.TempDir()
	if _, err := s.recreate(t, folder, before); !errors.Is(err, steps.ErrOtherTable) || !unlocked {
		t.Fatalf("the error is %v", err)
	}
	if now := s.read(t, "orders"); string(now.Settings["auto_scaling"]) != string(before.Settings["auto_scaling"]) {
		t.Errorf("auto scaling is %s", now.Settings["auto_scaling"])
	}
	if records(t, folder) != 0 {
		t.Error("it is still in the journal")
	}
}

// A recreate that is interrupted between the drop and the creation still creates the table, and stops then.
func TestInterruptedAfterTheDrop(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"DeleteTable", "CreateTable"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			s := newFullSite(t)
			was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			dropped := false
			s.OnRequest(func(call controlplane.Call, _ []byte) error {
				dropped = dropped || call.Operation == "DeleteTable"
				if dropped {
					return stopped(call, moment, stop)
				}
				return nil
			})
			folder := t.TempDir()
			if _, err := s.recreateUntil(t, ctx, untilEnd, folder, before); !errors.Is(err, context.Canceled) {
				t.Fatalf("the error is %v", err)
			}
			s.OnRequest(nil)
			if now := s.describe(t, "orders"); now.TableStatus != types.TableStatusActive || *now.TableId == before.Table.ID {
				t.Errorf("the table is %+v", now)
			}
			if records(t, folder) != 1 {
				t.Error("the journal has nothing of it")
			}
			if _, err := s.recreate(t, folder, before); err != nil {
				t.Fatal(err)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
		})
	}
}

// An interrupted recreate that cannot create its table ends when its grace period is over.
func TestGraceEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request := fullTable()
	request.DeletionProtectionEnabled = nil
	s.create(t, request)
	before := s.read(t, "orders")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	dropped, failures, enough := false, 0, make(chan struct{})
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "DeleteTable" {
			dropped = true
			stop()
		}
		if !dropped || call.Operation != "CreateTable" {
			return nil
		}
		if failures++; failures == 5 {
			close(enough)
		}
		return &types.LimitExceededException{Message: aws.String("too many tables at once")}
	})
	folder := t.TempDir()
	_, err := s.recreateUntil(t, ctx, func(ctx context.Context, d time.Duration) error {
		if d < time.Minute {
			return ctx.Err()
		}
		select {
		case <-enough:
		case <-ctx.Done():
		}
		return ctx.Err()
	}, folder, before)
	if !errors.Is(err, context.Canceled) || failures < 5 {
		t.Fatalf("the error is %v, after %d failures", err, failures)
	}
	s.OnRequest(nil)
	if _, err := s.recreate(t, folder, before); err != nil {
		t.Fatal(err)
	}
}
