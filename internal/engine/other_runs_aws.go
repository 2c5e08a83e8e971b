// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// used is a table that a run uses, as other runs see it. It is zero for no table.
type used struct {
	settings.Identity
	// client reaches the table, attribute is the argument that names it.
	client    *dynamodb.Client
	attribute string
	// loading says that DynamoDB may be loading the table for this very run.
	loading bool
}

// usedTable is the table as other runs see it, zero for none.
func usedTable(t *tables.Table, attribute string) used {
	if t == nil {
		return used{}
	}
	return used{Identity: t.Identity(), client: t.Client, attribute: attribute}
}

// is reports whether it is the table of that recorded identity, or one in its place.
func (u used) is(recorded string) bool {
	table, _, _ := strings.Cut(recorded, "#")
	return table != "" && table == u.ARN
}

// checkOthers refuses to use tables with which AWS is, or may be, still busy for another run: a Terraform that is killed leaves what it
// has started running, and no lock. A table that an import or a restore still makes is not ACTIVE, and not open to any run.
func checkOthers(ctx context.Context, e *tables.Env, reads, writes used, own []string) *problem.Problem {
	for other, err := range eachOther(ctx, e, own) {
		if unreadable(err) {
			continue
		}
		if err != nil {
			return journalProblem(ctx, err)
		}
		if p := other.inTheWay(ctx, e, other.name, reads, writes); p != nil {
			p.Next += fmt.Sprintf(" If it does not exist any more, delete the record %s from the journal %s.", other.name, e.Journal)
			return p
		}
	}
	return checkBulkPuts(ctx, reads, writes)
}

// inTheWay finds the Spark job of a run that is spread over machines.
func (r *Record) inTheWay(ctx context.Context, e *tables.Env, name string, reads, writes used) *problem.Problem {
	switch {
	case r.Job == nil || !r.Job.Open:
	case writes.is(r.Writes), writes.is(r.Reads):
		return r.stillRuns(ctx, e, name, inUse(writes.Identity, writes.attribute))
	case reads.is(r.Writes):
		return r.stillRuns(ctx, e, name, inUse(reads.Identity, reads.attribute))
	}
	return nil
}

// stillRuns completes the problem that the run's Spark job runs, or may run; nil if it does not.
func (r *Record) stillRuns(ctx context.Context, e *tables.Env, record string, p *problem.Problem) *problem.Problem {
	if why := r.foreignJob(record); why != "" {
		return refusedRecord(e, record, why)
	}
	p.Next = "Wait until that job has ended, or cancel it, then apply again. An apply of the other run, as it was, finds the job and waits for it."
	name := r.Job.token(r.ID)
	if r.Job.Handle.ID == "" {
		p.Cause = fmt.Sprintf("A %s of another run that uses this table may have started the Spark job %s: it was interrupted before AWS answered.", r.Kind, name)
		return p
	}
	launcher, err := tables.Launcher(ctx, e, r.Job.Launcher)
	if err != nil {
		return tables.Explain(ctx, err)
	}
	p.Cause = fmt.Sprintf("The Spark job %s of another run, a %s that uses this table, is running: %s.", name, r.Kind, launcher.Logs(r.Job.Handle))
	switch status, err := launcher.Poll(ctx, r.Job.Handle); {
	case err != nil:
		p.Cause, p.Err = strings.Replace(p.Cause, "is running", "may be running", 1), err
	case status.State != spark.Running:
		return nil
	}
	return p
}

// inTheWay finds the bulk operation of a copy by way of an export.
func (r *exportRecord) inTheWay(ctx context.Context, _ *tables.Env, _ string, reads, writes used) *problem.Problem {
	if !r.Load.begun() || r.imports() {
		return nil
	}
	at := writes
	switch {
	case writes.is(r.Writes):
	case reads.is(r.Writes):
		at = reads
	default:
		return nil
	}
	load, runs, err := r.Load.ARN, false, error(nil)
	if load != "" {
		runs, err = managed.BulkPutRuns(ctx, at.client, load)
	} else { // The run was interrupted before AWS answered.
		var under []string
		if under, err = managed.BulkPutsUnderWay(ctx, at.client, at.ARN); len(under) > 0 {
			load, runs = under[0], true
		}
	}
	if !runs && err == nil {
		return nil
	}
	p := bulkPutUnderWay(at, load)
	p.Cause = fmt.Sprintf("DynamoDB is loading items into this table with %s, which a copy of %s to %s has started. That copy was interrupted, and DynamoDB continues.", operationName(load), r.From, r.To)
	p.Next += " An apply of that copy, as it was, waits for it."
	if err != nil {
		p.Cause, p.Err = strings.Replace(p.Cause, "is loading", "may be loading", 1), err
	}
	return p
}

func operationName(bulk string) string {
	if bulk == "" {
		return "a bulk operation"
	}
	return "the bulk operation " + bulk
}

// bulkPutUnderWay begins the problem that DynamoDB loads the table by that operation, empty for one that is not known.
func bulkPutUnderWay(table used, bulk string) *problem.Problem {
	p := inUse(table.Identity, table.attribute)
	p.Next = "Wait until it has ended, then apply again: the AWS CLI shows it with dynamodb describe-bulk-operation, and ends it with dynamodb cancel-bulk-operation"
	if bulk != "" {
		p.Next += " --bulk-operation-arn " + bulk
	}
	p.Next += "."
	return p
}

// listPatience bounds asking for bulk operations that no record names. No run depends on the answer.
const listPatience = 5 * time.Second

// checkBulkPuts looks for bulk operations of which the journal knows nothing: of a run with another journal, or of another program. It
// takes dynamodb:ListBulkOperations, which cannot be bound to a table; a run that may not call it goes on without. Local servers have no such operations.
func checkBulkPuts(ctx context.Context, reads, writes used) *problem.Problem {
	ctx, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	for _, table := range []used{writes, reads} {
		if parsed, err := arn.Parse(table.ARN); err != nil || table.loading || settings.IsLocalAccount(parsed.AccountID) {
			continue
		}
		under, err := managed.BulkPutsUnderWay(ctx, table.client, table.ARN)
		if err != nil || len(under) == 0 {
			continue
		}
		p := bulkPutUnderWay(table, under[0])
		p.Cause = fmt.Sprintf("DynamoDB is loading items into this table with %s. It was started with another journal, or by another program.", operationName(under[0]))
		return p
	}
	return nil
}

// inTheWay finds nothing: while AWS makes a table it is not ACTIVE.
func (*creationState) inTheWay(context.Context, *tables.Env, string, used, used) *problem.Problem {
	return nil
}

func (*recreateLeftover) inTheWay(context.Context, *tables.Env, string, used, used) *problem.Problem {
	return nil
}
