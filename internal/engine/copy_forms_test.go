// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// putObject puts an object into the bucket "work".
func (s *site) putObject(key, content string) {
	s.t.Helper()
	_, err := s.s3.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: aws.String("work"), Key: aws.String(key), Body: strings.NewReader(content)})
	if err != nil {
		s.t.Fatal(err)
	}
}

// A file, or objects, that would be copied as something else than what they are is refused by the plan, which says what they are and what to do,
// whatever the destination is.
func TestFormsAreRefusedByThePlan(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	for name, test := range map[string]struct{ content, cause, next string }{
		"malformed-dynamodb-json": {`{"Item":{"id":{"S":"planted"},"n":{"N":1}}}`, `Line 1 of `, "DynamoDB JSON"},
		"name-twice":              {`{"id":"planted","amount":1,"amount":2}`, `attribute "amount": an attribute appears twice`, "Correct the line"},
		"surrogate":               {`{"id":"\ud800"}`, "Line 1 of ", "Correct the line"},
		"array":                   {"[\n" + `{"id":"planted"}]`, "a JSON array", "jq -c '.[]'"},
		"utf-16":                  {"\xff\xfe{\x00\"\x00", "UTF-16", "iconv"},
		"bzip2":                   {"BZh91AY&SY", "compressed with bzip2", "gzip or zstd"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		s.putObject(name, test.content)
		for _, source := range []job.Source{
			{File: path}, {S3: &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: name}, Format: store.S3FormatLines}},
		} {
			for _, destination := range []job.Destination{{Table: "copy"}, {File: filepath.Join(t.TempDir(), "out.jsonl")}} {
				found := s.engine.CheckCopy(t.Context(), job.Copy{Source: source, Destination: destination})
				if len(found) != 1 || found[0].Warning || !strings.Contains(found[0].Cause, test.cause) || !strings.Contains(found[0].Next, test.next) ||
					found[0].Attribute != "source.file" && found[0].Attribute != "source.s3" {
					t.Errorf("%s from %s to %s: %+v", name, source, destination, found)
				}
				for _, p := range found {
					if strings.Contains(p.Error(), "planted") {
						t.Errorf("%s: a value is in %v", name, p)
					}
				}
			}
		}
	}
}

// A byte order mark is no part of the first item.
func TestByteOrderMarkIsSkipped(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	path := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(path, []byte("\xef\xbb\xbf"+`{"id":"bom"}`+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	result, err := s.engine.Copy(t.Context(), job.Copy{Source: job.Source{File: path}, Destination: job.Destination{Table: "copy"}}, engine.Observer{})
	if err != nil || result.Ledger.Written != 1 || s.items("copy")["bom"] == nil {
		t.Errorf("%+v, %v", result, err)
	}
}
