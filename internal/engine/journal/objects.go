// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// ErrTaken is the error of a process that has lost the record, or may have, so that nothing it does counts any more.
var ErrTaken = errors.New("another process has taken the record over, or may have")

// ErrLapsed is the ErrTaken of a lock that has expired. No other process is known to have the record.
var ErrLapsed = fmt.Errorf("%w: its lock could not be renewed", ErrTaken)

// objects are those below a prefix of a bucket. An object is replaced only if it has not changed since it was read
// ("Conditional writes" in the Amazon S3 User Guide), so of several processes that try, at most one succeeds.
type objects struct {
	client         *s3.Client
	bucket, prefix string
}

// object is an object as it was read.
type object struct {
	content []byte
	etag    *string
	// age is how long ago the object was written, by the clock of S3, whose times are in whole seconds.
	age time.Duration
}

// owned is what the content of each object has: the token of the process that owns it.
type owned struct {
	Token string `json:"token"`
}

func newToken() string { return rand.Text() }

func (o *objects) key(name string) *string { return aws.String(path.Join(o.prefix, name)) }

// place returns the URI of the object of that name.
func (o *objects) place(name string) string { return "s3://" + o.bucket + "/" + *o.key(name) }

// getTries is how many times to try to read an object whose body arrives only in part. The client retries other
// failures.
const getTries = 5

// get returns the object of that name, nil if there is none.
func (o *objects) get(ctx context.Context, name string) (*object, error) {
	for try := 1; ; try++ {
		answer, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(o.bucket), Key: o.key(name)})
		if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(answer.Body)
		err = errors.Join(err, answer.Body.Close())
		if err == nil {
			found := &object{content: content, etag: answer.ETag}
			if now, ok := awsmiddleware.GetServerTime(answer.ResultMetadata); ok && answer.LastModified != nil {
				found.age = now.Sub(*answer.LastModified)
			}
			return found, nil
		}
		if ctx.Err() != nil || try == getTries {
			return nil, err
		}
	}
}

// putTries is how many times to try to write an object that other requests are writing at the same moment.
const putTries = 10

// put replaces the object that has the ETag, nil for none, and returns the new ETag. It returns ErrTaken if the
// holder of another token has replaced the object. Each object contains its owner's token, so a write whose answer
// was lost is recognized.
func (o *objects) put(ctx context.Context, name, token string, content []byte, etag *string) (*string, error) {
	var err error
	for range putTries {
		input := &s3.PutObjectInput{
			Bucket: aws.String(o.bucket), Key: o.key(name), Body: bytes.NewReader(content), IfMatch: etag,
		}
		if etag == nil {
			input.IfNoneMatch = aws.String("*")
		}
		var answer *s3.PutObjectOutput
		if answer, err = o.client.PutObject(ctx, input); err == nil {
			return answer.ETag, nil
		}
		conflicting := conflict(err)
		found, unread := o.get(ctx, name)
		switch {
		case unread != nil:
			return nil, err
		case found != nil && bytes.Equal(found.content, content):
			return found.etag, nil // Only the answer was lost.
		case !conflicting:
			return nil, err
		case found != nil && found.ownedBy(token):
			etag = found.etag // An earlier write of this process arrived; this one is still to be written.
		case awserr.Status(err) == http.StatusConflict:
			// There were requests at the same moment; the next attempt finds out which was first.
		default:
			return nil, ErrTaken
		}
	}
	return nil, err
}

func (f *object) ownedBy(token string) bool {
	var by owned
	return json.Unmarshal(f.content, &by) == nil && by.Token == token
}

// conflict reports whether the object may have changed since it was read ("PutObject" in the Amazon S3 API
// Reference).
func conflict(err error) bool {
	if s := awserr.Status(err); s == http.StatusPreconditionFailed || s == http.StatusConflict {
		return true
	}
	// The answer to If-Match on an object that does not exist any more.
	return awserr.Code(err) == "NoSuchKey"
}

// remove deletes the object if it still has the ETag, and returns ErrTaken if not. It is not an error if the object
// does not exist.
func (o *objects) remove(ctx context.Context, name string, etag *string) error {
	_, err := o.client.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: aws.String(o.bucket), Key: o.key(name), IfMatch: etag,
	})
	if err == nil || !conflict(err) {
		return err
	}
	found, err := o.get(ctx, name)
	if err == nil && found != nil {
		err = ErrTaken
	}
	return err
}

// names returns the names of the objects that have the suffix, without the suffix.
func (o *objects) names(ctx context.Context, suffix string) ([]string, error) {
	var names []string
	prefix := aws.ToString(o.key("")) + "/"
	pages := s3.NewListObjectsV2Paginator(o.client, &s3.ListObjectsV2Input{
		Bucket: aws.String(o.bucket), Prefix: aws.String(prefix),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			name, ok := strings.CutSuffix(strings.TrimPrefix(aws.ToString(object.Key), prefix), suffix)
			if ok && valid(name) == nil {
				names = append(names, name)
			}
		}
	}
	return names, nil
}
