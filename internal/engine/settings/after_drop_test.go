// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// An error that does not pass by itself, such as expired credentials, ends the creation of a new table at once. After
// a drop, Make tries again: the user may renew the credentials.
func TestCredentialsEndAsATableIsMade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dropped bool
		waits   int
	}{
		"a new table":          {},
		"one that was dropped": {dropped: true, waits: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.create(t, fullTable())
			before := s.read(t, "orders")
			over, waits := true, 0
			w := s.writer("new", before.Table)
			w.Dropped = test.dropped
			options := s.DynamoDB.Options()
			valid := options.Credentials
			options.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
				if over {
					return aws.Credentials{}, errors.New("the session of single sign-on has ended")
				}
				return valid.Retrieve(ctx)
			})
			w.DynamoDB = dynamodb.New(options)
			w.Sleep = func(ctx context.Context, _ time.Duration) error {
				if over = waits+1 < test.waits; over {
					waits++
				}
				return ctx.Err()
			}
			made, err := w.Make(t.Context(), before)
			if made != test.dropped || (err == nil) != test.dropped || waits+1 < test.waits {
				t.Errorf("made %v after %d waits, %v", made, waits, err)
			}
		})
	}
}

// A restore of a dropped table is requested again until AWS starts it, however many requests fail for a moment.
func TestRestoreAfterTheDropIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), AttributeDefinitions: attributes("id"), KeySchema: key("id"),
		BillingMode: types.BillingModePayPerRequest,
	})
	before := s.read(t, "orders")
	dropped, looks, asked := false, 0, 0
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		switch {
		case call.Operation == "DeleteTable":
			dropped = true
		case dropped && call.Operation == "RestoreTableFromBackup":
			if asked++; asked <= 20 { // More often than one wait tries.
				return errServer
			}
		case dropped && call.Operation == "DescribeTable" && asked == 16:
			if looks++; looks == 1 {
				return errServer
			}
		}
		return nil
	})
	record, err := journal.Local(t.TempDir()).Open(t.Context(), "recreate-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = record.Close() })
	sleep := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	state := &steps.State{ID: uuid.NewString(), StartedAt: time.Now(), Snapshot: before}
	run := steps.Run{
		Clients: s.Clients, Record: record, State: state, Sleep: sleep, Grace: sleep,
		Backup:  &managed.Backup{Client: s.DynamoDB, Table: "orders", Name: "dynamoops-" + state.ID, Sleep: sleep},
		Restore: &managed.Restore{Client: s.DynamoDB, Table: "orders", Sleep: sleep},
	}
	if _, err := run.Do(t.Context()); err != nil || asked != 21 || looks == 0 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

// A table that another client creates in place of the dropped one ends the recreate: it does not disappear by itself.
func TestAnotherTableAfterTheDrop(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	before := s.read(t, "orders")
	ours := false
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation != "DeleteTable" || ours {
			return nil
		}
		ours = true
		s.drop(t, "orders")
		request := fullTable()
		request.DeletionProtectionEnabled = nil
		s.create(t, request)
		return errServer // It was carried out.
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := 0
	_, err := s.recreateUntil(t, ctx, func(ctx context.Context, _ time.Duration) error {
		if waits++; waits > 1000 {
			cancel()
		}
		return ctx.Err()
	}, t.TempDir(), before)
	if !errors.Is(err, steps.ErrOtherTable) || !ours {
		t.Errorf("after %d waits: %v", waits, err)
	}
}
