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
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }

const (
	region      = everysetting.Region
	customerKey = everysetting.CustomerKey
)

// site is an account of its own on a control plane of its own.
type site struct {
	*controlplane.Server
	settings.Clients
	accessKey string
	account   *everysetting.Account
}

func newSite(t *testing.T) *site {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	s := &site{Server: server, accessKey: rand.Text()}
	s.account = everysetting.NewAccount(server, s.accessKey)
	s.Clients = clientsAt(server.URL, s.accessKey, keyService(t))
	return s
}

// newFullSite returns a site with the table "orders", which has every setting away from its default.
func newFullSite(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.create(t, fullTable())
	s.set(t)
	return s
}

// clientsAt returns clients of one endpoint, and of KMS at another one.
func clientsAt(url, accessKey, kmsURL string) settings.Clients {
	key := credentials.NewStaticCredentialsProvider(accessKey, dynamodblocal.SecretKey, "")
	return settings.Clients{
		DynamoDB: dynamodb.New(dynamodb.Options{
			BaseEndpoint: &url, Region: region, Credentials: key, RetryMaxAttempts: 1,
		}),
		AutoScaling: applicationautoscaling.New(applicationautoscaling.Options{
			BaseEndpoint: &url, Region: region, Credentials: key, RetryMaxAttempts: 1,
		}),
		Lambda: lambda.New(lambda.Options{BaseEndpoint: &url, Region: region, Credentials: key, RetryMaxAttempts: 1}),
		KMS:    kms.New(kms.Options{BaseEndpoint: &kmsURL, Region: region, Credentials: key, RetryMaxAttempts: 1}),
	}
}

// disabledKey is another customer managed key, which cannot be used.
const disabledKey = customerKey + "-disabled"

// keyService stands in for KMS: AWS manages all keys but the customer's.
func keyService(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ KeyID string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil ||
			!strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeKey") {
			http.Error(w, "not DescribeKey", http.StatusBadRequest)
			return
		}
		manager, state := "AWS", "Enabled"
		switch request.KeyID {
		case customerKey:
			manager = "CUSTOMER"
		case disabledKey:
			manager, state = "CUSTOMER", "Disabled"
		}
		_, _ = fmt.Fprintf(w, `{"KeyMetadata":{"KeyId":%q,"KeyManager":%q,"KeyState":%q}}`, request.KeyID, manager, state)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// writer returns a Writer that does not wait: the control plane counts reads, not time.
func (s *site) writer(table string, from settings.Identity) *settings.Writer {
	return &settings.Writer{
		Clients: s.Clients, Table: table, From: from,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func (s *site) read(t *testing.T, table string) *settings.Snapshot {
	t.Helper()
	snapshot, err := settings.Read(t.Context(), s.Clients, table)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func (s *site) create(t *testing.T, request *dynamodb.CreateTableInput) {
	t.Helper()
	s.account.Create(t, request)
}

// set gives the table "orders" all settings that CreateTable does not take.
func (s *site) set(t *testing.T) {
	t.Helper()
	s.account.Set(t)
}

func (s *site) describe(t *testing.T, table string) *types.TableDescription {
	t.Helper()
	return s.account.Describe(t, table)
}

// drop deletes a table, protected or not, and waits until it does not exist any more.
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
