// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// unfinished leaves a recreate of the table "orders" of four items unfinished. If it is there, others have written two items since.
func (p *plane) unfinished(t *testing.T, there bool) (was string) {
	t.Helper()
	p.create(t, "orders", 4)
	if _, err := p.account.DynamoDB.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String("orders"), TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
	}); err != nil {
		t.Fatal(err)
	}
	p.account.Settle(t, "orders")
	was = p.account.Everything(t, "orders")
	if !there {
		p.dropped(t)
		return was
	}
	p.deny("UpdateTimeToLive", 1)
	_, err := p.purge(t, "orders", job.MethodRecreate)
	saying(t, err, "The table was recreated, and lacks the settings")
	p.OnRequest(nil)
	for _, id := range []string{"1", "8"} {
		if _, err := p.account.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String("orders"), Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: id}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return was
}

// drops is how often a table was to be dropped.
func (p *plane) drops() int {
	count := 0
	for _, call := range p.Calls() {
		if call.Operation == "DeleteTable" {
			count++
		}
	}
	return count
}

// A purge that meets a recreate which was interrupted after the drop finishes it, and then does what it would have done anyway.
func TestPurgeOfAnUnfinishedRecreate(t *testing.T) {
	t.Parallel()
	large := &filter.Filter{Expression: "id > :five", Values: map[string]types.AttributeValue{":five": &types.AttributeValueMemberN{Value: "5"}}}
	day := 25 * time.Hour
	for name, test := range map[string]struct {
		job     job.Purge
		later   time.Duration
		method  string
		resumed bool
		// deleted is how many items are deleted one by one if others have written two, left how many stay.
		deleted, left int64
		drops         int
		says          string
	}{
		"the same run":       {job.Purge{Method: job.MethodRecreate}, 0, job.MethodRecreate, true, 0, 0, 1, "this run finishes it."},
		"the same run, auto": {job.Purge{}, 0, job.MethodRecreate, true, 0, 0, 1, "this run finishes it."},
		"a day later":        {job.Purge{Method: job.MethodRecreate}, day, job.MethodRecreate, false, 0, 0, 1, "finishes it first"},
		"other triggers": {
			job.Purge{Method: job.MethodRecreate, Triggers: map[string]string{"n": "2"}}, 0, job.MethodRecreate, false, 0, 0, 1, "finishes it first",
		},
		"auto, other triggers": {job.Purge{Triggers: map[string]string{"n": "2"}}, 0, job.MethodRecreate, false, 0, 0, 1, "finishes it first"},
		"delete_items":         {job.Purge{Method: job.MethodDeleteItems}, 0, job.MethodDeleteItems, false, 2, 0, 0, "finishes it first"},
		"a filter":             {job.Purge{Filter: large}, 0, job.MethodDeleteItems, false, 1, 1, 0, "finishes it first"},
		"a filter, rechecked":  {job.Purge{Filter: large, RecheckFilter: true}, day, job.MethodDeleteItems, false, 1, 1, 0, "finishes it first"},
	} {
		for _, there := range []bool{false, true} {
			if !there && !slices.Contains([]string{"the same run, auto", "other triggers", "a filter"}, name) {
				continue // Nothing new without items.
			}
			t.Run(fmt.Sprintf("%s, table there %t", name, there), func(t *testing.T) {
				t.Parallel()
				p := newPlane(t)
				was := p.unfinished(t, there)
				p.engine.Now = func() time.Time { return time.Now().Add(test.later) }
				drops, wantDrops := p.drops(), test.drops
				if test.resumed && !there {
					wantDrops = 0
				}
				j := test.job
				j.Table = "orders"
				said, mayDrop := "", false
				for _, found := range p.engine.CheckPurge(t.Context(), j) {
					if !found.Warning {
						t.Errorf("the plan fails: %v", found)
					}
					if found.Summary == "Unfinished Recreate" {
						said += found.Detail()
					}
					mayDrop = mayDrop || strings.Contains(found.Summary, "Dropped")
				}
				if !strings.Contains(said, test.says) || mayDrop != (wantDrops > 0) {
					t.Errorf("the plan says %q, and that the table is dropped: %t", said, mayDrop)
				}
				result, err := p.engine.Purge(t.Context(), j, engine.Observer{})
				if err != nil {
					t.Fatal(err)
				}
				deleted, left := test.deleted, test.left
				if !there {
					deleted, left = 0, 0
				}
				if result.Method != test.method || result.Resumed != test.resumed || result.Ledger.Written != deleted || result.Ledger.Scanned != deleted {
					t.Errorf("the result is %+v", result)
				}
				besides := !test.resumed || there
				if finished := strings.Contains(result.MethodReason, "was finished first"); finished != besides {
					t.Errorf("the reason is %q", result.MethodReason)
				}
				told := slices.ContainsFunc(result.Warnings, func(r *problem.Problem) bool { return r.Summary == "Unfinished Recreate Was Finished" })
				if told != besides {
					t.Errorf("the remarks are %v", result.Warnings)
				}
				if is := p.drops() - drops; is != wantDrops {
					t.Errorf("the table was dropped %d times", is)
				}
				if is := int64(p.count(t)); is != left {
					t.Errorf("%d items are left, want %d", is, left)
				}
				p.account.Settle(t, "orders")
				sameDocument(t, was, p.account.Everything(t, "orders"))
				if names := p.records(t); len(names) != 0 {
					t.Errorf("the journal holds %q", names)
				}
			})
		}
	}
}

// What a purge asks of its table is looked up in the settings that the unfinished recreate puts back.
func TestSafetyOfAPurgeAfterAnUnfinishedRecreate(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.unfinished(t, true)
	for name, test := range map[string]struct {
		job  job.Purge
		want string
	}{
		"recovery": {job.Purge{Method: job.MethodDeleteItems, RequirePITR: true}, "No Point-In-Time Recovery"},
		"backup":   {job.Purge{Method: job.MethodDeleteItems, BackupBefore: true}, "Backup Without Recreate"},
	} {
		test.job.Table = "orders"
		_, err := p.engine.Purge(t.Context(), test.job, engine.Observer{})
		if saying(t, err, test.want); t.Failed() {
			t.Fatal(name)
		}
	}
	if names := p.records(t); len(names) != 1 {
		t.Errorf("the journal holds %q", names)
	}
}

// A purge that leaves items does not make a table without any where a copy was to restore them.
func TestFilteredPurgeOfAnUnfinishedReplacement(t *testing.T) {
	t.Parallel()
	j := job.Purge{Table: "orders", Filter: &filter.Filter{
		Expression: "id > :two", Values: map[string]types.AttributeValue{":two": &types.AttributeValueMemberN{Value: "2"}},
	}}
	replaced := func(t *testing.T, operation string, from int) *plane {
		p := newPlane(t)
		p.create(t, "source", 5)
		p.create(t, "orders", 2)
		p.deny(operation, from)
		_, err := unsavedRuns["replacement"](t, p)
		saying(t, err, "pply again")
		p.OnRequest(nil)
		return p
	}
	t.Run("before the restore", func(t *testing.T) {
		t.Parallel()
		p := replaced(t, "RestoreTableFromBackup", 2) // The first is the proof.
		_, err := p.engine.Purge(t.Context(), j, engine.Observer{})
		saying(t, err, "Unfinished Recreate", "Apply the copy again first")
		result, err := unsavedRuns["replacement"](t, p)
		if err != nil || !result.Resumed || p.count(t) != 5 {
			t.Errorf("%+v, %v", result, err)
		}
	})
	t.Run("with the items there", func(t *testing.T) {
		t.Parallel()
		p := replaced(t, "TagResource", 1)
		result, err := p.engine.Purge(t.Context(), j, engine.Observer{})
		if err != nil || result.Ledger.Written != 2 || p.count(t) != 3 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// A copy from or to a table that a recreate has dropped does not fail the plan, in which the purge that finishes it may stand; it
// makes no table in its place, and says what to do.
func TestCopyMeetsAnUnfinishedRecreate(t *testing.T) {
	t.Parallel()
	copies := map[string]job.Copy{
		"source":      {Source: job.Source{Table: "orders"}, Destination: job.Destination{Table: "other"}},
		"destination": {Source: job.Source{Table: "other"}, Destination: job.Destination{Table: "orders"}},
		"to be made":  {Source: job.Source{Table: "other"}, Destination: job.Destination{Table: "orders", Create: "full"}},
		"replaced": {
			Source: job.Source{Table: "other"}, Destination: job.Destination{Table: "orders"},
			Method: job.MethodRestore, Restore: job.Restore{Replace: true},
		},
	}
	for name, j := range copies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			was := p.unfinished(t, false)
			p.create(t, "other", 3)
			warned := false
			for _, found := range p.engine.CheckCopy(t.Context(), j) {
				warned = warned || found.Summary == "Unfinished Recreate"
				if !found.Warning {
					t.Errorf("the plan fails: %v", found)
				}
			}
			if !warned {
				t.Error("the plan says nothing of the recreate")
			}
			_, err := p.engine.Copy(t.Context(), j, engine.Observer{})
			saying(t, err, "Unfinished Recreate", "Apply the purge", "depends_on")
			if p.there(t, "orders") {
				t.Error("the copy has made the table")
			}
			if result, err := p.purge(t, "orders", job.MethodRecreate); err != nil || !result.Resumed {
				t.Fatalf("%+v, %v", result, err)
			}
			p.account.Settle(t, "orders")
			sameDocument(t, was, p.account.Everything(t, "orders"))
			if _, err := p.engine.Copy(t.Context(), j, engine.Observer{}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a table that is there", func(t *testing.T) {
		t.Parallel()
		p := newPlane(t)
		p.unfinished(t, true)
		p.create(t, "other", 3)
		found := p.engine.CheckCopy(t.Context(), copies["destination"])
		if len(found) != 1 || !found[0].Warning || found[0].Summary != "Unfinished Recreate" || !strings.Contains(found[0].Detail(), "has not all of its settings") {
			t.Errorf("the plan says %v", found)
		}
		if _, err := p.engine.Copy(t.Context(), copies["destination"], engine.Observer{}); err != nil {
			t.Fatal(err)
		}
		if result, err := p.purge(t, "orders", job.MethodRecreate); err != nil || !result.Resumed || p.count(t) != 0 {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

// A run that resumes its own recreate does not drop the new table once more for nothing, nor where it may not look into it.
func TestResumedRecreateDropsOnce(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]string{"empty": "", "not to be read": "Scan"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "orders", 2)
			id := *p.account.Describe(t, "orders").TableId
			p.deny("DescribeTimeToLive", 4) // Once the table is back.
			if _, err := p.purge(t, "orders", job.MethodRecreate); err == nil {
				t.Fatal("the recreate is complete")
			}
			p.deny(refused, 1)
			drops := p.drops()
			result, err := p.purge(t, "orders", job.MethodRecreate)
			if err != nil || !result.Resumed || result.Method != job.MethodRecreate || result.TableID != id || result.NewTableID == id {
				t.Errorf("%+v, %v", result, err)
			}
			if drops != 1 || p.drops() != drops {
				t.Errorf("the table was dropped %d times, and then %d times", drops, p.drops()-drops)
			}
		})
	}
}

// A purge by way of a Spark job finishes the recreate too, and then starts its job.
func TestSparkPurgeOfAnUnfinishedRecreate(t *testing.T) {
	t.Parallel()
	c := newCancelling(t)
	c.create("orders")
	created := 0
	c.plane.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation != "CreateTable" {
			return nil
		}
		if created++; created == 1 { // The proof.
			return nil
		}
		return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	})
	_, err := c.engine.Purge(t.Context(), job.Purge{Table: "orders", Method: job.MethodRecreate}, engine.Observer{})
	saying(t, err, "The table was dropped")
	c.plane.OnRequest(nil)
	j := job.Purge{Table: "orders", Method: job.MethodEMR, EMR: &c.config}
	for _, found := range c.engine.CheckPurge(t.Context(), j) {
		if !found.Warning || strings.Contains(found.Summary, "Dropped") {
			t.Errorf("the plan says %v", found)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c.await("job", 1, cancel) // It never ends.
	_, err = c.engine.Purge(ctx, j, engine.Observer{})
	saying(t, err, "Run Cancelled")
	if ctx.Err() == nil {
		t.Error("no job was started")
	}
	names, err := c.engine.Journal.Names(t.Context())
	if err != nil || slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "recreate-") }) {
		t.Errorf("the journal holds %q, %v", names, err)
	}
}
