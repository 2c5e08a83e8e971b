// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// What a run needs besides the tables is in their partition.
func TestPoliciesOfAnotherPartition(t *testing.T) {
	t.Parallel()
	const table = "arn:aws-cn:dynamodb:cn-north-1:111122223333:table/orders"
	emr := &spark.Config{
		S3URI: "s3://work/p", LogURI: "s3://logs/p", WorkerBinary: "s3://binaries/worker", Launcher: spark.Cluster, ServiceRole: "service", InstanceProfile: "profile",
	}
	copied, p := engine.CopyPolicies(engine.CopyJob{
		Source: engine.CopySource{Table: table}, Destination: engine.CopyDestination{S3: &store.S3Place{Bucket: "dumps"}}, Method: engine.MethodEMR, EMR: emr,
	})
	if p != nil {
		t.Fatal(p)
	}
	purged, p := engine.PurgePolicies(engine.PurgeJob{Table: table, Method: engine.MethodEMR, EMR: emr})
	if p != nil {
		t.Fatal(p)
	}
	there, p := engine.CopyPolicies(engine.CopyJob{
		Source:      engine.CopySource{S3: &engine.S3Source{S3Place: store.S3Place{Bucket: "dumps"}}, Side: awsconn.Side{Region: "cn-north-1"}},
		Destination: engine.CopyDestination{S3: &store.S3Place{Bucket: "copies"}},
	})
	if p != nil {
		t.Fatal(p)
	}
	for _, policies := range []*engine.Policies{copied, purged, there} {
		text, err := json.Marshal(policies)
		if err != nil || !strings.Contains(string(text), "arn:aws-cn:s3:::") || strings.Contains(string(text), "arn:aws:") {
			t.Errorf("the policies are %s, %v", text, err)
		}
	}
}
