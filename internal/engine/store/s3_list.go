// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// listed is an object as S3 lists it.
type listed struct {
	key, etag string
	size      int64
	class     types.ObjectStorageClass
	restored  bool // A copy of the archived object can be read for some time.
}

// listing asks for keys that are encoded, since XML cannot hold every character that a key can ("ListObjectsV2").
func listing(bucket, prefix string) *s3.ListObjectsV2Input {
	return &s3.ListObjectsV2Input{
		Bucket: aws.String(bucket), Prefix: aws.String(prefix), EncodingType: types.EncodingTypeUrl,
		OptionalObjectAttributes: []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus},
	}
}

// decoded returns the key that a list has encoded. A server that does not know encodings does not say that it encodes.
func decoded(page *s3.ListObjectsV2Output, key *string) (string, error) {
	if page.EncodingType != types.EncodingTypeUrl {
		return aws.ToString(key), nil
	}
	plain, err := url.QueryUnescape(aws.ToString(key))
	if err != nil {
		return "", fmt.Errorf("a key in the answer to ListObjectsV2: %w", err)
	}
	return plain, nil
}

// list lists the objects whose keys begin with the prefix.
func list(ctx context.Context, client *s3.Client, bucket, prefix string) ([]listed, error) {
	var found []listed
	pages := s3.NewListObjectsV2Paginator(client, listing(bucket, prefix))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			key, err := decoded(page, object.Key)
			if err != nil {
				return nil, err
			}
			restored := object.RestoreStatus != nil && object.RestoreStatus.RestoreExpiryDate != nil &&
				!aws.ToBool(object.RestoreStatus.IsRestoreInProgress)
			found = append(
				found,
				listed{key, aws.ToString(object.ETag), aws.ToInt64(object.Size), object.StorageClass, restored},
			)
		}
	}
	return found, nil
}

// folders lists the names of the folders in the folder.
func folders(ctx context.Context, client *s3.Client, bucket, folder string) ([]string, error) {
	var found []string
	input := listing(bucket, folder+"/")
	input.Delimiter = aws.String("/")
	pages := s3.NewListObjectsV2Paginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, common := range page.CommonPrefixes {
			prefix, err := decoded(page, common.Prefix)
			if err != nil {
				return nil, err
			}
			if name := strings.Trim(strings.TrimPrefix(prefix, folder), "/"); name != "" {
				found = append(found, name)
			}
		}
	}
	return found, nil
}

const (
	// mostHeads is how many objects are asked one by one whether they are archived, headsAtOnce how many at once.
	mostHeads   = 1000
	headsAtOnce = 16
)

// readable returns an error for an object that cannot be read before it is restored from an archive. S3 lists the class
// of those in GLACIER and DEEP_ARCHIVE. Of one in INTELLIGENT_TIERING only HeadObject reports whether it is in a tier
// of the archive; beyond so many, reading it says so.
func (s *S3Source) readable(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(headsAtOnce)
	heads := 0
	for _, object := range s.objects {
		switch object.class {
		case types.ObjectStorageClassGlacier, types.ObjectStorageClassDeepArchive:
			if !object.restored {
				return errors.Join(archived(s.place.url(object.key), string(object.class)), group.Wait())
			}
		case types.ObjectStorageClassIntelligentTiering:
			if heads++; heads <= mostHeads {
				group.Go(func() error { return s.readableTier(ctx, object.key) })
			}
		}
	}
	return group.Wait()
}

func (s *S3Source) readableTier(ctx context.Context, key string) error {
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(s.place.Bucket), Key: aws.String(key)})
	if err != nil || head.ArchiveStatus == "" {
		return err
	}
	return archived(s.place.url(key), string(types.ObjectStorageClassIntelligentTiering)+", "+string(head.ArchiveStatus))
}

// archived says in which storage class the object is.
func archived(object, class string) error {
	return &S3Error{object, fmt.Errorf("%w, in the storage class %s", ErrArchived, class)}
}

// asArchived returns the error of a request for an archived object, or the error itself.
func asArchived(object string, err error) error {
	state, ok := errors.AsType[*types.InvalidObjectState](err)
	if !ok {
		return err
	}
	class := string(state.StorageClass)
	if state.AccessTier != "" {
		class += ", " + string(state.AccessTier)
	}
	return archived(object, class)
}
