// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

var key = []item.KeyAttribute{{Name: "pk", Type: "S"}}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the items of all pages.
func read(t *testing.T, path string) ([]string, error) {
	t.Helper()
	source, err := store.OpenJSONLines(path, key)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	}()
	var items []string
	var page store.Page
	var after []byte
	for {
		if err := fitting(source).Read(t.Context(), store.Segment{Total: 1}, after, &page); err != nil {
			return items, err
		}
		if len(page.Refused) > 0 {
			return items, page.Refused[0].Err
		}
		for _, raw := range page.Items {
			items = append(items, string(raw))
		}
		if after = page.Next; after == nil {
			return items, nil
		}
	}
}

func TestReadJSONLines(t *testing.T) {
	t.Parallel()
	one, two := `{"pk":{"S":"a"},"n":{"N":"1"}}`, `{"pk":{"S":"b"},"set":{"SS":["x"]}}`
	plain := `{"pk":"a","n":1}` + "\n\n" + ` {"n":2.50,"pk":"b"} ` + "\n"
	asItems := []string{`{"pk":{"S":"a"},"n":{"N":"1"}}`, `{"n":{"N":"2.50"},"pk":{"S":"b"}}`}
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"empty":                     {"", nil},
		"only blank lines":          {"\n \n", nil},
		"plain":                     {plain, asItems},
		"no final newline":          {strings.TrimRight(plain, "\n "), asItems},
		"DynamoDB JSON":             {one + "\n" + two + "\r\n", []string{one, two}},
		"export":                    {`{"Item":` + one + "}\n{ \"Item\" : " + two + "}\n", []string{one, two}},
		"an attribute called Item":  {`{"Item":{"S":"x"},"pk":{"S":"a"}}`, []string{`{"Item":{"S":"x"},"pk":{"S":"a"}}`}},
		"plain, an object as value": {`{"pk":"a","S":{"S":"x"}}`, []string{`{"pk":{"S":"a"},"S":{"M":{"S":{"S":"x"}}}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gzipped bytes.Buffer
			zipper := gzip.NewWriter(&gzipped)
			_, err := zipper.Write([]byte(test.content))
			encoder, errZstd := zstd.NewWriter(nil)
			if err := errors.Join(err, zipper.Close(), errZstd); err != nil {
				t.Fatal(err)
			}
			for form, content := range map[string][]byte{
				"as it is": []byte(test.content), "gzip": gzipped.Bytes(), "zstd": encoder.EncodeAll([]byte(test.content), nil),
			} {
				got, err := read(t, write(t, "items.jsonl", content))
				if err != nil || !slices.Equal(got, test.want) {
					t.Errorf("%s: %q, %v; want %q", form, got, err, test.want)
				}
			}
		})
	}
}

// fitting judges items by the key of these tests.
func fitting(source store.Source) store.Source {
	return store.Judge(source, func(raw []byte) error {
		if err := item.Check(raw); err != nil {
			return err
		}
		return item.Keys{Table: key}.Fit(raw)
	})
}

// A bad line is an error with its number, and never quotes what stands there.
func TestBadLines(t *testing.T) {
	t.Parallel()
	good := `{"pk":"a"}` + "\n\n"
	for name, test := range map[string]struct {
		content string
		line    int
		want    error
	}{
		"not JSON":               {good + `{"pk":"planted"`, 3, nil},
		"an array":               {good + `["planted"]`, 3, item.ErrNotAnObject},
		"two objects":            {good + `{"pk":"planted"}{"pk":"planted"}`, 3, item.ErrNotAnObject},
		"key missing":            {good + `{"k":"planted"}`, 3, nil},
		"key of another type":    {good + `{"pk":1234567}`, 3, nil},
		"number too long":        {good + `{"pk":"b","n":1234567890123456789012345678901234567891}`, 3, item.ErrNumberRange},
		"too long":               {good + `{"pk":"` + strings.Repeat("x", 8<<20) + `"}`, 3, store.ErrLineTooLong},
		"item too long":          {good + `{"pk":"` + strings.Repeat("x", 9<<19) + `"}`, 3, store.ErrItemTooLong},
		"DynamoDB JSON, not all": {`{"pk":{"S":"a"}}` + "\n" + `{"pk":"planted"}`, 2, nil},
		"bad base64":             {`{"pk":{"S":"a"},"b":{"B":"planted!"}}`, 1, item.ErrBinary},
		"unknown escape":         {`{"pk":{"S":"planted\q"}}`, 1, item.ErrNotText},
		"tab in a set":           {`{"pk":{"S":"a"},"s":{"SS":["planted` + "\t" + `"]}}`, 1, item.ErrNotText},
		"not UTF-8":              {"{\"pk\":{\"S\":\"planted\xff\"}}", 1, item.ErrNotText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, write(t, "items.jsonl", []byte(test.content)))
			var line *store.LineError
			if !errors.As(err, &line) || line.Line != test.line || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v, want %v in line %d", err, test.want, test.line)
			} else if strings.Contains(err.Error(), "planted") {
				t.Errorf("the error quotes the line: %v", err)
			}
		})
	}
	if _, err := read(t, filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A large file comes in many pages, and a page's items stay in place while it is filled.
func TestManyPages(t *testing.T) {
	t.Parallel()
	var content bytes.Buffer
	for i := range 20_000 {
		fmt.Fprintf(&content, `{"pk":{"S":"%06d"},"x":{"S":"%s"}}`+"\n", i, strings.Repeat("x", i%400))
	}
	items, err := read(t, write(t, "items.jsonl", content.Bytes()))
	if err != nil || strings.Join(items, "\n")+"\n" != content.String() {
		t.Errorf("%d items, %v; they differ from the file", len(items), err)
	}
}

func TestWriteJSONLines(t *testing.T) {
	t.Parallel()
	items := [][]byte{[]byte(`{"pk":{"S":"a"}}`), []byte(`{"pk":{"S":"b"},"n":{"N":"1"}}`)}
	for _, name := range []string{"items.jsonl", "items.jsonl.gz", "items.ZST"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, name, []byte("what was there before"))
			sink, err := store.CreateJSONLines(path)
			if err != nil {
				t.Fatal(err)
			}
			outcomes := make([]store.Outcome, len(items))
			if _, err := sink.Write(t.Context(), items, outcomes); err != nil || slices.Contains(outcomes, store.Pending) {
				t.Errorf("Write: %v with %v", err, outcomes)
			}
			if before, err := os.ReadFile(path); err != nil || string(before) != "what was there before" {
				t.Errorf("before Close the file holds %q, %v", before, err)
			}
			if err := sink.Close(true); err != nil {
				t.Fatal(err)
			}
			got, err := read(t, path)
			if err != nil || len(got) != 2 || got[0] != string(items[0]) || got[1] != string(items[1]) {
				t.Errorf("the file holds %q, %v", got, err)
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file's mode is %v, %v", info.Mode(), err)
			}
			entries, err := os.ReadDir(filepath.Dir(path))
			if err != nil || len(entries) != 1 {
				t.Errorf("the folder holds %v, %v", entries, err)
			}
		})
	}
}

// A sink that is closed without keeping leaves everything as it was.
func TestWriteJSONLinesTakenBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "items.jsonl")
	sink, err := store.CreateJSONLines(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sink.Write(t.Context(), [][]byte{[]byte(`{}`)}, make([]store.Outcome, 1)); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(false); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 0 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
