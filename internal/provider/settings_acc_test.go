// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (a *account) description(table string) *types.TableDescription {
	a.t.Helper()
	answer, err := a.client.DescribeTable(a.t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		a.t.Fatal(err)
	}
	return answer.Table
}

// settingsOf are those of a table like that of tableAccount which do not name the table, its account or its key, as the SDK reads them.
func (a *account) settingsOf(table string) string {
	a.t.Helper()
	d := a.description(table)
	ttl, err := a.client.DescribeTimeToLive(a.t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: d.TableName})
	if err != nil {
		a.t.Fatal(err)
	}
	tags, err := a.client.ListTagsOfResource(a.t.Context(), &dynamodb.ListTagsOfResourceInput{ResourceArn: d.TableArn})
	if err != nil {
		a.t.Fatal(err)
	}
	slices.SortFunc(tags.Tags, func(one, two types.Tag) int { return strings.Compare(*one.Key, *two.Key) })
	index := d.GlobalSecondaryIndexes[0]
	throughput := func(p *types.ProvisionedThroughputDescription) [2]int64 {
		return [2]int64{aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)}
	}
	text, err := json.MarshalIndent([]any{
		d.AttributeDefinitions, d.KeySchema, throughput(d.ProvisionedThroughput),
		index.IndexName, index.KeySchema, index.Projection, throughput(index.ProvisionedThroughput),
		d.StreamSpecification, d.TableClassSummary.TableClass, d.DeletionProtectionEnabled, d.SSEDescription.SSEType,
		ttl.TimeToLiveDescription, tags.Tags,
	}, "", "  ")
	if err != nil {
		a.t.Fatal(err)
	}
	return string(text)
}

// likeOrders checks that the table of the account has every setting of the table of tableAccount.
func (a *account) likeOrders(table string) {
	a.t.Helper()
	if source, made := a.settingsOf("orders"), a.settingsOf(table); source != made {
		a.t.Errorf("the table that was made is\n%s\nwant\n%s", made, source)
	}
	if key, want := a.description(table).SSEDescription.KMSMasterKeyArn, a.description("orders").SSEDescription.KMSMasterKeyArn; *key != *want {
		a.t.Errorf("the key is %s, want %s", *key, *want)
	}
	arn := a.arn(table)
	policy, err := a.client.GetResourcePolicy(a.t.Context(), &dynamodb.GetResourcePolicyInput{ResourceArn: &arn})
	if err != nil || *policy.Policy != tablePolicy(arn) {
		a.t.Errorf("the policy is %+v, %v", policy, err)
	}
}
