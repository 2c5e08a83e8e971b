// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

// tableAccount is an account on a control plane that has the table "orders", with settings of all kinds.
func tableAccount(t *testing.T) (*controlplane.Server, *account) {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	a := newAccount(t).through(server.URL).in("eu-west-1")
	schema, definitions := keySchema("id:S", "sort:S")
	indexKey, _ := keySchema("sort:S")
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), KeySchema: schema, AttributeDefinitions: definitions,
		ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(3), WriteCapacityUnits: aws.Int64(4)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-sort"), KeySchema: indexKey, Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"amount"}},
			ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: aws.Int64(2)},
		}},
		StreamSpecification:       &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage},
		SSESpecification:          &types.SSESpecification{Enabled: aws.Bool(true), KMSMasterKeyId: aws.String("arn:aws:kms:eu-west-1:123456789012:key/a")},
		TableClass:                types.TableClassStandardInfrequentAccess,
		DeletionProtectionEnabled: aws.Bool(true),
		Tags:                      []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}, {Key: aws.String("empty"), Value: aws.String("")}},
	}))
	for a.status("orders") != types.TableStatusActive { // The state passes after one look.
		continue
	}
	must(a.client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String("orders"), TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
	}))
	arn := a.arn("orders")
	must(a.client.PutResourcePolicy(t.Context(), &dynamodb.PutResourcePolicyInput{ResourceArn: &arn, Policy: aws.String(tablePolicy(arn))}))
	return server, a
}

func tablePolicy(arn string) string {
	return fmt.Sprintf(`{"Statement":[{"Action":"dynamodb:*","Effect":"Allow","Principal":"*","Resource":%q}],"Version":"2012-10-17"}`, arn)
}

func (a *account) status(table string) types.TableStatus {
	a.t.Helper()
	answer, err := a.client.DescribeTable(a.t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		a.t.Fatal(err)
	}
	return answer.Table.TableStatus
}

// tableConfig reads a table; all services of the account are at one URL.
func (a *account) tableConfig(table string) string {
	return fmt.Sprintf(`
provider "dynamoops" {
  region                      = %q
  access_key                  = %q
  secret_key                  = %q
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  endpoints {
    dynamodb                = %[4]q
    application_autoscaling = %[4]q
    lambda                  = %[4]q
    kms                     = %[4]q
  }
}
data "dynamoops_table" "this" { table = %[5]q }`, a.region, a.accessKey, a.secretKey, a.url, table)
}

const thisTable = "data.dynamoops_table.this"

// All that the table has is in its attribute, and in the document.
func TestAccTable(t *testing.T) {
	t.Parallel()
	acceptance(t)
	_, a := tableAccount(t)
	arn := a.arn("orders")
	check := func(name, want string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttr(thisTable, name, want)
	}
	for _, table := range []string{"orders", arn} {
		apply(t, resource.TestStep{
			Config: a.tableConfig(table),
			Check: resource.ComposeAggregateTestCheckFunc(
				check("exists", "true"), check("arn", arn), check("status", "ACTIVE"), check("item_count", "0"), check("size_bytes", "0"),
				resource.TestCheckResourceAttrSet(thisTable, "table_id"), resource.TestCheckResourceAttrSet(thisTable, "stream_arn"),
				resource.TestCheckNoResourceAttr(thisTable, "not_kept.#"),
				check("keys.key_schema.0.attribute_name", "id"), check("keys.key_schema.1.key_type", "RANGE"), check("keys.attribute_definitions.1.attribute_type", "S"),
				check("billing.billing_mode", "PROVISIONED"), check("billing.provisioned_throughput.read_capacity_units", "3"),
				check("global_secondary_indexes.#", "1"), check("global_secondary_indexes.0.index_name", "by-sort"),
				check("global_secondary_indexes.0.projection.non_key_attributes.0", "amount"), check("global_secondary_indexes.0.provisioned_throughput.write_capacity_units", "2"),
				resource.TestCheckNoResourceAttr(thisTable, "local_secondary_indexes.#"),
				check("stream.stream_view_type", "NEW_IMAGE"), check("encryption.kms_master_key_id", "arn:aws:kms:eu-west-1:123456789012:key/a"),
				check("table_class", "STANDARD_INFREQUENT_ACCESS"), check("deletion_protection_enabled", "true"), check("time_to_live", "expires"),
				check("tags.%", "2"), check("tags.team", "shop"), check("tags.empty", ""),
				check("resource_policy", tablePolicy(arn)),
				resource.TestCheckResourceAttrWith(thisTable, "settings_json", func(text string) error {
					var document struct {
						Settings map[string]json.RawMessage
					}
					if err := json.Unmarshal([]byte(text), &document); err != nil {
						return err
					}
					if len(document.Settings) != 10 {
						return fmt.Errorf("the settings are %s", text)
					}
					return nil
				}),
			),
		})
	}
}

func TestAccTable_absent(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `data "dynamoops_table" "this" { table = "orders" }`),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(thisTable, "exists", "false"), resource.TestCheckNoResourceAttr(thisTable, "settings_json"),
			resource.TestCheckNoResourceAttr(thisTable, "item_count"), resource.TestCheckNoResourceAttr(thisTable, "tags.%"),
		),
	})
}

// DynamoDB Local keeps a few settings, and says so of the others.
func TestAccTable_local(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("orders", "id:S")
	a.put("orders", orders(3)...)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), `data "dynamoops_table" "this" { table = "orders" }`),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(thisTable, "exists", "true"), resource.TestCheckResourceAttr(thisTable, "item_count", "3"),
			resource.TestCheckResourceAttr(thisTable, "billing.billing_mode", "PAY_PER_REQUEST"), resource.TestCheckTypeSetElemAttr(thisTable, "not_kept.*", "auto_scaling"),
			resource.TestCheckTypeSetElemAttr(thisTable, "not_kept.*", "tags"), resource.TestCheckTypeSetElemAttr(thisTable, "not_kept.*", "event_source_mappings"),
		),
	})
}

func TestAccTable_refused(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	other := newAccount(t).through(server.URL)
	apply(t, resource.TestStep{
		Config:      other.tableConfig(a.arn("orders")),
		ExpectError: saying("Table Of Another Account", "credentials of the table's account"),
	})
	server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "DescribeScalingPolicies" {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}
		return nil
	})
	apply(t, resource.TestStep{
		Config:      a.tableConfig("orders"),
		ExpectError: saying("Permission Missing", "may not call application-autoscaling:DescribeScalingPolicies"),
	})
}
