// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/wire"
)

// A table that is CREATING is ACTIVE soon, as a rule, so a run waits for it, unless AWS restores it, which may take hours. One that is
// UPDATING can be read and written like any other. DynamoDB refuses to delete it, so the plan of a recreate refuses it too, and a
// recreate whose table came to be UPDATING after the plan waits. Whatever else keeps a table from being used does not pass by itself,
// or takes hours, such as a new index.

const (
	// mostPassing is how long a run waits for a table, passingPause the time between two looks.
	mostPassing  = 10 * time.Minute
	passingPause = 2 * time.Second
	// absences is how many looks in a row may not find a table that was just created: DescribeTable is eventually consistent ("DescribeTable"
	// in the Amazon DynamoDB API Reference).
	absences = 3
)

// passingError is why a table cannot be used: its status, which passes.
type passingError struct {
	client *dynamodb.Client
	table  string // As given: a name or an ARN.
	status types.TableStatus
}

func (e *passingError) Error() string { return fmt.Sprintf("the table is %s", e.status) }

// Unwrap makes it the error of a table that is not ACTIVE.
func (e *passingError) Unwrap() error { return store.ErrNotActive }

// passing is the error of the table's status, which passes.
func (t *table) passing() error {
	return &passingError{t.client, t.Name, t.Description.TableStatus}
}

// announcePassing makes warnings of tables that are CREATING, for which an apply waits.
func announcePassing(found []*problem.Problem) []*problem.Problem {
	for _, p := range found {
		if passing, ok := errors.AsType[*passingError](p.Err); ok && passing.status == types.TableStatusCreating {
			p.Warning, p.Err = true, nil
			p.Next = fmt.Sprintf("Apply: the run waits until the table is ACTIVE, for %.0f minutes at most.", mostPassing.Minutes())
		}
	}
	return found
}

// prepared prepares a run, and once more when the tables are ready that were not. The error is a problem.
func prepared[R any](ctx context.Context, e *Engine, observer Observer, prepare func() (R, problem.List)) (R, error) {
	until := e.Now().Add(mostPassing)
	for {
		ready, found := prepare()
		var waits *passingError
		var err error
		for _, p := range found {
			switch passing, ok := errors.AsType[*passingError](p.Err); {
			case p.Warning:
			case !ok:
				return ready, p
			case err == nil:
				waits, err = passing, p
			}
		}
		if err == nil || !e.Now().Before(until) {
			return ready, err
		}
		if err := waits.wait(ctx, e, until, observer); err != nil {
			return ready, err
		}
	}
}

// wait waits until the table's status is another one, or the time is over.
func (e *passingError) wait(ctx context.Context, engine *Engine, until time.Time, observer Observer) error {
	stop := observer.observe(ctx, func() Status {
		return Status{Phase: fmt.Sprintf("waiting for table %s, which is %s", e.table, e.status)}
	})
	defer stop()
	for engine.Now().Before(until) {
		if err := wire.Sleep(ctx, passingPause); err != nil {
			return requestProblem(ctx, err)
		}
		is, err := settings.Describe(ctx, e.client, e.table)
		if err != nil {
			return requestProblem(ctx, err)
		}
		if is == nil || is.TableStatus != e.status {
			return nil
		}
	}
	return nil
}

// openCreated opens a table that was just created. It may still be described as CREATING, or as missing.
func (e *Engine) openCreated(ctx context.Context, r job.Ref) (*table, *problem.Problem) {
	until, missed := e.Now().Add(mostPassing), 0
	for {
		opened, p := e.open(ctx, r)
		if p == nil {
			return opened, nil
		}
		_, passing := errors.AsType[*passingError](p.Err)
		switch {
		case gone(p.Err) && missed < absences:
			missed++
		case !passing || !e.Now().Before(until):
			return nil, p
		}
		if err := wire.Sleep(ctx, passingPause); err != nil {
			return nil, requestProblem(ctx, err)
		}
	}
}

// describeCreated describes a table that was just created, nil for one that is gone again.
func describeCreated(ctx context.Context, client *dynamodb.Client, table string) (*types.TableDescription, error) {
	for missed := 0; ; missed++ {
		is, err := settings.Describe(ctx, client, table)
		if is != nil || err != nil || missed == absences {
			return is, err
		}
		if err := wire.Sleep(ctx, passingPause); err != nil {
			return nil, err
		}
	}
}
