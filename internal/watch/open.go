// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// open returns the journal at that place. One in S3 is reached with the Region and the credentials that the AWS
// environment variables and the shared AWS files give. With existing, a folder must be there.
func open(ctx context.Context, place string, existing bool) (journal.Journal, error) {
	inS3, isS3 := strings.CutPrefix(place, "s3://")
	if !isS3 {
		if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) && existing {
			return nil, fmt.Errorf("there is no journal at %s: name its folder with --journal, or run this where terraform "+
				"runs", place)
		}
		return journal.Watched(place), nil
	}
	bucket, prefix, _ := strings.Cut(inS3, "/")
	if bucket == "" {
		return nil, fmt.Errorf("%s names no bucket: write the journal's place as s3://BUCKET/PREFIX", place)
	}
	connections, err := awsconn.New(
		ctx,
		awsconn.Settings{
			UserAgent:                 "terraform-provider-dynamoops/watch",
			SkipCredentialsValidation: true,
			SkipRequestingAccountID:   true,
		},
	)
	if err != nil {
		return nil, err
	}
	client, err := connections.S3(ctx, awsconn.Connection{})
	if err != nil {
		return nil, err
	}
	return journal.S3(client, bucket, prefix, time.Now), nil
}
