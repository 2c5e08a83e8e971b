// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// Items that a resumed run meets again are in the file once, and a line whose writing was cut short is written again.
func TestDeadLettersOfAResumedRun(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	s.fill("from", 2000)
	j := job.Copy{
		Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodScan, SkipRefused: true,
		Transform: []transform.Step{{Set: map[string]string{"x": "item.n == 7 ? item.none : ''"}}}, Throughput: oneByOne,
	}
	proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	var writes atomic.Int64
	proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
		if operation == "BatchWriteItem" && writes.Add(1) == 60 {
			return faultproxy.Error(400, "AccessDeniedException", "no")
		}
		return nil
	})
	e := s.engineAt(proxy.URL)
	if _, err := e.Copy(t.Context(), j, engine.Observer{}); err == nil {
		t.Fatal("the run was not interrupted")
	}
	files, err := filepath.Glob(filepath.Join(e.Directory, "dead-letters-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the files are %v, %v", files, err)
	}
	cut, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cut.WriteString(`{"Item":{"id":{"S":"7`); err != nil {
		t.Fatal(err)
	}
	if err := cut.Close(); err != nil {
		t.Fatal(err)
	}
	result, err := e.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(result.DeadLetterPath)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for line := range bytes.Lines(content) {
		var letter struct {
			Item struct{ ID struct{ S string } }
		}
		if err := json.Unmarshal(line, &letter); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		found[letter.Item.ID.S]++
	}
	for id, times := range found {
		if times != 1 {
			t.Errorf("item %s is in the file %d times", id, times)
		}
	}
	if !result.Resumed || result.Ledger.Failed != 200 || len(found) != 200 {
		t.Errorf("resumed %t, %d items failed, and %d are in the file", result.Resumed, result.Ledger.Failed, len(found))
	}
}
