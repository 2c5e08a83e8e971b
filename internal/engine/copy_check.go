// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// readyCopy is a copy whose two sides have been looked at. A side that is a file, in S3 or not known has no table.
type readyCopy struct {
	source, destination *table
	// choice is how the job is done.
	choice choice
	// share is the share of the source that is copied, nil for all of it.
	share *segment
	// exported is the key of the table that the source is an export of, nil if that is not known.
	exported []item.KeyAttribute
	// own are the names of the journal's records that the run has taken, or would take.
	own []string
	// creation makes the destination, which is planned until then; nil for one that is there.
	creation *creation
	// replaced is the recreate of a destination that a restore replaces; nil for any other.
	replaced *recreation
	// unfinished is a recreate of one of the two tables that has to be finished first, by another run; nil if there is none.
	unfinished *problem.Problem
	// finish is what the creation does when the items are there; nil for none.
	finish func(context.Context) error
	// objects is the source in S3, and bucket reaches the destination there; nil for none.
	objects *store.S3Source
	bucket  *s3.Client
	// given are the attributes that every item of the source is sure to have, with their types.
	given  []item.KeyAttribute
	limits limits
	// transform is what changes the items, nil for nothing.
	transform *transform.Program
	// distinct is the definition of the source if all of its items are known to have different keys at the destination, or else nil.
	distinct []byte
}

// sourceKey is what every item of a source file has to have: the destination's key, unless a transform may make it. A sample is
// taken before that, and needs the partition key.
func (r *readyCopy) sourceKey(job CopyJob) []item.KeyAttribute {
	key := r.destinationKey()
	switch {
	case !job.transforms():
		return key
	case job.samples() && len(key) > 0:
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
func (e *Engine) prepareCopy(ctx context.Context, job CopyJob, ready readyCopy) (*readyCopy, problem.List) {
	var found problem.List
	source := reference{job.Source.Table, job.Source.Side, "source.", "table"}
	destination := reference{job.Destination.Table, job.Destination.Side, "destination.", "table"}
	inFilter := checkFilter(job.Filter)
	found.Add(inFilter...)
	if len(job.Transform) > 0 {
		program, wrong := transform.Compile(job.Transform, job.TransformOptions)
		ready.transform = program
		found.Add(wrong...)
	}
	found.Add(ready.checkDistributed(job)...)
	if job.Source.Table != "" {
		if opened, p := e.open(ctx, source); !e.meetsUnfinished(ctx, job, source, p, &ready, &found) {
			found.Add(p)
			ready.source = opened
		}
	}
	ready.choice = ready.choose(ctx, job)
	given := job
	job.Method = ready.choice.method
	if job.Destination.Table != "" {
		if p := e.protected(destination); p != nil {
			found.Add(p)
		} else {
			e.openDestination(ctx, job, destination, &ready, &found)
		}
	}
	if ready.source != nil {
		unreadable := ready.checkIndex(job)
		found.Add(unreadable...)
		if job.Filter != nil && problem.List(unreadable).FirstError() == nil && len(inFilter) == 0 && !job.exports() && !job.restores() { // Who exports needs no permission to scan.
			found.Add(probe(ctx, ready.source, job.scan()))
		}
	}
	if ready.destination != nil {
		found.Add(ready.checkTables(job)...)
	}
	found.Add(job.checkCreation()...)
	found.Add(job.checkFiles()...)
	found.Add(ready.checkChoices(job)...)
	found.Add(ready.openS3(ctx, e, job)...)
	found.Add(ready.checkLines(ctx, e, job))
	if found.FirstError() == nil {
		found.Add(ready.checkCollisions(job)...)
	}
	found.Add(ready.checkExport(ctx, e, given)...)
	found.Add(ready.checkRestore(ctx, e, job)...)
	limits, problems := job.Throughput.limits(ready.source, job.Source.Index, ready.destination)
	ready.limits = limits
	found.Add(problems...)
	return &ready, found
}

// checkFilter returns what is wrong with the filter. DynamoDB need not be asked about it then.
func checkFilter(f *filter.Filter) problem.List {
	if f == nil {
		return nil
	}
	found := problem.List(f.Check())
	for _, p := range found {
		p.Attribute = "filter." + p.Attribute
	}
	return found
}

// probe has DynamoDB judge the filter.
func probe(ctx context.Context, t *table, scan store.Scan) *problem.Problem {
	err := t.Probe(ctx, t.client, scan)
	if err == nil {
		return nil
	}
	found := requestProblem(ctx, err)
	account, region := t.Where()
	found.Table, found.Account, found.Region = t.Name, account, region
	if found.Summary == "Request Refused By DynamoDB" {
		found.Summary, found.Attribute = "Filter Refused By DynamoDB", "filter"
		found.Cause = "A Scan of a single item with this filter was refused."
		found.Next = "See the original error and correct the filter."
	}
	found.Err = scan.Filter.HideNames(found.Err)
	return found
}

// checkIndex looks at the index that is to be read, and notes what every item of the source has.
func (r *readyCopy) checkIndex(job CopyJob) []*problem.Problem {
	r.given = r.source.Key
	if job.Source.Index == "" {
		return nil
	}
	index, err := r.source.Index(job.Source.Index)
	if err != nil {
		p := r.source.about("source.index", "Index Not Found")
		p.Cause = fmt.Sprintf("The table has no secondary index %q.", job.Source.Index)
		p.Next = "Name one of the table's indexes, or leave index out to read the table." + changedFirst("creates the index")
		return []*problem.Problem{p}
	}
	r.given = slices.Concat(index.Key, r.source.Key)
	if index.Status == types.IndexStatusCreating || index.Status == types.IndexStatusDeleting {
		p := r.source.about("source.index", "Index Not Active")
		p.Cause = fmt.Sprintf("The status of the index %q is %s. DynamoDB lets an index be read once it is built, and until it is deleted.", job.Source.Index, index.Status)
		p.Next = "Wait until its status is ACTIVE, then apply again; or leave index out to read the table, with a filter such as attribute_exists() on the index's key."
		if index.Status == types.IndexStatusDeleting {
			p.Next = "Name another index, or leave index out to read the table, with a filter such as attribute_exists() on the index's key."
		}
		return []*problem.Problem{p}
	}
	if index.Global && job.Source.ConsistentRead {
		p := r.source.about("source.consistent_read", "Consistent Read Of A Global Index")
		p.Cause = "DynamoDB reads global secondary indexes with eventual consistency only."
		p.Next = "Leave consistent_read out, or read the table."
		return []*problem.Problem{p}
	}
	if index.Projection != types.ProjectionTypeAll {
		p := r.source.about("source.index", "Only Projected Attributes Are Copied")
		p.Cause = fmt.Sprintf("The index %q has the projection %s: the attributes that it leaves out will be missing at the destination.", job.Source.Index, index.Projection)
		p.Next = "Read the table, or an index that projects ALL, if the items are wanted whole."
		p.Warning = true
		return []*problem.Problem{p}
	}
	return nil
}

// checkChoices looks for what only tables can do.
func (r *readyCopy) checkChoices(job CopyJob) []*problem.Problem {
	var found []*problem.Problem
	if job.conditional() && (job.Destination.File != "" || job.Destination.S3 != nil) {
		found = append(found, &problem.Problem{
			Summary: "A File Is Made Anew", Attribute: "on_conflict",
			Cause: "The destination is a file or an export, which holds nothing but what the run writes.",
			Next:  "Leave on_conflict out.",
		})
	}
	if job.samples() && (job.Source.File != "" || job.Source.S3 != nil) && (job.Destination.File != "" || job.Destination.S3 != nil) {
		found = append(found, &problem.Problem{
			Summary: "A Sample Needs A Key", Attribute: "sample_percent",
			Cause: "A sample is a share of the partition keys, and neither side is a table, which has one.",
			Next:  "Leave sample_percent out, or copy from a table or to one.",
		})
	}
	return found
}

// checkFiles looks for what a file cannot do, and whether the destination's folder is there.
func (job CopyJob) checkFiles() []*problem.Problem {
	var found []*problem.Problem
	if job.Filter != nil && (job.Source.File != "" || job.Source.S3 != nil) {
		found = append(found, &problem.Problem{
			Summary: "A File Has No Filter", Attribute: "filter",
			Cause: "DynamoDB evaluates filters, and neither a file nor an object in S3 is read by DynamoDB.",
			Next:  "Leave filter out, or copy the items to a table first and filter the copy from there.",
		})
	}
	if job.Destination.File != "" {
		if info, err := os.Stat(filepath.Dir(job.Destination.File)); err != nil || !info.IsDir() {
			p := fileProblem("destination.file", job.Destination.File, err)
			p.Cause = "The folder of the destination file is not there."
			p.Next = "Make the folder, or correct the path, which is relative to the folder that terraform runs in."
			found = append(found, p)
		}
		if sameFile(job.Source.File, job.Destination.File) {
			found = append(found, &problem.Problem{
				Summary: "Source Equals Destination", Attribute: "destination.file",
				Cause: "The source and the destination are the same file.", Next: "Name another file as destination.",
			})
		}
	}
	return found
}

func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	return errOne == nil && errTwo == nil && os.SameFile(one, two)
}

// fileProblem says what is wrong with a file.
func fileProblem(attribute, path string, err error) *problem.Problem {
	p := &problem.Problem{Summary: "File Cannot Be Used", Attribute: attribute, Err: err}
	var line *store.LineError
	var file *os.PathError
	form, misformed := errors.AsType[*store.FormError](err)
	switch {
	case isDiskFull(err):
		p = diskProblem(err)
		p.Attribute = attribute
	case errors.As(err, &line):
		p.Summary = "Malformed File"
		p.Cause = fmt.Sprintf("Line %d of %s is not an item that can be copied: %v.", line.Line, line.File, line.Err)
		p.Next = "Correct the line. Each line holds one item, all lines as plain JSON or all as DynamoDB JSON."
		if misformed {
			p.Next = form.Do
		}
		p.Err = nil
	case misformed:
		p.Summary = "Malformed File"
		p.Cause = fmt.Sprintf("%s does not hold items, one on each line: %v.", path, form)
		p.Next, p.Err = form.Do, nil
	case errors.As(err, &file):
		p.Cause = fmt.Sprintf("%s: %v.", path, file.Err)
		p.Next = "Check the path, which is relative to the folder that terraform runs in, and the file's permissions." + writtenFirst(attribute, file.Err)
	default:
		p.Cause = fmt.Sprintf("%s cannot be read or written.", path)
		p.Next = "See the original error."
	}
	return p
}
