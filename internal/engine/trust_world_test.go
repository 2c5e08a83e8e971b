// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// world is an account with tables, backups, exports and Spark jobs, of which some are a run's and others are not, and servers that record
// every call. Its runs are one after the other.
type world struct {
	plane   *controlplane.Server
	account *everysetting.Account
	store   *s3local.Server
	emr     *strangers

	settings awsconn.Settings
	backups  map[string]string // The ARNs of what nobody may delete, by the tables' names.
	export   string            // The ARN of an export of the source that another run has started.
	snapshot []byte            // The settings of "orders".
	names    map[string]string // What is another one in each world, by what stands for it in the seeds.

	mu  sync.Mutex
	put []string // The keys that were written to in S3.
}

// The tables: the runs copy from source to orders or empty orders, make the table made, and have nothing to do with prod.
const (
	worldItems = 3
	bucketName = "work"
)

// kept are objects that are no run's here, though each is where a record could say that it is.
var kept = []string{
	"p/AWSDynamoDB/01700000000000-abcdefgh/data/a.json.gz", "p/AWSDynamoDB/01700000000000-abcdefgh/manifest-summary.json", "p/x",
	"prefix/run-11111111-1111-4111-8111-111111111111/journal/segment-000000.json", "q/x", "worker",
}

func newWorld(f *testing.F) *world {
	f.Helper()
	w := &world{plane: controlplane.New(dynamodblocal.Shared(f).URL), store: s3local.New(f), emr: &strangers{}, backups: map[string]string{}}
	f.Cleanup(w.plane.Close)
	everysetting.AtOnce(w.plane)
	for _, operation := range []string{"ExportTableToPointInTime", "StartBulkPutItems", "ImportTable", "RestoreTableFromBackup"} {
		w.plane.SetLooks(operation, 0)
	}
	w.plane.UseS3(w.store.Client())
	w.store.MakeBucket(f, bucketName)
	emr := httptest.NewServer(w.emr)
	f.Cleanup(emr.Close)
	w.account = everysetting.NewAccount(w.plane, "WORLD")
	w.settings = awsconn.Settings{
		Region: everysetting.Region, AccessKey: "WORLD", SecretKey: dynamodblocal.SecretKey, SkipCredentialsValidation: true, SkipRequestingAccountID: true, MaxRetries: aws.Int(0),
		Endpoints: map[string]string{
			"dynamodb": w.plane.URL, "application_autoscaling": w.plane.URL, "lambda": w.plane.URL, "s3": w.store.URL,
			"emr": emr.URL, "emr_serverless": emr.URL, "data_pipeline": emr.URL,
		},
	}
	w.must(f, w.begin(f.Context()))
	w.store.OnRequest(func(r *http.Request) *s3local.Refusal {
		if r.Method == http.MethodPut {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.put = append(w.put, strings.TrimPrefix(r.URL.Path, "/"+bucketName+"/"))
		}
		return nil
	})
	return w
}

func (w *world) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin makes what is there.
func (w *world) begin(ctx context.Context) error {
	db := w.account.DynamoDB
	for _, table := range []string{"source", "orders", "prod"} {
		if err := w.create(ctx, table); err != nil {
			return err
		}
	}
	for _, table := range []string{"source", "prod"} {
		made, err := db.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: &table, BackupName: aws.String("kept")})
		if err != nil {
			return err
		}
		w.backups[table] = aws.ToString(made.BackupDetails.BackupArn)
	}
	if _, err := db.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: aws.String("source"), PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	}); err != nil {
		return err
	}
	source, err := w.describe(ctx, "source")
	if err != nil {
		return err
	}
	begun, err := db.ExportTableToPointInTime(ctx, &dynamodb.ExportTableToPointInTimeInput{
		TableArn: source.TableArn, S3Bucket: aws.String(bucketName), S3Prefix: aws.String("b"), ClientToken: aws.String(journal.NewID("export-other")),
	})
	if err != nil {
		return err
	}
	w.export = aws.ToString(begun.ExportDescription.ExportArn)
	read, err := settings.Read(ctx, settings.Clients{DynamoDB: db, AutoScaling: w.account.AutoScaling, Lambda: w.account.Lambda}, "orders")
	if err != nil {
		return err
	}
	w.snapshot, err = json.Marshal(read)
	return err
}

// create makes the table with its items.
func (w *world) create(ctx context.Context, table string) error {
	_, err := w.account.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &table, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	})
	if err == nil { // A look has it become ACTIVE.
		_, err = w.describe(ctx, table)
	}
	for i := 0; err == nil && i < worldItems; i++ {
		_, err = w.account.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}, "of": &types.AttributeValueMemberS{Value: table},
		}})
	}
	return err
}

func (w *world) describe(ctx context.Context, table string) (*types.TableDescription, error) {
	return settings.Describe(ctx, w.account.DynamoDB, table)
}

// reset puts the tables of the runs, and the objects that are nobody's, to what they were.
func (w *world) reset(ctx context.Context, t *testing.T) {
	t.Helper()
	orders, err := w.describe(ctx, "orders")
	w.must(t, err)
	if orders == nil {
		w.must(t, w.create(ctx, "orders"))
	}
	for i := range worldItems { // Those that a copy has put go.
		_, err := w.account.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}, "of": &types.AttributeValueMemberS{Value: "orders"},
		}})
		w.must(t, err)
	}
	made, err := w.describe(ctx, "made")
	w.must(t, err)
	if made != nil {
		_, err := w.account.DynamoDB.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String("made"), DeletionProtectionEnabled: aws.Bool(false)})
		w.must(t, err)
		_, err = w.account.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("made")})
		w.must(t, err)
	}
	there := w.store.Keys(ctx, t, bucketName, "")
	for _, key := range kept {
		if !slices.Contains(there, key) {
			w.upload(ctx, t, key)
		}
	}
	w.emr.reset()
	w.mu.Lock()
	w.put = nil
	w.mu.Unlock()
}

func (w *world) upload(ctx context.Context, t *testing.T, key string) {
	t.Helper()
	w.must(t, put(ctx, w.store.Client(), key, []byte("kept")))
}

// strangers stands in for EMR Serverless, where there are jobs of others. It records what is asked of it.
type strangers struct {
	mu      sync.Mutex
	started string   // The name of the job that the run has started, empty for none.
	foreign []string // Requests that end or delete something of others, or start what the run has not put where emr says.
}

func (s *strangers) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started, s.foreign = "", nil
}

func (s *strangers) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	name := "nightly-report"
	switch own := s.started != "" && strings.Contains(r.URL.Path, "00ours"); {
	case own:
		name = s.started
	case r.Method == http.MethodPost && r.URL.Path == "/applications", r.Method == http.MethodGet:
	case r.Method == http.MethodPost && r.URL.Path == "/applications/00ours/jobruns":
		var j struct{ Name, ExecutionRoleArn string }
		if json.Unmarshal(body, &j) != nil || j.ExecutionRoleArn != "arn:aws:iam::123456789012:role/worker" ||
			!bytes.Contains(body, []byte(`"entryPoint":"s3://work/prefix/run-`)) || !strings.HasPrefix(j.Name, "dynamoops-") {
			s.foreign = append(s.foreign, string(body))
		}
		s.started = j.Name
	default:
		s.foreign = append(s.foreign, r.Method+" "+r.URL.Path)
	}
	_, _ = fmt.Fprintf(rw, `{"applicationId": "00ours", "jobRunId": "00job", "arn": "arn", "application": {"applicationId": "00ours", "name": %q, "state": "CREATED"},
		"jobRun": {"applicationId": "00ours", "jobRunId": "00job", "name": %q, "state": "FAILED", "stateDetails": ""}}`, name, name)
}

// tree are the files and folders below the folder.
func tree(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		found = append(found, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// forged is a journal whose record with the prefix holds that content when it is looked at first. In the content, $ID stands for an id of
// the record.
type forged struct {
	journal.Journal
	directory, prefix string
	content           []byte
	once              sync.Once
}

func (j *forged) forge(name string) (err error) {
	if strings.HasPrefix(name, j.prefix) {
		j.once.Do(func() {
			content := bytes.ReplaceAll(j.content, []byte("$ID"), []byte(journal.NewID(name)))
			err = os.WriteFile(filepath.Join(j.directory, name+".json"), content, 0o600)
		})
	}
	return err
}

func (j *forged) Open(ctx context.Context, name string) (journal.Record, error) {
	if err := j.forge(name); err != nil {
		return nil, err
	}
	return j.Journal.Open(ctx, name)
}

func (j *forged) Peek(ctx context.Context, name string, record any) (bool, error) {
	if err := j.forge(name); err != nil {
		return false, err
	}
	return j.Journal.Peek(ctx, name, record)
}

// engine is one with a new folder, in which the record of that prefix is forged. Beside the folder, and in it, is what is not the run's.
func (w *world) engine(t *testing.T, prefix string, content []byte) (_ *engine.Engine, outside string, others []string) {
	t.Helper()
	outside = t.TempDir()
	directory := filepath.Join(outside, "journal")
	const other = "11111111-1111-4111-8111-111111111111"
	others = []string{
		filepath.Join(outside, "victim", "kept"), filepath.Join(directory, "dead-letters-"+other+".jsonl"), filepath.Join(directory, "verify-"+other, "kept"),
	}
	for _, path := range others {
		write(t, path)
	}
	connections, err := awsconn.New(t.Context(), w.settings)
	w.must(t, err)
	e := newEngine(connections, directory)
	e.ProtectedTables = []string{"prod"}
	e.Journal = &forged{Journal: e.Journal, directory: directory, prefix: prefix, content: content}
	e.Now = time.Now
	return e, outside, others
}
