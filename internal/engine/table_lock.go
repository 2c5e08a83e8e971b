// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

const tableInUse = "Table Is In Use By Another Run"

const dependsOn = "Add depends_on to one of the two resources, so that Terraform runs them one after the other."

// lockTables takes the tables so that no other run of this machine uses them against this one, nor what AWS still does for one that was
// interrupted. The names are those of the run's own records.
func lockTables(ctx context.Context, e *tables.Env, reads, writes used, own ...string) (*lock.Locks, *problem.Problem) {
	locks, err := lock.In(e.Directory)
	if err != nil {
		return nil, journalProblem(ctx, err)
	}
	if reads.ARN != "" {
		err = locks.Read(reads.String())
	}
	if err == nil && writes.ARN != "" {
		err = locks.Write(writes.String())
	}
	switch {
	case err == nil:
		p := checkOthers(ctx, e, reads, writes, own)
		if p != nil {
			p.Err = errors.Join(p.Err, locks.Release())
		}
		return locks, p
	case !errors.Is(err, lock.ErrHeld):
		return nil, journalProblem(ctx, errors.Join(err, locks.Release()))
	}
	busy := writes
	if busy.ARN == "" {
		busy = reads
	}
	p := inUse(busy.Identity, busy.attribute)
	p.Err = locks.Release()
	p.Cause = "Another run in progress reads or writes a table that this one would write, or writes one that it would read. The result would depend on which is faster."
	p.Next = dependsOn
	return nil, p
}

// inUse begins the problem that another run has the table.
func inUse(table settings.Identity, attribute string) *problem.Problem {
	p := &problem.Problem{Summary: tableInUse, Attribute: attribute, Table: table.Name}
	if parsed, err := arn.Parse(table.ARN); err == nil {
		p.Account, p.Region = parsed.AccountID, parsed.Region
	}
	return p
}
