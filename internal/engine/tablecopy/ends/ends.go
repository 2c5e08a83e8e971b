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

// Ends are the two ends of a copy that have been looked at. An end that is a file, in S3 or not known has no table.
type Ends struct {
	// Job is what was asked for, with the method that was chosen for it.
	Job                 job.Copy
	Source, Destination *tables.Table
	// Share is the share of the source that is copied, nil for all of it.
	Share *job.Share
	// Exported is the key of the table that the source is an export of, nil if that is not known.
	Exported []item.KeyAttribute
	// Objects is the source in S3, and bucket reaches the destination there; nil for none.
	Objects *store.S3Source
	bucket  *s3.Client
	// given are the attributes that every item of the source is sure to have, with their types.
	given  []item.KeyAttribute
	Limits tables.Limits
	// Transform is what changes the items, nil for nothing.
	Transform *transform.Program
	// distinct is the definition of the source if all of its items are known to have different keys at the destination, or
	// else nil.
	distinct []byte
}
