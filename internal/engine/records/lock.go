// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/attempt"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/lock"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// Use is a table that a run uses, as other runs see it; zero for no table.
type Use struct {
	settings.Identity
	// Client reaches the table. Attribute is the argument that names it.
	Client    *dynamodb.Client
	Attribute string
	// Loading reports whether DynamoDB may be loading the table for this same run.
	Loading bool
}

// UseOf returns the use of a table, zero for a nil table.
func UseOf(t *tables.Table, attribute string) Use {
	if t == nil {
		return Use{}
	}
	return Use{Identity: t.Identity(), Client: t.Client, Attribute: attribute}
}

// is reports whether a record's identity means this table, or one that had its name.
func (u Use) is(recorded string) bool {
	table, _, _ := strings.Cut(recorded, "#")
	return table != "" && table == u.ARN
}

// CheckOthers refuses tables on which AWS still works, or may still work, for another run: a killed Terraform leaves
// running what it has started, and holds no lock. A table that an import or a restore makes is not ACTIVE, and no run
// can use it.
func CheckOthers(ctx context.Context, e *tables.Env, reads, writes Use, own []string) *problem.Problem {
	for other, err := range eachOther(ctx, e, own) {
		if attempt.Unreadable(err) {
			continue
		}
		if err != nil {
			return attempt.Explain(ctx, err)
		}
		if p := other.Record.inTheWay(ctx, e, other.Name, reads, writes); p != nil {
			p.Next += fmt.Sprintf(
				" If it does not exist any more, delete the record %s from the journal %s.",
				other.Name,
				e.Journal,
			)
			return p
		}
	}
	return checkBulkPuts(ctx, reads, writes)
}

// Lock locks the tables against other runs of this machine, and refuses them if AWS still works on them for an
// interrupted run. Own are the names of the run's own records.
func Lock(ctx context.Context, e *tables.Env, reads, writes Use, own ...string) (*lock.Locks, *problem.Problem) {
	locks, err := lock.In(e.Directory)
	if err != nil {
		return nil, attempt.Explain(ctx, err)
	}
	if reads.ARN != "" {
		err = locks.Read(reads.String())
	}
	if err == nil && writes.ARN != "" {
		err = locks.Write(writes.String())
	}
	switch {
	case err == nil:
		p := CheckOthers(ctx, e, reads, writes, own)
		if p != nil {
			p.Err = errors.Join(p.Err, locks.Release())
		}
		return locks, p
	case !errors.Is(err, lock.ErrHeld):
		return nil, attempt.Explain(ctx, errors.Join(err, locks.Release()))
	}
	busy := writes
	if busy.ARN == "" {
		busy = reads
	}
	p := attempt.InUse(busy.Identity, busy.Attribute)
	p.Err = locks.Release()
	p.Cause = "Another run in progress reads or writes a table that this one would write, or writes one that it would " +
		"read. The result would depend on which is faster."
	p.Next = attempt.DependsOn
	return nil, p
}
