// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// CheckIndex checks the index that is read, and notes which attributes every item of the source has.
func (r *Ends) CheckIndex() []*problem.Problem {
	r.given = r.Source.Key
	if r.Job.Source.Index == "" {
		return nil
	}
	index, err := r.Source.Index(r.Job.Source.Index)
	if err != nil {
		p := r.Source.About("source.index", "Index Not Found")
		p.Cause = fmt.Sprintf("The table has no secondary index %q.", r.Job.Source.Index)
		p.Next = "Name one of the table's indexes, or leave index out to read the table." +
			explain.ChangedFirst("creates the index")
		return []*problem.Problem{p}
	}
	r.given = slices.Concat(index.Key, r.Source.Key)
	if index.Status == types.IndexStatusCreating || index.Status == types.IndexStatusDeleting {
		p := r.Source.About("source.index", "Index Not Active")
		p.Cause = fmt.Sprintf("The status of the index %q is %s. DynamoDB lets an index be read once it is built, and "+
			"until it is deleted.", r.Job.Source.Index, index.Status)
		p.Next = "Wait until its status is ACTIVE, then apply again; or leave index out to read the table, with a filter " +
			"such as attribute_exists() on the index's key."
		if index.Status == types.IndexStatusDeleting {
			p.Next = "Name another index, or leave index out to read the table, with a filter such as attribute_exists() on " +
				"the index's key."
		}
		return []*problem.Problem{p}
	}
	if index.Global && r.Job.Source.ConsistentRead {
		p := r.Source.About("source.consistent_read", "Consistent Read Of A Global Index")
		p.Cause = "DynamoDB reads global secondary indexes with eventual consistency only."
		p.Next = "Leave consistent_read out, or read the table."
		return []*problem.Problem{p}
	}
	if index.Projection != types.ProjectionTypeAll {
		p := r.Source.About("source.index", "Only Projected Attributes Are Copied")
		p.Cause = fmt.Sprintf("The index %q has the projection %s: the attributes that it leaves out will be missing at "+
			"the destination.", r.Job.Source.Index, index.Projection)
		p.Next = "Read the table, or an index that projects ALL, if the items are wanted whole."
		p.Warning = true
		return []*problem.Problem{p}
	}
	return nil
}

// CheckFiles finds what a file cannot do, and whether the destination's folder exists.
func (r *Ends) CheckFiles() []*problem.Problem {
	j := r.Job
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
			p := explain.File("destination.file", j.Destination.File, err)
			p.Cause = "The folder of the destination file is not there."
			p.Next = "Make the folder, or correct the path, which is relative to the folder that terraform runs in."
			found = append(found, p)
		}
		if explain.SameFile(j.Source.File, j.Destination.File) {
			found = append(found, &problem.Problem{
				Summary: "Source Equals Destination", Attribute: "destination.file",
				Cause: "The source and the destination are the same file.", Next: "Name another file as destination.",
			})
		}
	}
	return found
}
