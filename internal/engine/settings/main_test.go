// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }

const (
	region      = "eu-west-1"
	customerKey = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
)

// site is an account of its own on a control plane of its own.
type site struct {
	*controlplane.Server
	settings.Clients
	accessKey string
}

func newSite(t *testing.T) *site {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	s := &site{Server: server, accessKey: rand.Text()}
	s.Clients = clientsAt(server.URL, s.accessKey, keyService(t))
	return s
}

// clientsAt are clients of one endpoint, and of KMS at another one.
func clientsAt(url, accessKey, kmsURL string) settings.Clients {
	key := credentials.NewStaticCredentialsProvider(accessKey, dynamodblocal.SecretKey, "")
	return settings.Clients{
		DynamoDB:    dynamodb.New(dynamodb.Options{BaseEndpoint: &url, Region: region, Credentials: key, RetryMaxAttempts: 1}),
		AutoScaling: applicationautoscaling.New(applicationautoscaling.Options{BaseEndpoint: &url, Region: region, Credentials: key, RetryMaxAttempts: 1}),
		Lambda:      lambda.New(lambda.Options{BaseEndpoint: &url, Region: region, Credentials: key, RetryMaxAttempts: 1}),
		KMS:         kms.New(kms.Options{BaseEndpoint: &kmsURL, Region: region, Credentials: key, RetryMaxAttempts: 1}),
	}
}

// keyService stands in for KMS, which says who manages a key: AWS manages all but the customer's.
func keyService(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ KeyID string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeKey") {
			http.Error(w, "not DescribeKey", http.StatusBadRequest)
			return
		}
		manager := "AWS"
		if request.KeyID == customerKey {
			manager = "CUSTOMER"
		}
		_, _ = fmt.Fprintf(w, `{"KeyMetadata":{"KeyId":%q,"KeyManager":%q}}`, request.KeyID, manager)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// writer puts settings without waiting; the control plane counts looks, not time.
func (s *site) writer(table string, from settings.Identity) *settings.Writer {
	return &settings.Writer{Clients: s.Clients, Table: table, From: from, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

func (s *site) read(t *testing.T, table string) *settings.Snapshot {
	t.Helper()
	snapshot, err := settings.Read(t.Context(), s.Clients, table)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// create makes a table and waits until it is ACTIVE.
func (s *site) create(t *testing.T, request *dynamodb.CreateTableInput) {
	t.Helper()
	if _, err := s.DynamoDB.CreateTable(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if s.describe(t, *request.TableName).TableStatus == types.TableStatusActive {
			return
		}
	}
	t.Fatal("the table does not become ACTIVE")
}

func (s *site) describe(t *testing.T, table string) *types.TableDescription {
	t.Helper()
	described, err := s.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return described.Table
}

// drop deletes a table, protected or not, and waits until it is gone.
func (s *site) drop(t *testing.T, table string) {
	t.Helper()
	if aws.ToBool(s.describe(t, table).DeletionProtectionEnabled) {
		if err := s.writer(table, settings.Identity{}).SetDeletionProtection(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.DynamoDB.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := s.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table}); err != nil {
			return
		}
	}
	t.Fatal("the table is still there")
}

// changing is what two tables of the same settings differ in: ids, times, the label of the stream.
var changing = regexp.MustCompile(`"(TableId|UUID|EventSourceMappingArn|[A-Za-z]*DateTime|LastModified|LatestStreamLabel|CreationTime|RevisionId|ScalableTargetARN|PolicyARN|ScheduledActionARN|StateTransitionReason)":("[^"]*"|[0-9.]+),?|/stream/[0-9T:.-]+`)

// everything is what AWS says of a table, read with the SDK and nothing of this package.
func (s *site) everything(t *testing.T, table string) string {
	t.Helper()
	ctx := t.Context()
	var text strings.Builder
	add := func(output any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		document, err := json.Marshal(output)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(changing.ReplaceAll(document, nil))
		text.WriteString("\n")
	}
	d := s.describe(t, table)
	slices.SortFunc(d.AttributeDefinitions, func(a, b types.AttributeDefinition) int { return strings.Compare(*a.AttributeName, *b.AttributeName) })
	slices.SortFunc(d.GlobalSecondaryIndexes, func(a, b types.GlobalSecondaryIndexDescription) int {
		return strings.Compare(*a.IndexName, *b.IndexName)
	})
	for i := range d.LocalSecondaryIndexes {
		slices.Sort(d.LocalSecondaryIndexes[i].Projection.NonKeyAttributes)
	}
	for i := range d.GlobalSecondaryIndexes {
		slices.Sort(d.GlobalSecondaryIndexes[i].Projection.NonKeyAttributes)
		if most := d.GlobalSecondaryIndexes[i].OnDemandThroughput; most != nil && aws.ToInt64(most.MaxReadRequestUnits) == -1 {
			most.MaxReadRequestUnits = nil // Both mean that there is no maximum.
		}
	}
	add(d, nil)
	tags := map[string]string{}
	for input := (&dynamodb.ListTagsOfResourceInput{ResourceArn: d.TableArn}); ; {
		page, err := s.DynamoDB.ListTagsOfResource(ctx, input)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range page.Tags {
			if !strings.HasPrefix(*tag.Key, "aws:") {
				tags[*tag.Key] = *tag.Value
			}
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			break
		}
	}
	add(tags, nil)
	for _, arn := range []*string{d.TableArn, d.LatestStreamArn} {
		if arn != nil {
			policy, err := s.DynamoDB.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
			if err == nil {
				var document any // AWS gives the text as it was put; that of a new one may have other blanks.
				if err := json.Unmarshal([]byte(*policy.Policy), &document); err != nil {
					t.Fatal(err)
				}
				add(document, nil)
			} else if !strings.Contains(err.Error(), "PolicyNotFoundException") {
				t.Fatal(err)
			}
		}
	}
	ttl, err := s.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	add(ttl.TimeToLiveDescription, err)
	recovery, err := s.DynamoDB.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	add(recovery.ContinuousBackupsDescription, err)
	kinesis, err := s.DynamoDB.DescribeKinesisStreamingDestination(ctx, &dynamodb.DescribeKinesisStreamingDestinationInput{TableName: &table})
	if err == nil {
		slices.SortFunc(kinesis.KinesisDataStreamDestinations, func(a, b types.KinesisDataStreamDestination) int { return strings.Compare(*a.StreamArn, *b.StreamArn) })
	}
	add(kinesis.KinesisDataStreamDestinations, err)
	for _, index := range append([]types.GlobalSecondaryIndexDescription{{}}, d.GlobalSecondaryIndexes...) {
		input := &dynamodb.DescribeContributorInsightsInput{TableName: &table, IndexName: index.IndexName}
		var insights *dynamodb.DescribeContributorInsightsOutput
		for range 3 { // ENABLING passes.
			insights, err = s.DynamoDB.DescribeContributorInsights(ctx, input)
			if err != nil {
				t.Fatal(err)
			}
		}
		add([]any{insights.IndexName, insights.ContributorInsightsStatus, insights.ContributorInsightsMode}, nil)
	}
	resources := []string{"table/" + table}
	for _, index := range d.GlobalSecondaryIndexes {
		resources = append(resources, "table/"+table+"/index/"+*index.IndexName)
	}
	for _, resource := range resources {
		targets, err := s.AutoScaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceIds: []string{resource},
		})
		add(targets.ScalableTargets, err)
		policies, err := s.AutoScaling.DescribeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resource})
		add(policies.ScalingPolicies, err)
		actions, err := s.AutoScaling.DescribeScheduledActions(ctx, &applicationautoscaling.DescribeScheduledActionsInput{ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resource})
		add(actions.ScheduledActions, err)
	}
	if d.StreamSpecification != nil {
		for _, m := range s.mappings(t, *d.LatestStreamArn) {
			add(m, nil)
		}
	}
	return text.String()
}

// mappings are the event source mappings of a stream, when none is being made any more.
func (s *site) mappings(t *testing.T, stream string) (found []eventSourceMapping) {
	t.Helper()
	for range 3 { // Creating passes.
		found = nil
		pages := lambda.NewListEventSourceMappingsPaginator(s.Lambda, &lambda.ListEventSourceMappingsInput{EventSourceArn: &stream})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, page.EventSourceMappings...)
		}
	}
	slices.SortFunc(found, func(a, b eventSourceMapping) int { return strings.Compare(*a.FunctionArn, *b.FunctionArn) })
	return found
}
