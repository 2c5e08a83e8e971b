// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// ItemAdvice says what to do about a key that the purge cannot delete.
func (j Purge) ItemAdvice() string {
	return "See the original error. Check that the endpoint is DynamoDB's and nothing in between answers in its place; " +
		"then apply again."
}

// Purge empties a table, or deletes the items that pass a filter.
type Purge struct {
	// Table is a name or an ARN, empty if it is not known yet, which a check accepts.
	Table      string
	Connection awsconn.Connection
	// Method is one of the constants of a purge's methods. Empty means MethodAuto.
	Method string
	// EMR is how MethodEMR runs; nil if it is not known yet, which a check accepts.
	EMR *spark.Config `json:"-"`
	// Allow are features of the table, such as "stream", despite which it may be recreated.
	Allow []string
	// BackupBefore makes an on-demand backup first. RequirePITR refuses a table without point-in-time recovery.
	BackupBefore, RequirePITR bool
	// Filter chooses the items to delete; nil chooses all.
	Filter *filter.Filter
	// FilterLater reports whether there is a filter that is not known yet. MethodLater reports whether the method, or what
	// decides it, is not known yet. A check accepts both; such a job must not be run.
	FilterLater, MethodLater bool `json:"-"`
	// RecheckFilter deletes an item only if the filter still holds for it.
	RecheckFilter bool
	Throughput    Throughput
	// Triggers distinguish two runs that are otherwise the same.
	Triggers map[string]string
}

// Scan returns what the job reads. The read is strongly consistent: another one could miss an item that was just
// written, and its units are few beside those of the deletes.
func (j Purge) Scan() store.Scan {
	return store.Scan{ConsistentRead: true, Filter: j.Filter, KeysOnly: true}
}

// Distributed reports whether a Spark job does the run.
func (j Purge) Distributed() bool { return j.Method == MethodEMR }

// Recreates reports whether the job asks for a recreate.
func (j Purge) Recreates() bool { return j.Method == MethodRecreate }

// ChoosesItself reports whether the engine chooses the method.
func (j Purge) ChoosesItself() bool { return j.Method == "" || j.Method == MethodAuto }

// Filtered reports whether the job deletes some items and leaves others, which a recreate cannot do.
func (j Purge) Filtered() bool { return j.Filter != nil || j.FilterLater }

// Rechecks reports whether an item is deleted only if the filter still holds for it.
func (j Purge) Rechecks() bool { return j.Filter != nil && j.RecheckFilter }

// CheckRecheck checks the filter as it is sent with each delete, where it is longer than in a Scan.
func (j Purge) CheckRecheck() *problem.Problem {
	if !j.Rechecks() {
		return nil
	}
	sent := store.DeleteCondition(j.Filter, "")
	bytes, operators := len(sent.Expression), sent.Operators()
	added, more := bytes-len(j.Filter.Expression), operators-j.Filter.Operators()
	p := &problem.Problem{Summary: "Filter Cannot Be Rechecked", Attribute: "filter.expression"}
	switch {
	case bytes > filter.MaxBytes:
		p.Cause = fmt.Sprintf("With recheck_filter each delete is sent on condition that the item is there and the filter "+
			"holds for it, which makes the expression %d bytes long. DynamoDB takes at most %d.", bytes, filter.MaxBytes)
		p.Next = fmt.Sprintf(
			"Shorten the expression to %d bytes, for example with shorter placeholders",
			filter.MaxBytes-added,
		)
	case operators > filter.MaxOperators:
		p.Cause = fmt.Sprintf("With recheck_filter each delete is sent on condition that the item is there and the filter "+
			"holds for it, which takes %d operators and functions. DynamoDB takes at most %d.", operators, filter.MaxOperators)
		p.Next = fmt.Sprintf(
			"Use %d operators and functions at most, for example IN in place of many comparisons",
			filter.MaxOperators-more,
		)
	default:
		return nil
	}
	p.Next += "; or set recheck_filter = false, if an item that no longer passes the filter when its turn comes may be " +
		"deleted too."
	return p
}

// RecreateDefinition identifies the purge among those that recreate the table.
func (j Purge) RecreateDefinition() string {
	definition, err := json.Marshal([]any{j.Triggers, j.BackupBefore})
	if err != nil {
		panic(err) // Texts have always a JSON form.
	}
	sum := sha256.Sum256(definition)
	return hex.EncodeToString(sum[:16])
}

// KeepsTable reports whether the job is sure not to drop the table.
func (j Purge) KeepsTable() bool {
	return j.Filtered() || j.Method == MethodDeleteItems || j.Method == MethodEMR
}
