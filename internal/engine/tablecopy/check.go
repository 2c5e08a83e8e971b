// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// checkIndex looks at the index that is to be read, and notes what every item of the source has.
func (r *ends) checkIndex() []*problem.Problem {
	r.given = r.source.Key
	if r.job.Source.Index == "" {
		return nil
	}
	index, err := r.source.Index(r.job.Source.Index)
	if err != nil {
		p := r.source.About("source.index", "Index Not Found")
		p.Cause = fmt.Sprintf("The table has no secondary index %q.", r.job.Source.Index)
		p.Next = "Name one of the table's indexes, or leave index out to read the table." + tables.ChangedFirst("creates the index")
		return []*problem.Problem{p}
	}
	r.given = slices.Concat(index.Key, r.source.Key)
	if index.Status == types.IndexStatusCreating || index.Status == types.IndexStatusDeleting {
		p := r.source.About("source.index", "Index Not Active")
		p.Cause = fmt.Sprintf("The status of the index %q is %s. DynamoDB lets an index be read once it is built, and until it is deleted.", r.job.Source.Index, index.Status)
		p.Next = "Wait until its status is ACTIVE, then apply again; or leave index out to read the table, with a filter such as attribute_exists() on the index's key."
		if index.Status == types.IndexStatusDeleting {
			p.Next = "Name another index, or leave index out to read the table, with a filter such as attribute_exists() on the index's key."
		}
		return []*problem.Problem{p}
	}
	if index.Global && r.job.Source.ConsistentRead {
		p := r.source.About("source.consistent_read", "Consistent Read Of A Global Index")
		p.Cause = "DynamoDB reads global secondary indexes with eventual consistency only."
		p.Next = "Leave consistent_read out, or read the table."
		return []*problem.Problem{p}
	}
	if index.Projection != types.ProjectionTypeAll {
		p := r.source.About("source.index", "Only Projected Attributes Are Copied")
		p.Cause = fmt.Sprintf("The index %q has the projection %s: the attributes that it leaves out will be missing at the destination.", r.job.Source.Index, index.Projection)
		p.Next = "Read the table, or an index that projects ALL, if the items are wanted whole."
		p.Warning = true
		return []*problem.Problem{p}
	}
	return nil
}

// checkFiles looks for what a file cannot do, and whether the destination's folder is there.
func (r *ends) checkFiles() []*problem.Problem {
	j := r.job
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
