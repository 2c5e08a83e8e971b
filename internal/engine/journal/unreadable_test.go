// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// unreadable are contents that cannot be read as a note.
var unreadable = map[string]string{
	"empty": "", "cut short": `{"Text":"cut sho`, "blank": " \n", "null": "null", "a list": `["a"]`, "a text": `"a"`,
	"of another type":    `{"Text":5}`,
	"of a later version": `{"Version":2,"Text":"a"}`, "of a version of another type": `{"Version":"new","Text":"a"}`,
	"no JSON": "\x00\x00",
}

// Content that cannot be read is an error that names the record.
func TestUnreadableRecords(t *testing.T) {
	t.Parallel()
	server := s3local.New(t)
	for name, content := range unreadable {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, bucket := t.TempDir(), server.Bucket(t)
			path := filepath.Join(directory, "copy-1.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			put(t, server, bucket, "j/copy-1.json", content)
			put(t, server, bucket, "k/copy-1.json", `{"token":"a","record":`+content+`}`)
			for place, j := range map[string]journal.Journal{
				path:                                journal.Local(directory),
				"s3://" + bucket + "/j/copy-1.json": journal.S3(server.Client(), bucket, "j", time.Now),
				"s3://" + bucket + "/k/copy-1.json": journal.S3(server.Client(), bucket, "k", time.Now),
			} {
				found, err := j.Peek(t.Context(), "copy-1", &note{})
				if found {
					t.Errorf("%s is a record", place)
				}
				named(t, err, place)
				record, err := j.Open(t.Context(), "copy-1")
				if err == nil {
					_, err = record.Load(t.Context(), &note{})
					if err := record.Close(); err != nil {
						t.Error(err)
					}
				}
				named(t, err, place)
			}
		})
	}
	t.Run("a folder", func(t *testing.T) {
		t.Parallel()
		directory := t.TempDir()
		path := filepath.Join(directory, "copy-1.json")
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := journal.Local(directory).Peek(t.Context(), "copy-1", &note{})
		named(t, err, path)
	})
	t.Run("a lock", func(t *testing.T) {
		t.Parallel()
		bucket := server.Bucket(t)
		put(t, server, bucket, "j/copy-1.lock", "")
		_, err := journal.S3(server.Client(), bucket, "j", time.Now).Open(t.Context(), "copy-1")
		named(t, err, "s3://"+bucket+"/j/copy-1.lock")
	})
}

// put writes an object with that content.
func put(t *testing.T, server *s3local.Server, bucket, key, content string) {
	t.Helper()
	input := &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(key), Body: strings.NewReader(content)}
	if _, err := server.Client().PutObject(t.Context(), input); err != nil {
		t.Fatal(err)
	}
}

// named fails the test unless the error names the record copy-1 and its place.
func named(t *testing.T, err error, place string) {
	t.Helper()
	if unreadable, ok := errors.AsType[*journal.UnreadableError](err); !ok || unreadable.Name != "copy-1" ||
		unreadable.Place != place {
		t.Errorf("the error is %v, which does not name %s", err, place)
	}
}

// Records of this version, and those without a version, are read.
func TestVersionsOfRecords(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for _, content := range []string{`{"Text":"a"}`, `{"Version":1,"Text":"a"}`, ` {"Text":"a","More":[1]}`} {
		if err := os.WriteFile(filepath.Join(directory, "copy-1.json"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		var got note
		if found, err := journal.Local(directory).Peek(t.Context(), "copy-1", &got); !found || err != nil || got.Text != "a" {
			t.Errorf("%s: %t, %v, %+v", content, found, err, got)
		}
	}
}

// A file that only looks like a record, such as one that an editor has left, is not listed.
func TestOtherFilesAreNotRecords(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for _, name := range []string{"copy-1 (1).json", ".json", "Copy-1.json", ".copy-1.json"} {
		if err := os.WriteFile(filepath.Join(directory, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := journal.Local(directory).Names(t.Context()); err != nil || len(names) > 0 {
		t.Errorf("Names = %q, %v", names, err)
	}
}
