// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// Keys with characters that XML cannot hold, or that are encoded in lists, are read as they are.
func TestS3OddKeys(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for i, key := range []string{"a\x01b", "a\nb", "a b+c", "a%41b", "é日\u2028", "a&<>b", "a//b", "/c"} {
		b.put("odd/"+key, `{"pk":{"S":"`+string(rune('a'+i))+`"}}`)
	}
	got, err := b.read(b.client, "odd", store.S3FormatLines, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range 8 {
		want = append(want, `{"pk":{"S":"`+string(rune('a'+i))+`"}}`)
	}
	expectItems(t, got, want)
}

// Slashes around a prefix do not count, and those within it do, for what is written as for what is read.
func TestS3Slashes(t *testing.T) {
	t.Parallel()
	for prefix, folder := range map[string]string{"/": "", "a/": "a/", "/a": "a/", "//a///": "a/", "a//b": "a//b/", "/a//b/c//": "a//b/c/"} {
		b := newBucket(t)
		place := store.S3Place{Bucket: b.name, Prefix: prefix}
		sink := store.CreateS3(t.Context(), b.client, place, store.S3Origin{}, time.Now)
		if err := sink.Begin(); err != nil {
			t.Fatal(err)
		}
		outcomes := make([]store.Outcome, 1)
		if _, err := sink.Write(t.Context(), [][]byte{[]byte(`{"pk":{"S":"a"}}`)}, outcomes); err != nil {
			t.Fatal(err)
		}
		if err := sink.Close(true); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(sink.Root(), folder+"AWSDynamoDB/0") || !store.IsExport(place, sink.Root()) {
			t.Errorf("%q: the export is at %q", prefix, sink.Root())
		}
		for _, key := range b.server.Keys(t.Context(), t, b.name, "") {
			if !strings.HasPrefix(key, sink.Root()+"/") {
				t.Errorf("%q: an object has the key %q", prefix, key)
			}
		}
		for _, at := range []string{prefix, sink.Root(), "/" + sink.Root() + "/"} {
			if got, err := b.read(b.client, at, store.S3FormatExport, 1, 0); err != nil || len(got) != 1 {
				t.Errorf("%q: read from %q: %q, %v", prefix, at, got, err)
			}
		}
		b.put(folder+"lines/x.jsonl", `{"pk":{"S":"b"}}`)
		if got, err := b.read(b.client, "/"+folder+"lines/", store.S3FormatLines, 1, 0); err != nil || len(got) != 1 {
			t.Errorf("%q: lines: %q, %v", prefix, got, err)
		}
	}
}

// Objects that have to be restored before they can be read are named with their storage class before anything is read.
func TestS3Archived(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		archive s3local.Archive
		want    string
	}{
		"glacier":  {s3local.Archive{Class: "GLACIER"}, "GLACIER"},
		"deep":     {s3local.Archive{Class: "DEEP_ARCHIVE"}, "DEEP_ARCHIVE"},
		"tier":     {s3local.Archive{Class: "INTELLIGENT_TIERING", Tier: "ARCHIVE_ACCESS"}, "INTELLIGENT_TIERING, ARCHIVE_ACCESS"},
		"restored": {s3local.Archive{Class: "GLACIER", Restored: true}, ""},
		"instant":  {s3local.Archive{Class: "GLACIER_IR", Restored: true}, ""},
		"frequent": {s3local.Archive{Class: "INTELLIGENT_TIERING"}, ""},
	} {
		b := newBucket(t)
		b.put("in/1", `{"pk":"a"}`)
		b.put("in/2", `{"pk":"b"}`)
		b.server.Archive("in/2", test.archive)
		got, err := b.read(b.client, "in", store.S3FormatLines, 2, 0)
		if test.want == "" {
			if err != nil || len(got) != 2 {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			continue
		}
		wrong, ok := errors.AsType[*store.S3Error](err)
		if !ok || !errors.Is(err, store.ErrArchived) || !strings.HasSuffix(wrong.Object, "/in/2") || !strings.HasSuffix(err.Error(), "class "+test.want) || len(got) > 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	// One that is archived after it was listed, and a manifest.
	b := newBucket(t)
	b.put("in/1", `{"pk":"a"}`)
	source, err := store.OpenS3(t.Context(), b.client, store.S3Place{Bucket: b.name, Prefix: "in"}, store.S3FormatLines, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.server.Archive("in/1", s3local.Archive{Class: "GLACIER"})
	if _, err := source.Probe(t.Context(), func(s store.Source) store.Source { return s }); !errors.Is(err, store.ErrArchived) || !strings.Contains(err.Error(), "GLACIER") {
		t.Errorf("Probe = %v", err)
	}
}
