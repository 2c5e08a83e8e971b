// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// spoiled are changes to a valid request, and what Check says of each; empty for a request that is still valid.
var spoiled = map[string]struct {
	spoil func(*dynamodb.CreateTableInput)
	says  string
}{
	"good":      {func(*dynamodb.CreateTableInput) {}, ""},
	"on-demand": {toOnDemand, ""},
	"stream off": {func(r *dynamodb.CreateTableInput) {
		r.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(false)}
	}, ""},
	"unlimited reads": {func(r *dynamodb.CreateTableInput) {
		toOnDemand(r)
		r.OnDemandThroughput = &types.OnDemandThroughput{MaxWriteRequestUnits: aws.Int64(5)}
	}, ""},

	"short name": {
		func(r *dynamodb.CreateTableInput) { r.TableName = aws.String("ab") }, `"ab" is not a valid table name`,
	},
	"no units": {
		func(r *dynamodb.CreateTableInput) { r.ProvisionedThroughput = nil }, "the table is provisioned and has no units",
	},
	"no units in an index": {
		func(r *dynamodb.CreateTableInput) { r.GlobalSecondaryIndexes[0].ProvisionedThroughput = nil },
		`index "one" is provisioned and has no units`,
	},
	"0/0 in an index": {
		func(r *dynamodb.CreateTableInput) { r.GlobalSecondaryIndexes[0].ProvisionedThroughput = units(0, 0) },
		`index "one" is provisioned and has no units`,
	},
	"no mode, no units": {
		func(r *dynamodb.CreateTableInput) { r.BillingMode, r.ProvisionedThroughput = "", nil },
		"the table is provisioned and has no units",
	},
	"on-demand with units": {
		func(r *dynamodb.CreateTableInput) { toOnDemand(r); r.ProvisionedThroughput = units(1, 1) },
		"the table is on-demand and has provisioned units",
	},
	"on-demand index with units": {func(r *dynamodb.CreateTableInput) {
		toOnDemand(r)
		r.GlobalSecondaryIndexes[1].ProvisionedThroughput = units(1, 1)
	}, `index "many" is on-demand and has provisioned units`},
	"provisioned with a maximum": {func(r *dynamodb.CreateTableInput) {
		r.OnDemandThroughput = &types.OnDemandThroughput{MaxReadRequestUnits: aws.Int64(5)}
	}, "on-demand maximum"},
	"an attribute too many": {func(r *dynamodb.CreateTableInput) {
		r.AttributeDefinitions = append(r.AttributeDefinitions, attributes("x")...)
	}, `attribute "x" is defined, but is not part of a key`},
	"an attribute too few": {
		func(r *dynamodb.CreateTableInput) { r.AttributeDefinitions = r.AttributeDefinitions[1:] },
		`"z", which has no type`,
	},
	"an attribute twice": {func(r *dynamodb.CreateTableInput) {
		r.AttributeDefinitions = append(r.AttributeDefinitions, attributes("z")...)
	}, `attribute "z" is defined twice`},
	"an attribute of another type": {
		func(r *dynamodb.CreateTableInput) { r.AttributeDefinitions[0].AttributeType = "BOOL" },
		`attribute "z" has type "BOOL"`,
	},
	"two partition keys": {
		func(r *dynamodb.CreateTableInput) { r.KeySchema = key("id", "z") }, "the table has a key of 2 partition",
	},
	"sort key first": {
		func(r *dynamodb.CreateTableInput) { r.KeySchema = key("|", "z") }, "the table has a key of 0 partition",
	},
	"five partition keys": {func(r *dynamodb.CreateTableInput) {
		r.GlobalSecondaryIndexes[1].KeySchema = key("a", "b", "c", "d", "id", "|", "z")
	}, `index "many" has a key of 5 partition`},
	"local index, no sort key": {
		func(r *dynamodb.CreateTableInput) { r.KeySchema = key("id") }, `index "by-a" needs a table with a sort key`,
	},
	"local index of its own": {
		func(r *dynamodb.CreateTableInput) { r.LocalSecondaryIndexes[0].KeySchema = key("a", "|", "z") },
		`index "by-a" lacks the table's partition key`,
	},
	"local index without sort key": {
		func(r *dynamodb.CreateTableInput) { r.LocalSecondaryIndexes[0].KeySchema = key("id") },
		`index "by-a" has no sort key`,
	},
	"six local indexes": {sixLocalIndexes, "there are 6 local secondary indexes"},
	"an index twice": {
		func(r *dynamodb.CreateTableInput) { r.GlobalSecondaryIndexes[1].IndexName = aws.String("one") },
		`index "one" is given twice`,
	},
	"an index of both kinds": {
		func(r *dynamodb.CreateTableInput) { r.GlobalSecondaryIndexes[1].IndexName = aws.String("by-a") },
		`index "by-a" is given twice`,
	},
	"no projection": {
		func(r *dynamodb.CreateTableInput) { r.GlobalSecondaryIndexes[1].Projection = nil },
		`index "many" has no projection`,
	},
	"projection of nothing": {func(r *dynamodb.CreateTableInput) {
		r.GlobalSecondaryIndexes[1].Projection = &types.Projection{ProjectionType: types.ProjectionTypeInclude}
	}, `index "many" projects INCLUDE with 0`},
	"a stream of no view": {
		func(r *dynamodb.CreateTableInput) { r.StreamSpecification.StreamViewType = "" }, "its view type",
	},
	"no stream, but a view": {
		func(r *dynamodb.CreateTableInput) { r.StreamSpecification.StreamEnabled = aws.Bool(false) }, "its view type",
	},
	"a key, and no encryption": {
		func(r *dynamodb.CreateTableInput) { r.SSESpecification.Enabled = aws.Bool(false) },
		"encryption with it is not enabled",
	},
	"51 tags": {func(r *dynamodb.CreateTableInput) {
		for range 51 {
			r.Tags = append(r.Tags, types.Tag{Key: aws.String(rand.Text()), Value: aws.String("")})
		}
	}, "tags"},
}

// TestCheck spoils a valid request, and compares Check with the server.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range spoiled {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			request := fullTable()
			test.spoil(request)
			faults := settings.Check(request)
			found := slices.ContainsFunc(faults, func(fault string) bool { return strings.Contains(fault, test.says) })
			if test.says == "" && len(faults) > 0 || test.says != "" && !found {
				t.Errorf("faults %q, want %q", faults, test.says)
			}
			if _, err := s.DynamoDB.CreateTable(t.Context(), request); (err != nil) != (test.says != "") {
				t.Errorf("the server says %v, but faults are %q", err, faults)
			}
		})
	}
}

func toOnDemand(r *dynamodb.CreateTableInput) {
	r.BillingMode, r.ProvisionedThroughput = types.BillingModePayPerRequest, nil
	for i := range r.GlobalSecondaryIndexes {
		r.GlobalSecondaryIndexes[i].ProvisionedThroughput = nil
	}
}

func sixLocalIndexes(r *dynamodb.CreateTableInput) {
	for _, name := range []string{"l-2", "l-3", "l-4", "l-5", "l-6"} {
		r.LocalSecondaryIndexes = append(r.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName: &name, KeySchema: key("id", "|", "a"), Projection: allAttributes,
		})
	}
}

// TestDynamoDBLocal puts the settings of a table on AWS on a server that knows only some of them.
func TestDynamoDBLocal(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	wanted, _, err := s.read(t, "orders").ForCopy(settings.Full, settings.Target{
		Partition: "aws", Account: "000000000000", Region: "ddblocal", Table: "copy", KMSKeyARN: customerKey,
	})
	if err != nil {
		t.Fatal(err)
	}

	local := &site{}
	// No server listens on this port: the other services are missing.
	local.Clients = clientsAt("http://127.0.0.1:1", rand.Text(), "http://127.0.0.1:1")
	local.DynamoDB = dynamodblocal.Shared(t).Client(region, rand.Text())
	local.account = &everysetting.Account{DynamoDB: local.DynamoDB}
	request, err := wanted.CreateTable("copy")
	if err != nil {
		t.Fatal(err)
	}
	request.GlobalSecondaryIndexes = request.GlobalSecondaryIndexes[1:] // It refuses keys of several attributes.
	request.AttributeDefinitions = attributes("id", "z", "a")
	local.create(t, request)
	w := local.writer("copy", wanted.Table)
	put, err := w.PutBack(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(put, "time_to_live") || !slices.Contains(put, "deletion_protection") {
		t.Errorf("put %v", put)
	}
	want := []string{
		"warm_throughput", "table_class", "tags", "point_in_time_recovery", "contributor_insights", "auto_scaling",
	}
	if !slices.Equal(w.NotKept, want) {
		t.Errorf("not kept %v, want %v", w.NotKept, want)
	}
	got := local.read(t, "copy")
	for _, name := range append(want[2:], "kinesis_destinations") {
		if !slices.Contains(got.NotKept, name) {
			t.Errorf("%s is not named among %v", name, got.NotKept)
		}
	}
	if string(got.Settings["time_to_live"]) != `"expires"` || !got.DeletionProtected() {
		t.Errorf("settings %s", got.Settings)
	}
	// The server ignored encryption without an error, which is not a difference. The missing index is one.
	found, _, notKept := w.Given.DiffMade(wanted, got)
	for _, name := range append(want, "encryption") {
		if !slices.Contains(notKept, name) {
			t.Errorf("%s is not among those not kept: %v", name, notKept)
		}
	}
	if len(found) != 2 || found[0].Setting != "keys" || found[1].Setting != "global_secondary_indexes" {
		t.Errorf("differences %v, want those of the index that was left out", found)
	}
}
