// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/emrlocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/providerbinary"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

func TestMain(m *testing.M) {
	if given := os.Getenv(copyElsewhere); given != "" {
		runElsewhere(given)
		return
	}
	os.Exit(dynamodblocal.Main(m))
}

const region = "eu-west-1"

// binary builds the provider once.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "dynamoops-worker-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "terraform-provider-dynamoops")
	return path, providerbinary.Build(path)
})

// site is an account with DynamoDB, S3 and a stand-in for EMR.
type site struct {
	t      *testing.T
	db     *dynamodb.Client
	s3     *s3.Client
	store  *s3local.Server
	emr    *emrlocal.Server // Nil where there is a stub.
	engine *engine.Engine
	config spark.Config

	settings  awsconn.Settings
	directory string
}

// newSite is a site with that version of Spark.
func newSite(t *testing.T, version string) *site {
	t.Helper()
	return newSiteOf(t, func(s *site) string {
		s.emr = emrlocal.Start(t, emrlocal.Options{
			Version: version, S3: s.s3, Environment: []string{"AWS_ACCESS_KEY_ID=" + s.settings.AccessKey, "AWS_SECRET_ACCESS_KEY=" + dynamodblocal.SecretKey},
		})
		t.Cleanup(func() {
			if t.Failed() {
				for _, j := range s.emr.Jobs() {
					t.Logf("%s %q:\n%s", j.Name, j.Arguments, j.Log())
				}
			}
		})
		return s.emr.URL
	})
}

// newSiteOf is a site whose EMR has the URL that start returns.
func newSiteOf(t *testing.T, start func(*site) string) *site {
	t.Helper()
	key := rand.Text()
	store := s3local.New(t)
	store.MakeBucket(t, "work")
	s := &site{t: t, store: store, db: dynamodblocal.Shared(t).Client(region, key)}
	settings := awsconn.Settings{
		Region: region, AccessKey: key, SecretKey: dynamodblocal.SecretKey, SkipCredentialsValidation: true, SkipRequestingAccountID: true,
		Endpoints: map[string]string{"dynamodb": dynamodblocal.Shared(t).URL, "s3": store.URL},
	}
	connections, err := awsconn.New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if s.s3, err = connections.S3(t.Context(), awsconn.Connection{}); err != nil {
		t.Fatal(err)
	}
	s.settings = settings
	url := start(s)
	for _, service := range []string{"emr", "emr_serverless", "data_pipeline"} {
		settings.Endpoints[service] = url
	}
	connections, err = awsconn.New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	s.engine = newEngine(connections, directory)
	s.directory = directory
	worker, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s.config = spark.Config{S3URI: "s3://work/prefix", ExecutionRole: "arn:aws:iam::123456789012:role/worker", WorkerBinary: worker, Executors: 1, ExecutorCPU: 2, ExecutorMemory: "512m"}
	return s
}

func (s *site) create(name string) {
	s.t.Helper()
	_, err := s.db.CreateTable(s.t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) fill(table string, count int) {
	s.t.Helper()
	for first := 0; first < count; first += 25 {
		var writes []types.WriteRequest
		for i := first; i < min(first+25, count); i++ {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"id": &types.AttributeValueMemberS{Value: fmt.Sprint(i)}, "n": &types.AttributeValueMemberN{Value: fmt.Sprint(i % 10)},
			}}})
		}
		if _, err := s.db.BatchWriteItem(s.t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// wrapped puts a shell script in the binary's place. It has the task in $task, and $binary.
func (s *site) wrapped(script string) {
	s.t.Helper()
	// The worker is not the binary that the job was made for.
	content := "#!/bin/bash\nread -r task\ntask=$(sed 's/\"binary_sha256\": \"[0-9a-f]*\", //' <<<\"$task\")\nbinary=" + s.config.WorkerBinary + "\n" + script + "\n"
	if _, err := s.s3.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: aws.String("work"), Key: aws.String("wrapper"), Body: strings.NewReader(content)}); err != nil {
		s.t.Fatal(err)
	}
	s.config.WorkerBinary = "s3://work/wrapper"
}

// proceed is the end of a script that goes on as the worker itself.
const proceed = `exec $binary worker < <(printf '%s\n' "$task"; exec cat)`

// copyJob copies from "from" to "copy".
func (s *site) copyJob() job.Copy {
	return job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}, Method: job.MethodEMR, EMR: &s.config}
}

// items are the table's, by their id.
func (s *site) items(table string) map[string]map[string]types.AttributeValue {
	s.t.Helper()
	return s.itemsBy(table, func(item map[string]types.AttributeValue) string {
		id, ok := item["id"].(*types.AttributeValueMemberS)
		if !ok {
			s.t.Fatalf("an item of %s has no id", table)
		}
		return id.Value
	})
}

// itemsBy are the table's items by what key makes of each.
func (s *site) itemsBy(table string, key func(item map[string]types.AttributeValue) string) map[string]map[string]types.AttributeValue {
	s.t.Helper()
	found := map[string]map[string]types.AttributeValue{}
	pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, item := range page.Items {
			found[key(item)] = item
		}
	}
	return found
}

// equals compares the table "copy" with another one, item by item.
func (s *site) equals(want string) {
	s.t.Helper()
	if g, w := s.items("copy"), s.items(want); !reflect.DeepEqual(g, w) {
		s.t.Errorf("copy has %d items, %s has %d, and they differ", len(g), want, len(w))
	}
}

// left are the names of the objects in S3 that runs have left.
func (s *site) left() []string { return s.keys("prefix/") }

// keys are the names of the objects below the prefix.
func (s *site) keys(prefix string) []string {
	s.t.Helper()
	listed, err := s.s3.ListObjectsV2(s.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("work"), Prefix: aws.String(prefix)})
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for _, object := range listed.Contents {
		names = append(names, aws.ToString(object.Key))
	}
	return names
}

// eventually asks until the answer is yes. The limit only ends a test that would hang.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	const limit = 10 * time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for !ask() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s", what, limit)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
