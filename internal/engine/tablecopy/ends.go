// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tablecopy

import (
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// ends are the two ends of a copy that have been looked at. An end that is a file, in S3 or not known has no table.
type ends struct {
	// job is what was asked for, with the method that was chosen for it.
	job                 job.Copy
	source, destination *tables.Table
	// share is the share of the source that is copied, nil for all of it.
	share *job.Share
	// exported is the key of the table that the source is an export of, nil if that is not known.
	exported []item.KeyAttribute
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
