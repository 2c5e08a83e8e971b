// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package ends

import (
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Ends are the two ends of a copy, opened. An end that is a file, in S3 or not known yet has no table.
type Ends struct {
	// Job is what was asked for, with the method that was chosen.
	Job                 job.Copy
	Source, Destination *tables.Table
	// Share is the share of the source that a task copies; nil for the whole source.
	Share *job.Share
	// Exported is the key of the table that the source is an export of, nil if that is not known.
	Exported []item.KeyAttribute
	// Objects is a source in S3, and bucket reaches a destination there. They are nil for other ends.
	Objects *store.S3Source
	bucket  *s3.Client
	// given are the attributes, with their types, that every item of the source has.
	given  []item.KeyAttribute
	Limits tables.Limits
	// Transform changes the items; nil if nothing does.
	Transform *transform.Program
	// distinct is the definition of the source if all of its items are known to get different keys, and nil otherwise.
	distinct []byte
}
