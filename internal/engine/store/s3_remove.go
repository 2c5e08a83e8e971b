// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	// cleanTimeout bounds the removal of what a failed run has written.
	cleanTimeout = time.Minute
	// deleteKeys is how many objects one request deletes ("DeleteObjects" in the Amazon S3 API Reference).
	deleteKeys = 1000
)

// clean deletes what may have been written, even if the run was cancelled.
func (s *S3Sink) clean() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), cleanTimeout)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Reverse(s.keys) // What makes the export look complete goes first.
	return s.remove(ctx, s.keys)
}

// RemoveOther deletes another, incomplete export of the run at this export's place. It finds the objects with
// ListObjectsV2. For a complete export, which stays, the error is ErrComplete.
func (s *S3Sink) RemoveOther(ctx context.Context, root, run string) error {
	if !s.IsOf(root, run) {
		return fmt.Errorf("%s is not an export of this run beside %s", root, s.root)
	}
	found, err := list(ctx, s.client, s.root.Bucket, root+"/")
	if err != nil {
		return err
	}
	var keys []string
	for _, object := range found {
		if object.key == root+"/"+summaryName+manifestSuffix {
			return ErrComplete
		}
		keys = append(keys, object.key)
	}
	return s.remove(ctx, keys)
}

// removeStrays deletes the data files that are not the export's.
func (s *S3Sink) removeStrays() error {
	found, err := list(s.ctx, s.client, s.root.Bucket, s.root.below(dataFolder+"/"))
	if err != nil {
		return err
	}
	ours := map[string]bool{}
	for _, file := range s.files {
		ours[file.DataFileS3Key] = true
	}
	var strays []string
	for _, object := range found {
		if !ours[object.key] {
			strays = append(strays, object.key)
		}
	}
	return s.remove(s.ctx, strays)
}

func (s *S3Sink) remove(ctx context.Context, keys []string) error {
	for len(keys) > 0 {
		some := keys[:min(deleteKeys, len(keys))]
		var objects []types.ObjectIdentifier
		for _, key := range some {
			objects = append(objects, types.ObjectIdentifier{Key: aws.String(key)})
		}
		answer, err := s.client.DeleteObjects(
			ctx,
			&s3.DeleteObjectsInput{
				Bucket: aws.String(s.root.Bucket),
				Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
			},
		)
		if err != nil {
			return err
		}
		if len(answer.Errors) > 0 {
			return fmt.Errorf("delete %s: %s", aws.ToString(answer.Errors[0].Key), aws.ToString(answer.Errors[0].Code))
		}
		keys = keys[len(some):]
	}
	return nil
}
