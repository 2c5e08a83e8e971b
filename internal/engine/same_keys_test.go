// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// linesOf returns so many lines with the keys 0, 1, 2 and so on.
func linesOf(count int) []string {
	lines := make([]string, count)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"id":"%d","n":%d}`, i, i)
	}
	return lines
}

// sources are a file and an object of the same lines.
func (s *site) sources(name string, lines ...string) []job.Source {
	s.t.Helper()
	content := strings.Join(lines, "\n")
	path := filepath.Join(s.t.TempDir(), name+".jsonl")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.putObject(name+"/items.jsonl", content)
	return []job.Source{
		{File: path}, {S3: &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: name}, Format: store.S3FormatLines}},
	}
}

// Lines with one key are found however far apart they are, and named, before anything is written: by the plan, also behind a transform.
func TestLinesWithOneKey(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	far := linesOf(3000)
	far[2999] = `{"n":0,"x":1,"id":"\u0030"}`
	sameN := linesOf(3000)
	sameN[2999] = `{"id":"other","n":0.0}`
	byN := []transform.Step{{Set: map[string]string{"id": "string(item.n)"}}}
	dropped := []transform.Step{{DropIf: aws.String("item.id == '0' && !has(item.x)")}}
	for name, test := range map[string]struct {
		lines    []string
		steps    []transform.Step
		conflict string
		refused  bool
	}{
		"far":                    {far, nil, "", true},
		"far, skipping":          {far, nil, job.ConflictSkip, true},
		"far, failing":           {far, nil, job.ConflictFail, true},
		"by a step":              {sameN, byN, "", true},
		"by a step, and skipped": {sameN, byN, job.ConflictSkip, false},
		"one is dropped":         {far, dropped, "", false},
	} {
		for _, source := range s.sources(strings.ReplaceAll(name, " ", "-"), test.lines...) {
			j := job.Copy{Source: source, Destination: job.Destination{Table: "copy"}, Transform: test.steps, OnConflict: test.conflict}
			_, err := s.engine.Copy(t.Context(), j, engine.Observer{})
			if !test.refused {
				if err != nil {
					t.Errorf("%s from %s: %v", name, source, err)
				}
				if _, err := s.engine.Purge(t.Context(), job.Purge{Table: "copy", Method: job.MethodDeleteItems}, engine.Observer{}); err != nil {
					t.Fatal(err)
				}
				continue
			}
			found := append(s.engine.CheckCopy(t.Context(), j), problemOf(t, err))
			if len(found) != 2 {
				t.Errorf("%s from %s: the plan says %v", name, source, found[1:])
			}
			for _, p := range found {
				if !strings.Contains(p.Cause, "Line 3000 of ") || !strings.Contains(p.Cause, "the same key as the one in line 1.") || p.Counts != "" {
					t.Errorf("%s from %s: %v", name, source, p)
				}
			}
			if there := s.items("copy"); len(there) > 0 {
				t.Errorf("%s from %s: %d items were written", name, source, len(there))
			}
		}
	}
}

// What a plan has not read, the run finds before its first write: objects behind the first 16 MiB of text.
func TestLinesWithOneKeyBehindThePlan(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	blank := strings.Repeat(strings.Repeat(" ", 1<<20)+"\n", 17)
	s.putObject("apart/1.jsonl", `{"id":"a"}`+"\n"+blank+`{"id":"b"}`)
	s.putObject("apart/2.jsonl", `{"id":"c"}`+"\n"+`{"id":"d"}`+"\n")
	s.putObject("twice/1.jsonl", `{"id":"a"}`+"\n"+blank+`{"id":"b"}`)
	s.putObject("twice/2.jsonl", `{"id":"c"}`+"\n"+`{"id":"b"}`+"\n")
	j := func(prefix string) job.Copy {
		return job.Copy{
			Source:      job.Source{S3: &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: prefix}, Format: store.S3FormatLines}},
			Destination: job.Destination{Table: "copy"},
		}
	}
	if found := s.engine.CheckCopy(t.Context(), j("twice")); len(found) > 0 {
		t.Errorf("the plan says %v", found)
	}
	p := s.copies(t.Context(), j("twice"))
	if !strings.Contains(p.Cause, "Line 2 of s3://work/twice/2.jsonl") || !strings.Contains(p.Cause, "line 19 of s3://work/twice/1.jsonl") || !strings.Contains(p.Counts, "0 written") {
		t.Errorf("the problem is %+v", p)
	}
	if there := s.items("copy"); len(there) > 0 {
		t.Errorf("%d items were written", len(there))
	}
	result, err := s.engine.Copy(t.Context(), j("apart"), engine.Observer{})
	if err != nil || result.Ledger.Written != 4 || len(result.Warnings) > 0 || len(s.items("copy")) != 4 {
		t.Errorf("%+v, %v", result, err)
	}
}

// Items of a table, or of an index, that a step gives one key are found when they have been written; the next attempt does not resume behind them.
func TestItemsOfATableWithOneKey(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	var items []map[string]types.AttributeValue
	for i := range 300 {
		items = append(items, map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: fmt.Sprint("key-", i)}, "n": &types.AttributeValueMemberN{Value: fmt.Sprint(i % 299)},
		})
	}
	s.create("numbered")
	s.put("numbered", items)
	j := job.Copy{
		Source: job.Source{Table: "numbered"}, Destination: job.Destination{Table: "copy"},
		Transform: []transform.Step{{Set: map[string]string{"id": "string(item.n)"}}},
	}
	found := s.engine.CheckCopy(t.Context(), j)
	if len(found) != 1 || !found[0].Warning || !strings.Contains(found[0].Cause, "compares the keys and fails") {
		t.Errorf("the plan says %v", found)
	}
	for range 2 {
		p := s.copies(t.Context(), j)
		inOneBatch := strings.Contains(p.Cause, "Two items of the source") // That depends on which writer is free; DynamoDB refuses it.
		afterwards := strings.Contains(p.Cause, "1 items of the source") && strings.Contains(p.Counts, "300 items read, 0 filtered out, 299 written")
		if p.Summary != "Two Items With One Key" || inOneBatch == afterwards {
			t.Errorf("the problem is %+v", p)
		}
		if names, err := s.engine.Journal.Names(t.Context()); err != nil || len(names) > 0 {
			t.Errorf("the journal holds %v, %v", names, err)
		}
	}
	j.OnConflict = job.ConflictSkip
	j.Transform[0].Set["id"] = "'new-' + string(item.n)"
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil || result.Ledger.Written != 299 || result.Ledger.Skipped != 1 || len(s.items("copy")) != 2*299 {
		t.Errorf("skipping: %+v, %v", result, err)
	}
}

// DynamoDB refuses two items with one key in one batch. An attempt that resumed there could meet them in two batches, and would not compare their keys.
func TestItemsOfATableWithOneKeyInOneBatch(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	s.createSorted("numbered")
	s.put("numbered", []map[string]types.AttributeValue{
		{"id": &types.AttributeValueMemberS{Value: "one"}, "at": &types.AttributeValueMemberN{Value: "1"}},
		{"id": &types.AttributeValueMemberS{Value: "one"}, "at": &types.AttributeValueMemberN{Value: "2"}},
	})
	j := job.Copy{Source: job.Source{Table: "numbered"}, Destination: job.Destination{Table: "copy"}}
	for range 2 {
		p := s.copies(t.Context(), j)
		if p.Summary != "Two Items With One Key" || !strings.Contains(p.Cause, "Two items of the source") || strings.Contains(p.Next, "resumes") {
			t.Errorf("the problem is %+v", p)
		}
		if names, err := s.engine.Journal.Names(t.Context()); err != nil || len(names) > 0 {
			t.Errorf("the journal holds %v, %v", names, err)
		}
	}
	if there := s.items("copy"); len(there) > 0 {
		t.Errorf("%d items were written", len(there))
	}
}

// Where nobody sees all keys, the plan says so, and the end of the run.
func TestKeysThatAreNotCompared(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.work = s.work
	blank := strings.Repeat(strings.Repeat(" ", 1<<20)+"\n", 17)
	for i := range 4 {
		s.putObject(fmt.Sprintf("many/%d.jsonl", i), fmt.Sprintf(`{"id":"%d"}`+"\n"+blank+`{"id":"x%d"}`, i, i/2))
	}
	j := s.copyJob()
	j.Source = job.Source{S3: &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: "many"}, Format: store.S3FormatLines}}
	if found := s.engine.CheckCopy(t.Context(), j); len(found) != 1 || !found[0].Warning || !strings.Contains(found[0].Cause, "the others are lost") {
		t.Errorf("the plan says %v", found)
	}
	result, err := s.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil || len(result.Warnings) != 1 || result.Warnings[0].Summary != "Keys Were Not Compared" || !strings.Contains(result.Warnings[0].Cause, "many machines") {
		t.Errorf("%+v, %v", result, err)
	}
}
