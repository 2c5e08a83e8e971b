// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package permissions

import (
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

func sourcePermissions(s job.Source, partition string) Side {
	side := Side{TableARN: s.Table, Index: s.Index}
	if s.S3 != nil {
		side.BucketARN, side.ObjectsARN = s3ARNs(s.S3.S3Place, partition)
		if s.S3.Format == store.S3FormatLines { // The prefix may be the key of one object.
			side.ObjectsARN = strings.TrimSuffix(side.ObjectsARN, "/*") + "*"
		}
	}
	return side
}

func destinationPermissions(d job.Destination, partition string) Side {
	side := Side{TableARN: d.Table}
	if d.S3 != nil {
		side.BucketARN, side.ObjectsARN = s3ARNs(*d.S3, partition)
	}
	return side
}

// s3ARNs are those of the bucket, and of what is in the folder.
func s3ARNs(place store.S3Place, partition string) (bucket, objects string) {
	bucket = "arn:" + partition + ":s3:::" + place.Bucket
	folder := place.At().Prefix
	if folder != "" {
		folder += "/"
	}
	return bucket, bucket + "/" + folder + "*"
}
