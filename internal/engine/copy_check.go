// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/newtable"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// readyCopy is a copy whose two sides have been looked at. A side that is a file, in S3 or not known has no table.
type readyCopy struct {
	source, destination *tables.Table
	// choice is how the job is done.
	choice job.Choice
	// share is the share of the source that is copied, nil for all of it.
	share *job.Share
	// exported is the key of the table that the source is an export of, nil if that is not known.
	exported []item.KeyAttribute
	// own are the names of the journal's records that the run has taken, or would take.
	own []string
	// creation makes the destination, which is planned until then; nil for one that is there.
	creation *newtable.Creation
	// replaced is the recreate of a destination that a restore replaces; nil for any other.
	replaced *recreate.Plan
	// unfinished is a recreate of one of the two tables that has to be finished first, by another run; nil if there is none.
	unfinished *problem.Problem
	// finish is what the creation does when the items are there; nil for none.
	finish func(context.Context) error
	// objects is the source in S3, and bucket reaches the destination there; nil for none.
	objects *store.S3Source
	bucket  *s3.Client
	// given are the attributes that every item of the source is sure to have, with their types.
	given  []item.KeyAttribute
	limits tables.Limits
	// transform is what changes the items, nil for nothing.
	transform *transform.Program
	// distinct is the definition of the source if all of its items are known to have different keys at the destination, or else nil.
	distinct []byte
}

// sourceKey is what every item of a source file has to have: the destination's key, unless a transform may make it. A sample is
// taken before that, and needs the partition key.
func (r *readyCopy) sourceKey(j job.Copy) []item.KeyAttribute {
	key := r.destinationKey()
	switch {
	case !j.Transforms():
		return key
	case j.Samples() && len(key) > 0:
		return key[:1]
	}
	return nil
}

func (r *readyCopy) destinationKey() []item.KeyAttribute {
	if r.destination == nil {
		return nil
	}
	return r.destination.Key
}

// prepareCopy opens the two sides and finds what is wrong. The copy that is given has what is not in the job. The cheapest checks come first, and a side that cannot be
// opened does not keep the other from being looked at.
func prepareCopy(ctx context.Context, e *tables.Env, j job.Copy, ready readyCopy) (*readyCopy, problem.List) {
	var found problem.List
	source := j.SourceRef()
	destination := j.DestinationRef()
	inFilter := tables.CheckFilter(j.Filter)
	found.Add(inFilter...)
	if len(j.Transform) > 0 {
		program, wrong := transform.Compile(j.Transform, j.TransformOptions)
		ready.transform = program
		found.Add(wrong...)
	}
	found.Add(j.CheckDistributed(ready.transform)...)
	if j.Source.Table != "" {
		if opened, p := tables.Open(ctx, e, source); !meetsUnfinished(ctx, e, j, source, p, &ready, &found) {
			found.Add(p)
			ready.source = opened
		}
	}
	ready.choice = ready.choose(ctx, j)
	given := j
	j.Method = ready.choice.Method
	if j.Destination.Table != "" {
		if p := tables.CheckProtected(e, destination); p != nil {
			found.Add(p)
		} else {
			openDestination(ctx, e, j, destination, &ready, &found)
		}
	}
	if ready.source != nil {
		unreadable := ready.checkIndex(j)
		found.Add(unreadable...)
		if j.Filter != nil && problem.List(unreadable).FirstError() == nil && len(inFilter) == 0 && !j.Exports() && !j.Restores() { // Who exports needs no permission to scan.
			found.Add(tables.Probe(ctx, ready.source, j.Scan()))
		}
	}
	if ready.destination != nil {
		found.Add(ready.checkTables(j)...)
	}
	found.Add(j.CheckCreation()...)
	found.Add(checkFiles(j)...)
	found.Add(j.CheckChoices()...)
	found.Add(ready.openS3(ctx, e, j)...)
	found.Add(ready.checkLines(ctx, e, j))
	if found.FirstError() == nil {
		found.Add(ready.checkCollisions(j)...)
	}
	found.Add(ready.checkExport(ctx, e, given)...)
	found.Add(ready.checkRestore(ctx, e, j)...)
	limits, problems := tables.LimitsOf(j.Throughput, ready.source, j.Source.Index, ready.destination)
	ready.limits = limits
	found.Add(problems...)
	return &ready, found
}

// checkIndex looks at the index that is to be read, and notes what every item of the source has.
func (r *readyCopy) checkIndex(j job.Copy) []*problem.Problem {
	r.given = r.source.Key
	if j.Source.Index == "" {
		return nil
	}
	index, err := r.source.Index(j.Source.Index)
	if err != nil {
		p := r.source.About("source.index", "Index Not Found")
		p.Cause = fmt.Sprintf("The table has no secondary index %q.", j.Source.Index)
		p.Next = "Name one of the table's indexes, or leave index out to read the table." + tables.ChangedFirst("creates the index")
		return []*problem.Problem{p}
	}
	r.given = slices.Concat(index.Key, r.source.Key)
	if index.Status == types.IndexStatusCreating || index.Status == types.IndexStatusDeleting {
		p := r.source.About("source.index", "Index Not Active")
		p.Cause = fmt.Sprintf("The status of the index %q is %s. DynamoDB lets an index be read once it is built, and until it is deleted.", j.Source.Index, index.Status)
		p.Next = "Wait until its status is ACTIVE, then apply again; or leave index out to read the table, with a filter such as attribute_exists() on the index's key."
		if index.Status == types.IndexStatusDeleting {
			p.Next = "Name another index, or leave index out to read the table, with a filter such as attribute_exists() on the index's key."
		}
		return []*problem.Problem{p}
	}
	if index.Global && j.Source.ConsistentRead {
		p := r.source.About("source.consistent_read", "Consistent Read Of A Global Index")
		p.Cause = "DynamoDB reads global secondary indexes with eventual consistency only."
		p.Next = "Leave consistent_read out, or read the table."
		return []*problem.Problem{p}
	}
	if index.Projection != types.ProjectionTypeAll {
		p := r.source.About("source.index", "Only Projected Attributes Are Copied")
		p.Cause = fmt.Sprintf("The index %q has the projection %s: the attributes that it leaves out will be missing at the destination.", j.Source.Index, index.Projection)
		p.Next = "Read the table, or an index that projects ALL, if the items are wanted whole."
		p.Warning = true
		return []*problem.Problem{p}
	}
	return nil
}

// checkFiles looks for what a file cannot do, and whether the destination's folder is there.
func checkFiles(j job.Copy) []*problem.Problem {
	var found []*problem.Problem
	if j.Filter != nil && (j.Source.File != "" || j.Source.S3 != nil) {
		found = append(found, &problem.Problem{
			Summary: "A File Has No Filter", Attribute: "filter",
			Cause: "DynamoDB evaluates filters, and neither a file nor an object in S3 is read by DynamoDB.",
			Next:  "Leave filter out, or copy the items to a table first and filter the copy from there.",
		})
	}
	if j.Destination.File != "" {
		if info, err := os.Stat(filepath.Dir(j.Destination.File)); err != nil || !info.IsDir() {
			p := tables.ExplainFile("destination.file", j.Destination.File, err)
			p.Cause = "The folder of the destination file is not there."
			p.Next = "Make the folder, or correct the path, which is relative to the folder that terraform runs in."
			found = append(found, p)
		}
		if tables.SameFile(j.Source.File, j.Destination.File) {
			found = append(found, &problem.Problem{
				Summary: "Source Equals Destination", Attribute: "destination.file",
				Cause: "The source and the destination are the same file.", Next: "Name another file as destination.",
			})
		}
	}
	return found
}
