// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// Whatever a lock in S3 holds, it holds up a run for some minutes at most, or is refused by name if it cannot be
// read. Nothing but the record and its lock is touched.
func FuzzLock(f *testing.F) {
	store := s3local.New(f)
	client, bucket := store.Client(), store.Bucket(f)
	var mu sync.Mutex
	var touched []string
	store.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			mu.Lock()
			defer mu.Unlock()
			touched = append(touched, strings.TrimPrefix(r.URL.Path, "/"+bucket+"/"))
		}
		return nil
	})
	for _, lock := range []string{
		`{"token":"x","host":"h","process":1,"since":"2026-11-30T00:00:00Z","renewals":1,"lease_seconds":60}`,
		`{"lease_seconds":1e300}`, `{"lease_seconds":-1e300}`,
		`{"lease_seconds":9223372036854775807}`, `{"token":"../x","host":"../../x"}`, `null`, `[]`, `{`, ``,
		`{"lease_seconds":null}`,
	} {
		f.Add([]byte(lock))
	}
	f.Fuzz(func(t *testing.T, lock []byte) {
		ctx := t.Context()
		if _, err := client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(bucket), Key: aws.String("j/copy-1.lock"), Body: bytes.NewReader(lock),
		}); err != nil {
			t.Fatal(err)
		}
		store.Advance(10 * time.Minute)
		record, err := journal.S3(client, bucket, "j", store.Now).Open(ctx, "copy-1")
		switch unreadable, broken := errors.AsType[*journal.UnreadableError](err); {
		case err == nil:
			if err := record.Close(); err != nil {
				t.Error(err)
			}
		case !broken || !strings.HasSuffix(unreadable.Place, "j/copy-1.lock"):
			t.Errorf("the lock is not taken: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, key := range touched {
			if key != "j/copy-1.lock" && key != "j/copy-1.json" {
				t.Errorf("%s was touched", key)
			}
		}
	})
}
