// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// CheckChoices finds arguments that only tables can satisfy.
func (j Copy) CheckChoices() []*problem.Problem {
	var found []*problem.Problem
	if j.Conditional() && (j.Destination.File != "" || j.Destination.S3 != nil) {
		found = append(found, &problem.Problem{
			Summary: "A File Is Made Anew", Attribute: "on_conflict",
			Cause: "The destination is a file or an export, which holds nothing but what the run writes.",
			Next:  "Leave on_conflict out.",
		})
	}
	if j.Samples() && (j.Source.File != "" || j.Source.S3 != nil) &&
		(j.Destination.File != "" || j.Destination.S3 != nil) {
		found = append(found, &problem.Problem{
			Summary: "A Sample Needs A Key", Attribute: "sample_percent",
			Cause: "A sample is a share of the partition keys, and neither side is a table, which has one.",
			Next:  "Leave sample_percent out, or copy from a table or to one.",
		})
	}
	return found
}

// CheckCreation finds what is wrong with the arguments of a new table.
func (j Copy) CheckCreation() []*problem.Problem {
	var found []*problem.Problem
	switch {
	case j.Destination.Creates() && (j.Destination.File != "" || j.Destination.S3 != nil):
		found = append(found, &problem.Problem{
			Summary: "Only A Table Is Created", Attribute: "destination.create_table",
			Cause: "The destination is no table; files and exports are made in any case.", Next: "Leave create_table out.",
		})
	case j.Destination.Creates() && (j.Source.File != "" || j.Source.S3 != nil):
		found = append(found, &problem.Problem{
			Summary: "No Table To Create After", Attribute: "destination.create_table",
			Cause: "A new table gets the keys and settings of the source table, and the source is none.",
			Next:  "Create the destination by other means, such as aws_dynamodb_table, and leave create_table out.",
		})
	case j.Destination.KMSKeyARN != "" && !j.Destination.Creates():
		found = append(found, &problem.Problem{
			Summary: "KMS Key Without New Table", Attribute: "destination.kms_key_arn",
			Cause: "The key is for a table that the copy makes, and create_table does not ask for one.",
			Next:  "Set create_table to \"schema\" or \"full\", or leave kms_key_arn out.",
		})
	}
	return found
}
