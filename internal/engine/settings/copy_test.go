// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	hereARN  = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
	hereKey  = "arn:aws:kms:eu-west-1:111111111111:key/a"
	thereKey = "arn:aws:kms:us-east-1:222222222222:key/b"
)

// ordersSnapshot returns the snapshot of a table with a value for every setting.
func ordersSnapshot(t *testing.T) *Snapshot {
	t.Helper()
	s := &Snapshot{Table: Identity{Name: "orders", ARN: hereARN, ID: "1"}, Settings: map[string]json.RawMessage{}}
	for name, value := range map[string]string{
		"keys":                    `{"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`,
		"local_secondary_indexes": `[{"IndexName":"l"}]`,
		"global_secondary_indexes": `[{"IndexName":"g",` +
			`"WarmThroughput":{"ReadUnitsPerSecond":20000,"WriteUnitsPerSecond":4000}}]`,
		"vector_indexes":                         `[{"IndexName":"v"}]`,
		"billing":                                `{"BillingMode":"PAY_PER_REQUEST"}`,
		"warm_throughput":                        `{"ReadUnitsPerSecond":13000,"WriteUnitsPerSecond":4000}`,
		"stream":                                 `{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`,
		"encryption":                             `{"Enabled":true,"KMSMasterKeyId":"` + hereKey + `","SSEType":"KMS"}`,
		"table_class":                            `"STANDARD_INFREQUENT_ACCESS"`,
		"global_table_settings_replication_mode": `"ENABLED"`,
		"tags":                                   `[{"Key":"team","Value":"a"}]`,
		"resource_policy":                        `{"Statement":{"Effect":"Allow","Resource":"` + tableARN + `/index/*"}}`,
		"stream_resource_policy":                 `{"Statement":[{"Effect":"Allow","Resource":["` + streamARN + `"]}]}`,
		"time_to_live":                           `"expires"`,
		"point_in_time_recovery":                 `{"Enabled":true,"RecoveryPeriodInDays":7}`,
		"kinesis_destinations":                   `[{"StreamArn":"arn:aws:kinesis:eu-west-1:111111111111:stream/k"}]`,
		"contributor_insights":                   `{"Table":"THROTTLED_KEYS"}`,
		"auto_scaling": `{"Targets":[{"Dimension":"dynamodb:table:ReadCapacityUnits",` +
			`"RoleARN":"arn:aws:iam::111111111111:role/mine"}],
			"Policies":[{"TargetTracking":{"TargetValue":70,"CustomizedMetricSpecification":{` +
			`"Dimensions":[{"Name":"TableName","Value":"orders"}],` +
			`"Metrics":[{"Id":"m","MetricStat":{"Metric":{"Dimensions":[` +
			`{"Name":"TableName","Value":"orders"},{"Name":"Operation","Value":"orders"}]}}}]}}}]}`,
		"event_source_mappings": `[{"FunctionName":"f"}]`,
		"replicas":              `{"Replicas":[{"RegionName":"us-east-1"}]}`,
		"deletion_protection":   `{"Enabled":true}`,
	} {
		s.Settings[name] = json.RawMessage(value)
	}
	if got := slices.Sorted(maps.Keys(s.Settings)); !slices.Equal(got, slices.Sorted(slices.Values(Names()))) {
		t.Fatalf("settings %v", got)
	}
	return s
}

// withThereKey is the encryption of a copy with thereKey.
const withThereKey = `{"Enabled":true,"KMSMasterKeyId":"` + thereKey + `","SSEType":"KMS"}`

// scalingOfCopy returns the auto scaling of the copy of ordersSnapshot, with that role.
func scalingOfCopy(role string) string {
	return `{"Policies":[{"TargetTracking":{"CustomizedMetricSpecification":{` +
		`"Dimensions":[{"Name":"TableName","Value":"copy"}],` +
		`"Metrics":[{"Id":"m","MetricStat":{"Metric":{"Dimensions":[` +
		`{"Name":"TableName","Value":"copy"},{"Name":"Operation","Value":"orders"}]}}}]},"TargetValue":70}}],` +
		`"Targets":[{"Dimension":"dynamodb:table:ReadCapacityUnits","RoleARN":"` + role + `"}]}`
}

func TestForCopy(t *testing.T) {
	t.Parallel()
	connections := []string{
		"global_table_settings_replication_mode", "kinesis_destinations", "event_source_mappings", "replicas",
	}
	elsewhere := Target{Partition: "aws", Account: "111111111111", Region: "us-east-1", Table: "copy", KMSKeyARN: thereKey}
	abroad := Target{
		Partition: "aws-cn", Account: "222222222222", Region: "cn-north-1", Table: "copy", KMSKeyARN: thereKey,
	}
	for name, test := range map[string]struct {
		level     Level
		to        Target
		notCopied []string
		// changed are the values that differ from the source's.
		changed map[string]string
	}{
		"full, beside": {
			level:     Full,
			to:        Target{Partition: "aws", Account: "111111111111", Region: "eu-west-1", Table: "copy"},
			notCopied: connections,
			changed:   map[string]string{"auto_scaling": scalingOfCopy("arn:aws:iam::111111111111:role/mine")},
		},
		"full, another Region": {level: Full, to: elsewhere, notCopied: connections, changed: map[string]string{
			"encryption": withThereKey, "auto_scaling": scalingOfCopy("arn:aws:iam::111111111111:role/mine"),
		}},
		"full, another account": {
			level: Full, to: abroad,
			notCopied: slices.Insert(slices.Clone(connections), 1, "resource_policy", "stream_resource_policy"),
			changed: map[string]string{"encryption": withThereKey, "auto_scaling": scalingOfCopy(
				"arn:aws-cn:iam::222222222222:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/" +
					"AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
			)},
		},
		"schema, another account, no key": {
			level:     Schema,
			to:        Target{Partition: "aws", Account: "222222222222", Region: "us-east-1", Table: "copy"},
			notCopied: Names()[5:],
			changed:   map[string]string{"global_secondary_indexes": `[{"IndexName":"g"}]`},
		},
		"schema with a key": {
			level: Schema, to: elsewhere,
			notCopied: slices.DeleteFunc(Names()[5:], func(n string) bool { return n == "encryption" }),
			changed:   map[string]string{"global_secondary_indexes": `[{"IndexName":"g"}]`, "encryption": withThereKey},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ordersSnapshot(t)
			wanted, notCopied, err := s.ForCopy(test.level, test.to)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(notCopied, test.notCopied) {
				t.Errorf("not copied %v, want %v", notCopied, test.notCopied)
			}
			for _, name := range Names() {
				want := s.Settings[name]
				if changed, ok := test.changed[name]; ok {
					want = json.RawMessage(changed)
				} else if slices.Contains(test.notCopied, name) {
					want = nil
				}
				if got := wanted.Settings[name]; !same(got, want) {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
			}
			if text, _ := json.Marshal(wanted); test.to.Account != "111111111111" &&
				strings.Contains(string(text), "111111111111") {
				t.Errorf("the source's account is in %s", text)
			}
			want := fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/copy", test.to.Partition, test.to.Region, test.to.Account)
			if wanted.Table.ARN != want {
				t.Errorf("ARN %s, want %s", wanted.Table.ARN, want)
			}
			if unchanged := ordersSnapshot(t); len(Diff(unchanged, s)) > 0 {
				t.Errorf("the source's snapshot has changed: %v", Diff(unchanged, s))
			}
		})
	}
}

func TestForCopyNeedsAKey(t *testing.T) {
	t.Parallel()
	for _, to := range []Target{
		{Partition: "aws", Account: "111111111111", Region: "us-east-1", Table: "orders"},
		{Partition: "aws", Account: "222222222222", Region: "eu-west-1", Table: "orders"},
	} {
		_, _, err := ordersSnapshot(t).ForCopy(Full, to)
		if p, ok := errors.AsType[*problem.Problem](err); !ok || p.Attribute != "destination.kms_key_arn" {
			t.Errorf("to %v: %v", to, err)
		}
		managed := ordersSnapshot(t)
		managed.Settings["encryption"] = json.RawMessage(`{"Enabled":true,"SSEType":"KMS"}`)
		if _, _, err := managed.ForCopy(Full, to); err != nil {
			t.Errorf("with AWS's key, to %v: %v", to, err)
		}
	}
}

// AWS would refuse a policy that names its table other than by the copy's ARN.
func TestForCopyLeavesPolicyOut(t *testing.T) {
	t.Parallel()
	to := Target{Partition: "aws", Account: "111111111111", Region: "us-east-1", Table: "copy", KMSKeyARN: thereKey}
	for resource, copied := range map[string]bool{
		`"*"`: true, `["` + tableARN + `","` + tableARN + `/index/*"]`: true,
		`"arn:aws:dynamodb:eu-west-1:111111111111:table/ord*"`:                false,
		`["` + tableARN + `","arn:aws:dynamodb:*:111111111111:table/orders"]`: false,
	} {
		s := ordersSnapshot(t)
		s.Settings["resource_policy"] = json.RawMessage(`{"Statement":[{"Resource":` + resource + `}]}`)
		wanted, notCopied, err := s.ForCopy(Full, to)
		if err != nil {
			t.Fatal(err)
		}
		if got := wanted.Settings["resource_policy"] != nil; got != copied ||
			slices.Contains(notCopied, "resource_policy") == copied {
			t.Errorf("resource %s: copied %t, want %t; not copied %v", resource, got, copied, notCopied)
		}
	}
}
