// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"crypto/rand"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/pace"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// likeAWS is an engine that reaches the control plane by the names of AWS's endpoints, so that it is no local server.
func (p *plane) likeAWS(t *testing.T) *engine.Engine {
	t.Helper()
	connections, err := awsconn.New(t.Context(), awsconn.Settings{
		Region: everysetting.Region, AccessKey: p.account.AccessKey, SecretKey: dynamodblocal.SecretKey,
		SkipCredentialsValidation: true, SkipRequestingAccountID: true, HTTPProxy: aws.String(p.URL), MaxRetries: aws.Int(0),
		Endpoints: map[string]string{
			"dynamodb":                "http://dynamodb." + everysetting.Region + ".amazonaws.com",
			"application_autoscaling": "http://application-autoscaling." + everysetting.Region + ".amazonaws.com",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return newEngine(connections, t.TempDir())
}

// request is one for the table "orders".
func request(change func(*dynamodb.CreateTableInput)) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	}
	change(in)
	return in
}

// provisioned makes a request one for a table with so many write units, with an index or without.
func provisioned(units int64, index bool) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		in.BillingMode, in.ProvisionedThroughput = types.BillingModeProvisioned, everysetting.Units(1, units)
		if index {
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
				IndexName: aws.String("ids"), KeySchema: in.KeySchema, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
				ProvisionedThroughput: in.ProvisionedThroughput,
			}}
		}
	}
}

func onDemand(maximum, warm *int64) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		if maximum != nil {
			in.OnDemandThroughput = &types.OnDemandThroughput{MaxReadRequestUnits: maximum, MaxWriteRequestUnits: maximum}
		}
		if warm != nil {
			in.WarmThroughput = &types.WarmThroughput{WriteUnitsPerSecond: warm}
		}
	}
}

// ceiling reports whether the call is one that only bounds a run.
func ceiling(call controlplane.Call) bool {
	return call.Operation == "DescribeScalableTargets" || call.Operation == "DescribeLimits"
}

// refusing answers those calls with an error.
func refusing(err error) func(controlplane.Call, []byte) error {
	return func(call controlplane.Call, _ []byte) error {
		if ceiling(call) {
			return err
		}
		return nil
	}
}

// scale has the write units of the table "orders" scaled up to a maximum.
func (p *plane) scale(t *testing.T, maximum int32, suspended bool) {
	t.Helper()
	if _, err := p.account.AutoScaling.RegisterScalableTarget(t.Context(), &applicationautoscaling.RegisterScalableTargetInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ScalableDimension: scalingtypes.ScalableDimensionDynamoDBTableWriteCapacityUnits,
		ResourceId: aws.String("table/orders"), MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(maximum),
		SuspendedState: &scalingtypes.SuspendedState{DynamicScalingOutSuspended: aws.Bool(suspended)},
	}); err != nil {
		t.Fatal(err)
	}
}

// What bounds the writes of a table is known before they begin, and asked for only where it can matter.
func TestWriteCapacity(t *testing.T) {
	t.Parallel()
	const scaling, quota = "DescribeScalableTargets", "DescribeLimits"
	for name, test := range map[string]struct {
		table      func(*dynamodb.CreateTableInput)
		scaled     int32
		suspended  bool
		throughput job.Throughput
		want       pace.Capacity
		asked      []string
	}{
		"on demand":          {table: onDemand(nil, nil), want: pace.Capacity{Most: 40_000}, asked: []string{quota}},
		"warm":               {table: onDemand(nil, aws.Int64(9000)), want: pace.Capacity{Known: 9000, Most: 40_000}, asked: []string{quota}},
		"warmer than quota":  {table: onDemand(nil, aws.Int64(50_000)), want: pace.Capacity{Known: 40_000, Most: 40_000}, asked: []string{quota}},
		"maximum":            {table: onDemand(aws.Int64(300), nil), want: pace.Capacity{Known: 300, Most: 300}},
		"maximum above warm": {table: onDemand(aws.Int64(9000), aws.Int64(5000)), want: pace.Capacity{Known: 5000, Most: 9000}},
		"maximum of a new table": {
			table: onDemand(aws.Int64(40_000), aws.Int64(4000)), want: pace.Capacity{Known: 4000, Most: 40_000},
		},
		"maximum below warm": {table: onDemand(aws.Int64(300), aws.Int64(4000)), want: pace.Capacity{Known: 300, Most: 300}},
		"new":                {table: onDemand(nil, aws.Int64(4000)), want: pace.Capacity{Most: 40_000}, asked: []string{quota}},
		"maximum and limit": {
			table: onDemand(aws.Int64(300), nil), throughput: job.Throughput{WriteUnits: 500}, want: pace.Capacity{Known: 300, Most: 300},
		},
		"limit on demand": {table: onDemand(nil, nil), throughput: job.Throughput{WriteUnits: 500}, want: pace.Capacity{Most: 500}},

		"provisioned":    {table: provisioned(200, false), want: pace.Capacity{Known: 200, Steady: 200}, asked: []string{scaling}},
		"scaled":         {table: provisioned(200, false), scaled: 700, want: pace.Capacity{Known: 200, Most: 700}, asked: []string{scaling}},
		"above scaling":  {table: provisioned(200, false), scaled: 100, want: pace.Capacity{Known: 200, Most: 200}, asked: []string{scaling}},
		"no scaling out": {table: provisioned(200, false), scaled: 700, suspended: true, want: pace.Capacity{Known: 200, Steady: 200}, asked: []string{scaling}},
		"scaled, limit": {
			table: provisioned(200, false), scaled: 700, throughput: job.Throughput{WriteUnits: 500},
			want: pace.Capacity{Known: 200, Most: 500}, asked: []string{scaling},
		},
		"lower limit": {table: provisioned(200, false), scaled: 700, throughput: job.Throughput{WriteUnits: 50}, want: pace.Capacity{Known: 50, Most: 50}},
		"share":       {table: provisioned(200, true), scaled: 700, throughput: job.Throughput{WritePercent: 50}, want: pace.Capacity{Known: 100, Most: 100}},
		"index":       {table: provisioned(200, true), scaled: 700, want: pace.Capacity{Known: 200, Most: 700}, asked: []string{scaling}},
		// The limit is of the index's units too, the ceilings are of the table's.
		"index and limit": {table: provisioned(200, true), scaled: 700, throughput: job.Throughput{WriteUnits: 900}, want: pace.Capacity{Known: 200, Most: 900}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.account.Create(t, request(test.table))
			if test.scaled > 0 {
				p.scale(t, test.scaled, test.suspended)
			}
			e := p.likeAWS(t)
			for _, table := range []string{"orders", controlplane.TableARN(everysetting.Region, p.account.AccessKey, "orders")} {
				got, err := e.WriteCapacity(t.Context(), table, test.throughput)
				if err != nil || got != test.want {
					t.Errorf("the capacity of %s is %+v, want %+v; %v", table, got, test.want, err)
				}
			}
			var asked []string
			for _, call := range p.Calls() {
				if ceiling(call) {
					asked = append(asked, call.Operation)
				}
			}
			want := test.asked
			if slices.Contains(want, scaling) {
				want = append(want, scaling) // Of the quota AWS is asked once in a process.
			}
			if !slices.Equal(asked, want) {
				t.Errorf("AWS was asked for %v, want %v", asked, want)
			}
		})
	}
}

// What cannot be asked for, or is not answered, bounds nothing.
func TestWriteCapacityDoesWithout(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(t *testing.T, p *plane) *engine.Engine{
		"not allowed": func(t *testing.T, p *plane) *engine.Engine {
			p.OnRequest(refusing(&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}))
			return p.likeAWS(t)
		},
		"throttled": func(t *testing.T, p *plane) *engine.Engine {
			p.OnRequest(refusing(&types.LimitExceededException{Message: aws.String("once a minute")}))
			return p.likeAWS(t)
		},
		"no answer": func(t *testing.T, p *plane) *engine.Engine {
			p.OnRequest(func(call controlplane.Call, _ []byte) error {
				if ceiling(call) {
					<-t.Context().Done()
				}
				return nil
			})
			return p.likeAWS(t)
		},
		"another account's table": func(t *testing.T, p *plane) *engine.Engine {
			table := aws.String(controlplane.TableARN(everysetting.Region, p.account.AccessKey, "orders"))
			policy := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "dynamodb:*", "Resource": "` + *table + `"}]}`
			if _, err := p.account.DynamoDB.PutResourcePolicy(t.Context(), &dynamodb.PutResourcePolicyInput{ResourceArn: table, Policy: &policy}); err != nil {
				t.Fatal(err)
			}
			other := p.in(t, rand.Text())
			other.account.Create(t, request(provisioned(1, false)))
			other.scale(t, 900, false)
			return other.likeAWS(t)
		},
		"local server": func(_ *testing.T, p *plane) *engine.Engine { return p.engine },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for table, want := range map[string]pace.Capacity{"on-demand": {}, "provisioned": {Known: 300}} {
				p := newPlane(t)
				change := onDemand(nil, nil)
				if table == "provisioned" {
					change = provisioned(300, false)
				}
				p.account.Create(t, request(change))
				got, err := ask(t, p).WriteCapacity(t.Context(), controlplane.TableARN(everysetting.Region, p.account.AccessKey, "orders"), job.Throughput{})
				if err != nil || got != want {
					t.Errorf("the capacity of the %s table is %+v, want %+v; %v", table, got, want, err)
				}
			}
		})
	}
}
