// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// plantedValue must not be in anything that is said of an item.
const plantedValue = "planted-4711"

// refuser is a DynamoDB behind a proxy, with a table "dst" of the key id and an index of the key status, both texts.
type refuser struct {
	proxy     *faultproxy.Proxy
	db        *dynamodb.Client
	engine    *engine.Engine
	directory string
	writes    atomic.Int64
}

func newRefuser(t *testing.T) *refuser {
	t.Helper()
	key := rand.Text()
	r := &refuser{proxy: faultproxy.New(dynamodblocal.Shared(t).URL, faultproxy.Faults{}), directory: t.TempDir()}
	t.Cleanup(r.proxy.Close)
	connections, err := awsconn.New(t.Context(), awsconn.Settings{
		Region: everysetting.Region, AccessKey: key, SecretKey: dynamodblocal.SecretKey, SkipCredentialsValidation: true, SkipRequestingAccountID: true,
		Endpoints: map[string]string{"dynamodb": r.proxy.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.engine = newEngine(connections, r.directory)
	r.db = dynamodblocal.Shared(t).Client(everysetting.Region, key)
	_, err = r.db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("dst"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("status"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-status"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("status"), KeyType: types.KeyTypeHash}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// answer has the proxy answer the writes for which it returns a reply.
func (r *refuser) answer(reply func(body []byte) *faultproxy.Reply) {
	r.proxy.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
		if operation != "BatchWriteItem" && operation != "PutItem" {
			return nil
		}
		r.writes.Add(1)
		return reply(body)
	})
}

func (r *refuser) count(t *testing.T) int {
	t.Helper()
	page, err := r.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("dst"), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return int(page.Count)
}

// linesWith writes a file of good items, with others in the lines of these numbers.
func linesWith(t *testing.T, count int, others map[int]string) string {
	t.Helper()
	var content strings.Builder
	for n := range count {
		if other, ok := others[n+1]; ok {
			content.WriteString(other + "\n")
		} else {
			fmt.Fprintf(&content, `{"id":{"S":"k%d"},"tags":{"SS":["a","b"]}}`+"\n", n)
		}
	}
	path := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(path, []byte(content.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func fileJob(path string, skip bool) job.Copy {
	return job.Copy{Source: job.Source{File: path}, Destination: job.Destination{Table: "dst"}, SkipRefused: skip}
}

// What no table takes is found by the plan, with its line. To be skipped, it is set aside, and the plan says that.
func TestUnfitLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 420<<10)
	for name, test := range map[string]struct{ line, says string }{
		"a set with a member twice": {`{"id":{"S":"` + plantedValue + `"},"tags":{"SS":["` + plantedValue + `","` + plantedValue + `"]}}`, `attribute "tags": two members of a set are equal`},
		"numbers equal by value":    {`{"id":{"S":"x"},"tags":{"L":[{"NS":["4711","4711.0"]}]}}`, "two members of a set are equal"},
		"an empty key":              {`{"id":{"S":""}}`, `the key attribute "id" is empty`},
		"no key":                    {`{"key":{"S":"` + plantedValue + `"}}`, `the key attribute "id" is missing`},
		"an index key of a type":    {`{"id":{"S":"x"},"status":{"N":"4711"}}`, `has type N, the key of the index "by-status" needs S`},
		"an empty index key":        {`{"id":{"S":"x"},"status":{"S":""}}`, `in the key of the index "by-status", is empty`},
		"too large":                 {`{"id":{"S":"x"},"v":{"S":"` + long + `"}}`, "more than the 400 KB"},
		"too long a key":            {`{"id":{"S":"` + strings.Repeat(plantedValue, 200) + `"}}`, "DynamoDB takes at most 2048"},
		"an empty name":             {`{"id":{"S":"x"},"v":{"M":{"":{"S":"` + plantedValue + `"}}}}`, "an empty name"},
		"39 digits":                 {`{"id":{"S":"x"},"v":{"N":"` + strings.Repeat("4711", 10) + `"}}`, "38 significant digits"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRefuser(t)
			path := linesWith(t, 60, map[int]string{14: test.line, 41: test.line})
			found := r.engine.CheckCopy(t.Context(), fileJob(path, false))
			if len(found) != 1 || found[0].Warning {
				t.Fatalf("the plan says %v", found)
			}
			lacksValue(t, found[0])
			saying(t, found[0], "Line 14 of "+path, test.says, "Correct the line", `on_item_error = "skip"`)
			if strings.Contains(found[0].Next, "filter") {
				t.Errorf("a file has no filter, and the advice is %s", found[0].Next)
			}
			if _, err := r.engine.Copy(t.Context(), fileJob(path, false), engine.Observer{}); err == nil || r.count(t) != 0 {
				t.Fatalf("the run has written %d items: %v", r.count(t), err)
			}
			found = r.engine.CheckCopy(t.Context(), fileJob(path, true))
			if len(found) != 1 || !found[0].Warning {
				t.Fatalf("the plan says %v where such items are skipped", found)
			}
			lacksValue(t, found[0])
			saying(t, found[0], "Set Aside", "2 cannot be written", "Line 14 of ")
			j := fileJob(path, true)
			j.Verify = job.VerifyFull // What is set aside is not missed.
			result, err := r.engine.Copy(t.Context(), j, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			if result.Ledger.Written != 58 || result.Ledger.Failed != 2 || r.count(t) != 58 {
				t.Errorf("the ledger is %+v, and there are %d items", result.Ledger, r.count(t))
			}
			errors := lettersOf(t, result.DeadLetterPath)
			if len(errors) == 0 || !strings.Contains(errors[0], "line 14: ") || !strings.Contains(errors[0], test.says) || strings.Contains(errors[0], plantedValue) {
				t.Errorf("the file of refused items says %q", errors)
			}
		})
	}
}

// lettersOf are the reasons in a file of refused items.
func lettersOf(t *testing.T, path string) []string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for line := range bytes.Lines(content) {
		var letter struct{ Error string }
		if err := json.Unmarshal(line, &letter); err != nil {
			t.Fatal(err)
		}
		reasons = append(reasons, letter.Error)
	}
	return reasons
}

func lacksValue(t *testing.T, p *problem.Problem) {
	t.Helper()
	if text := p.Summary + p.Detail() + p.Error(); strings.Contains(text, plantedValue) || strings.Contains(text, "4711") {
		t.Errorf("a value is in %s", text)
	}
}

// An item that DynamoDB refuses as it is written is named by its line, in whatever way it is written; what DynamoDB says of it is only shown
// as far as it holds no value.
func TestRefusedLines(t *testing.T) {
	t.Parallel()
	bad := fmt.Sprintf(`{"id":{"S":"bad"},"v":{"S":"%s"}}`, plantedValue)
	tooLarge := `{"id":{"S":"big"},"v":{"S":"` + strings.Repeat(plantedValue, 20_000) + `"}}`
	refuse := func(message string) func([]byte) *faultproxy.Reply {
		return func(body []byte) *faultproxy.Reply {
			if bytes.Contains(body, []byte(`"bad"`)) {
				return faultproxy.Error(http.StatusBadRequest, "ValidationException", message)
			}
			return nil
		}
	}
	none := func([]byte) *faultproxy.Reply { return nil }
	for name, test := range map[string]struct {
		line   string
		change func(*job.Copy)
		answer func([]byte) *faultproxy.Reply
		says   string
	}{
		"in a batch":       {bad, func(*job.Copy) {}, refuse("One or more parameter values were invalid: " + plantedValue), "the message is not shown"},
		"of a known shape": {bad, func(*job.Copy) {}, refuse("The parameter cannot be converted to a numeric value: " + plantedValue), "cannot be converted to a numeric value: …"},
		"on condition":     {bad, func(j *job.Copy) { j.OnConflict = job.ConflictSkip }, refuse("Input collection [" + plantedValue + "] contains duplicates"), "the message is not shown"},
		"behind a transform": {tooLarge, func(j *job.Copy) {
			j.Transform = []transform.Step{{Set: map[string]string{"v": "has(item.v) ? item.v + item.v : 'x'"}}}
		}, none, "more than the 400 KB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRefuser(t)
			r.answer(test.answer)
			path := linesWith(t, 60, map[int]string{41: test.line})
			j := fileJob(path, false)
			test.change(&j)
			if found := r.engine.CheckCopy(t.Context(), j); firstOf(found) != nil {
				t.Fatalf("the plan says %v", found)
			}
			_, err := r.engine.Copy(t.Context(), j, engine.Observer{})
			p := problemOf(t, err)
			lacksValue(t, p)
			saying(t, err, "Request Refused By DynamoDB", "line 41 of "+path, test.says, "Correct the line", "ValidationException")
			if strings.Contains(p.Next, "filter") {
				t.Errorf("a file has no filter, and the advice is %s", p.Next)
			}
			j.SkipRefused = true
			result, err := r.engine.Copy(t.Context(), j, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			if result.Ledger.Failed != 1 || r.count(t) != 59 {
				t.Errorf("the ledger is %+v, and there are %d items", result.Ledger, r.count(t))
			}
			if errors := lettersOf(t, result.DeadLetterPath); len(errors) != 1 || !strings.Contains(errors[0], "line 41 of "+path) || strings.Contains(errors[0], plantedValue) {
				t.Errorf("the file of refused items says %q", errors)
			}
		})
	}
}

// firstOf is the first problem that is not a warning, nil for none.
func firstOf(found []*problem.Problem) *problem.Problem {
	for _, p := range found {
		if !p.Warning {
			return p
		}
	}
	return nil
}

// Who refuses everything ends the run with one message: no item is set aside, and the next attempt writes them all.
func TestEverythingIsRefused(t *testing.T) {
	t.Parallel()
	refusal := func(code, message string) func([]byte) *faultproxy.Reply {
		return func([]byte) *faultproxy.Reply { return faultproxy.Error(http.StatusBadRequest, code, message) }
	}
	for name, test := range map[string]struct {
		answer func([]byte) *faultproxy.Reply
		items  int
		change func(*job.Copy)
		says   string
	}{
		"for no known reason":      {refusal("ValidationException", plantedValue), 500, func(*job.Copy) {}, "Every Item Is Refused"},
		"for another key":          {refusal("ValidationException", "One or more parameter values were invalid: Missing the key pk in the item"), 500, func(*job.Copy) {}, "Every Item Is Refused"},
		"for another type":         {refusal("ValidationException", "One or more parameter values were invalid: Type mismatch for key id expected: N actual: S"), 500, func(*job.Copy) {}, "Every Item Is Refused"},
		"for a size that none has": {refusal("ValidationException", "Item size has exceeded the maximum allowed size"), 500, func(*job.Copy) {}, "Every Item Is Refused"},
		"of a collection":          {refusal("ItemCollectionSizeLimitExceededException", "Collection size exceeded."), 500, func(*job.Copy) {}, "Every Item Is Refused"},
		"three of them":            {refusal("ValidationException", plantedValue), 3, func(*job.Copy) {}, "Every Item Is Refused"},
		"each on condition":        {refusal("ValidationException", plantedValue), 500, func(j *job.Copy) { j.OnConflict = job.ConflictSkip }, "Every Item Is Refused"},
		"for want of a right":      {refusal("AccessDeniedException", plantedValue), 500, func(*job.Copy) {}, "Permission Missing"},
		"by a proxy": {func([]byte) *faultproxy.Reply {
			return &faultproxy.Reply{Status: http.StatusBadRequest, Body: []byte("<html>" + plantedValue + "</html>")}
		}, 500, func(*job.Copy) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRefuser(t)
			r.answer(test.answer)
			j := fileJob(linesWith(t, test.items, nil), true)
			test.change(&j)
			_, err := r.engine.Copy(t.Context(), j, engine.Observer{})
			lacksValue(t, problemOf(t, err))
			saying(t, err, test.says)
			if made, err := filepath.Glob(filepath.Join(r.directory, "dead-letters-*")); err != nil || len(made) != 0 {
				t.Errorf("items were set aside: %v, %v", made, err)
			}
			const most = 1500 // 16 writers halve a batch of 25 each, or 64 write an item each; without an end it would be all of them.
			if writes := r.writes.Load(); writes > most {
				t.Errorf("that took %d requests", writes)
			}
			r.answer(func([]byte) *faultproxy.Reply { return nil })
			result, err := r.engine.Copy(t.Context(), j, engine.Observer{})
			if err != nil {
				t.Fatal(err)
			}
			if result.Ledger.Written != int64(test.items) || result.Ledger.Failed != 0 || r.count(t) != test.items {
				t.Errorf("the next attempt's ledger is %+v, and there are %d items", result.Ledger, r.count(t))
			}
		})
	}
}

// Items that are refused for what is in them are skipped, however many of them come first.
func TestTheFirstAreRefused(t *testing.T) {
	t.Parallel()
	r := newRefuser(t)
	bad := map[int]string{}
	for n := range 300 {
		bad[n+1] = fmt.Sprintf(`{"id":{"S":"bad%d"},"v":{"S":"%s"}}`, n, strings.Repeat("x", 3000))
	}
	j := fileJob(linesWith(t, 400, bad), true)
	// Behind the transform each of them is empty in the key of the index, which only the run can see.
	j.Transform = []transform.Step{{Set: map[string]string{"status": "has(item.v) ? '' : 'x'"}}}
	result, err := r.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Ledger.Written != 100 || result.Ledger.Failed != 300 || r.count(t) != 100 {
		t.Errorf("the ledger is %+v, and there are %d items", result.Ledger, r.count(t))
	}
}

// What is refused of objects is named by object and line, at the plan and by the run. The advice is not that for a file.
func TestRefusedObjects(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
	t.Cleanup(proxy.Close)
	proxy.OnRequest(func(operation string, body []byte) *faultproxy.Reply {
		if operation == "BatchWriteItem" && bytes.Contains(body, []byte(`"bad"`)) {
			return faultproxy.Error(http.StatusBadRequest, "ValidationException", plantedValue)
		}
		return nil
	})
	e := s.engineAt(proxy.URL)
	put := func(key, content string) {
		t.Helper()
		if _, err := s.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("work"), Key: &key, Body: strings.NewReader(content)}); err != nil {
			t.Fatal(err)
		}
	}
	j := job.Copy{
		Source:      job.Source{S3: &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: "in"}, Format: store.S3FormatLines}},
		Destination: job.Destination{Table: "copy"},
	}
	put("in/one", `{"id":"1"}`+"\n"+`{"id":"2"}`+"\n")
	put("in/two", `{"id":"3"}`+"\n\n"+`{"id":""}`+"\n")
	found := firstOf(e.CheckCopy(t.Context(), j))
	if found == nil {
		t.Fatal("the plan finds nothing")
	}
	saying(t, found, "Line 3 of s3://work/in/two", `"id" is empty`)
	put("in/two", `{"id":"3"}`+"\n\n"+`{"id":"bad","v":"`+plantedValue+`"}`+"\n")
	if found := firstOf(e.CheckCopy(t.Context(), j)); found != nil {
		t.Fatalf("the plan says %v", found)
	}
	_, err := e.Copy(t.Context(), j, engine.Observer{})
	lacksValue(t, problemOf(t, err))
	saying(t, err, "line 3 of s3://work/in/two", "nothing is found wrong with it", "Correct the line")
	j.SkipRefused = true
	result, err := e.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if errors := lettersOf(t, result.DeadLetterPath); len(errors) != 1 || !strings.Contains(errors[0], "line 3 of s3://work/in/two") || strings.Contains(errors[0], plantedValue) {
		t.Errorf("the file of refused items says %q", errors)
	}
}

// A purge has no on_item_error, and its keys come from the table: the advice does not say otherwise.
func TestRefusedDeletes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation string
		change    func(*job.Purge)
	}{
		"in a batch": {"BatchWriteItem", func(*job.Purge) {}},
		"on condition": {"DeleteItem", func(j *job.Purge) {
			j.Filter, j.RecheckFilter = &filter.Filter{Expression: "attribute_not_exists(gone)"}, true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRefuser(t)
			if _, err := r.engine.Copy(t.Context(), fileJob(linesWith(t, 60, nil), false), engine.Observer{}); err != nil {
				t.Fatal(err)
			}
			r.proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
				if operation == test.operation {
					return faultproxy.Error(http.StatusBadRequest, "ValidationException", plantedValue)
				}
				return nil
			})
			j := job.Purge{Table: "dst", Method: job.MethodDeleteItems}
			test.change(&j)
			_, err := r.engine.Purge(t.Context(), j, engine.Observer{})
			p := problemOf(t, err)
			lacksValue(t, p)
			saying(t, err, "Request Refused By DynamoDB", "Table: dst", "ValidationException")
			for _, other := range []string{"on_item_error", "source", "line"} {
				if strings.Contains(p.Detail(), other) {
					t.Errorf("the advice for a purge is %q", p.Detail())
				}
			}
			r.proxy.OnRequest(nil)
			if _, err := r.engine.Purge(t.Context(), j, engine.Observer{}); err != nil || r.count(t) != 0 {
				t.Errorf("the next attempt leaves %d items: %v", r.count(t), err)
			}
		})
	}
}

// An item that does not fit an index that is being created is the one at fault, also if it is the first of many: that is not known before.
func TestRefusedForAnIndexInCreation(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "copy", 0)
	p.SetLooks("UpdateTable", 1<<20)
	if _, err := p.account.DynamoDB.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String("copy"),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}, {AttributeName: aws.String("k"), AttributeType: types.ScalarAttributeTypeS},
		},
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("by-k"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: types.KeyTypeHash}},
		}}},
	}); err != nil {
		t.Fatal(err)
	}
	var content strings.Builder
	for n := range 60 {
		fmt.Fprintf(&content, `{"id":%d,"k":4711}`+"\n", n)
	}
	path := filepath.Join(t.TempDir(), "in.jsonl")
	if err := os.WriteFile(path, []byte(content.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	j := job.Copy{Source: job.Source{File: path}, Destination: job.Destination{Table: "copy"}, SkipRefused: true}
	if found := p.engine.CheckCopy(t.Context(), j); len(found) != 0 {
		t.Errorf("the plan says %v", found)
	}
	result, err := p.engine.Copy(t.Context(), j, engine.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if reasons := lettersOf(t, result.DeadLetterPath); len(reasons) != 60 || !strings.Contains(reasons[0], `the key of the index "by-k" needs S`) {
		t.Errorf("%d items are set aside, the first for %.1q", len(reasons), reasons)
	}
}
