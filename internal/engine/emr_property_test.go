// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// Random jobs have the same result in segments, each done by a worker of its own, as on this machine, item by item and count by count.
// Spark spreads the workers in other tests: here only they cost time, so the jobs may be many.
func TestWorkersEqualOneMachine(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.work = s.work
	for range 6 {
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 0))
		items := randomItems(random)
		table := func(prefix string) string { return fmt.Sprintf("%s-%x", prefix, seed) }
		there := items[:random.IntN(len(items)+1)]
		for name, content := range map[string][]map[string]types.AttributeValue{"from": items, "here": there, "spread": there} {
			s.createSorted(table(name))
			s.put(table(name), content)
		}
		var ledgers [2]any
		for i, method := range []string{job.MethodEMR, ""} {
			name := table([]string{"spread", "here"}[i])
			random := rand.New(rand.NewPCG(seed, 1)) // The same job again.
			var result *engine.Result
			var err error
			if random.IntN(3) == 0 {
				s.put(name, items)
				result, err = s.engine.Purge(t.Context(), s.randomPurge(random, name, method), engine.Observer{})
			} else {
				result, err = s.engine.Copy(t.Context(), s.randomCopy(random, table("from"), name, method), engine.Observer{})
			}
			if err != nil {
				t.Fatalf("seed %d, method %q: %v", seed, method, err)
			}
			// How pages are cut decides how read units are rounded, and how large batches are.
			result.Ledger.ReadUnits = 0
			ledgers[i] = result.Ledger
		}
		if ledgers[0] != ledgers[1] {
			t.Errorf("seed %d: the ledger is %+v, and %+v of one machine", seed, ledgers[0], ledgers[1])
		}
		if g, w := s.sorted(table("spread")), s.sorted(table("here")); !reflect.DeepEqual(g, w) {
			t.Errorf("seed %d: %d items, and %d of one machine, and they differ", seed, len(g), len(w))
		}
	}
}

// configOf is what a job of the method says of EMR.
func (s *site) configOf(method string) *spark.Config {
	if method != job.MethodEMR {
		return nil
	}
	return &s.config
}

// work does a job as the driver does, with a process for each segment.
func (s *site) work(parameters string) error {
	uri := regexp.MustCompile(`s3://work/([^ ,"]*job\.json)`).FindStringSubmatch(parameters)
	object, err := s.s3.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("work"), Key: aws.String(uri[1])})
	if err != nil {
		return err
	}
	var j map[string]any
	if err := json.NewDecoder(object.Body).Decode(&j); err != nil {
		return err
	}
	count, ok := j["segments"].(float64)
	if !ok {
		return fmt.Errorf("no number of segments in %v", j)
	}
	var group errgroup.Group
	group.SetLimit(2)
	for segment := range int(count) {
		group.Go(func() error {
			task := map[string]any{"segment": segment}
			for name, value := range j {
				if name != "segment" {
					task[name] = value
				}
			}
			return s.workSegment(task)
		})
	}
	return group.Wait()
}

func (s *site) workSegment(task map[string]any) error {
	text, err := json.Marshal(task)
	if err != nil {
		return err
	}
	worker := exec.Command(s.config.WorkerBinary, "worker")
	worker.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+s.settings.AccessKey, "AWS_SECRET_ACCESS_KEY="+dynamodblocal.SecretKey)
	worker.Stderr = os.Stderr
	input, err := worker.StdinPipe()
	if err != nil {
		return err
	}
	if err := worker.Start(); err != nil {
		return err
	}
	if _, err := io.WriteString(input, string(text)+"\n"); err != nil {
		return err
	}
	return worker.Wait()
}

func (s *site) createSorted(name string) {
	s.t.Helper()
	_, err := s.db.CreateTable(s.t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("at"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("at"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) put(table string, items []map[string]types.AttributeValue) {
	s.t.Helper()
	for first := 0; first < len(items); first += 25 {
		var writes []types.WriteRequest
		for _, item := range items[first:min(first+25, len(items))] {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		if _, err := s.db.BatchWriteItem(s.t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// sorted are the items of the table by their key.
func (s *site) sorted(table string) map[string]map[string]types.AttributeValue {
	s.t.Helper()
	return s.itemsBy(table, func(item map[string]types.AttributeValue) string { return fmt.Sprint(item["id"], item["at"]) })
}

// randomItems are up to 300 items of few partition keys, with a value of each type now and then.
func randomItems(random *rand.Rand) []map[string]types.AttributeValue {
	values := map[string]types.AttributeValue{
		"name":   &types.AttributeValueMemberS{Value: "Ümläut \"quoted\"\n"},
		"n":      &types.AttributeValueMemberN{Value: "7"},
		"exact":  &types.AttributeValueMemberN{Value: "12345678901234567890123456789012345678"},
		"raw":    &types.AttributeValueMemberB{Value: []byte{0, 255, 10}},
		"tags":   &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"counts": &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}},
		"blobs":  &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		"flag":   &types.AttributeValueMemberBOOL{Value: true},
		"none":   &types.AttributeValueMemberNULL{Value: true},
		"nested": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"secret": &types.AttributeValueMemberS{Value: "card 4711"}, "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "1"}}},
		}},
	}
	items := make([]map[string]types.AttributeValue, random.IntN(300))
	for i := range items {
		items[i] = map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: fmt.Sprint("id", i%40)}, "at": &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
			"n": &types.AttributeValueMemberN{Value: fmt.Sprint(random.IntN(10))},
		}
		for name, value := range values {
			if random.IntN(2) == 0 {
				items[i][name] = value
			}
		}
	}
	return items
}

func randomFilter(random *rand.Rand) *filter.Filter {
	return []*filter.Filter{
		nil,
		{Expression: "#n < :n", Names: map[string]string{"#n": "n"}, Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(random.IntN(11))}}},
		{Expression: "contains(tags, :t) OR attribute_not_exists(nested.secret)", Values: map[string]types.AttributeValue{":t": &types.AttributeValueMemberS{Value: "a"}}},
		{Expression: "#b = :b", Names: map[string]string{"#b": "raw"}, Values: map[string]types.AttributeValue{":b": &types.AttributeValueMemberB{Value: []byte{0, 255, 10}}}},
	}[random.IntN(4)]
}

func (s *site) randomPurge(random *rand.Rand, table, method string) job.Purge {
	j := job.Purge{Table: table, Method: method, EMR: s.configOf(method), Filter: randomFilter(random), RecheckFilter: random.IntN(2) == 0}
	if method == "" {
		j.Method = job.MethodDeleteItems
	}
	j.Throughput.Segments = 1 + random.IntN(5)
	return j
}

func (s *site) randomCopy(random *rand.Rand, from, to, method string) job.Copy {
	j := job.Copy{
		Source: job.Source{Table: from, ConsistentRead: true}, Destination: job.Destination{Table: to}, Method: method, EMR: s.configOf(method),
		Filter: randomFilter(random), OnConflict: []string{"", job.ConflictSkip}[random.IntN(2)],
	}
	for _, step := range []transform.Step{
		{DropIf: aws.String(fmt.Sprintf("item.at %% 10 == %d", random.IntN(10)))},
		{Set: map[string]string{"hash": "sha256(item.id)", "kind": "'copied'"}},
		{Remove: []string{"flag", "nested.list"}},
		{Mask: []string{"name", "nested.secret"}},
		{Rename: map[string]string{"raw": "bytes", "tags": "labels"}},
		{Keep: []string{"id", "at", "name", "exact", "bytes", "blobs", "counts", "nested"}},
	} {
		if random.IntN(3) == 0 {
			j.Transform = append(j.Transform, step)
		}
	}
	if random.IntN(3) == 0 {
		j.SamplePercent = 100 * random.Float64()
	}
	j.Throughput.Segments = 1 + random.IntN(5)
	return j
}
