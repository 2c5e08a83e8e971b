// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package permissions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/permissions"
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
	copied, p := permissions.OfCopy(job.Copy{
		Source: job.Source{Table: table}, Destination: job.Destination{S3: &store.S3Place{Bucket: "dumps"}}, Method: job.MethodEMR, EMR: emr,
	})
	if p != nil {
		t.Fatal(p)
	}
	purged, p := permissions.OfPurge(job.Purge{Table: table, Method: job.MethodEMR, EMR: emr})
	if p != nil {
		t.Fatal(p)
	}
	there, p := permissions.OfCopy(job.Copy{
		Source:      job.Source{S3: &job.S3Source{S3Place: store.S3Place{Bucket: "dumps"}}, Connection: awsconn.Connection{Region: "cn-north-1"}},
		Destination: job.Destination{S3: &store.S3Place{Bucket: "copies"}},
	})
	if p != nil {
		t.Fatal(p)
	}
	for _, policies := range []*permissions.Policies{copied, purged, there} {
		text, err := json.Marshal(policies)
		if err != nil || !strings.Contains(string(text), "arn:aws-cn:s3:::") || strings.Contains(string(text), "arn:aws:") {
			t.Errorf("the policies are %s, %v", text, err)
		}
	}
}

// A policy allows the keys that a run uses: slashes around a prefix do not count, and those within it do.
func TestPoliciesOfSlashes(t *testing.T) {
	t.Parallel()
	place := store.S3Place{Bucket: "dumps", Prefix: "/a//b/"}
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	for name, j := range map[string]job.Copy{
		"destination": {Source: job.Source{Table: table}, Destination: job.Destination{S3: &place}},
		"source": {
			Source: job.Source{S3: &job.S3Source{S3Place: place, Format: store.S3FormatExport}}, Destination: job.Destination{Table: table},
		},
		"lines": {
			Source: job.Source{S3: &job.S3Source{S3Place: place, Format: store.S3FormatLines}}, Destination: job.Destination{Table: table},
		},
		"export": {Source: job.Source{Table: table}, Destination: job.Destination{Table: table + "-2"}, Method: job.MethodExport, Export: job.Export{To: place}},
	} {
		policies, p := permissions.OfCopy(j)
		if p != nil {
			t.Fatal(p)
		}
		text, err := json.Marshal(policies)
		if err != nil || !strings.Contains(string(text), `"arn:aws:s3:::dumps/a//b/*"`) && name != "lines" || !strings.Contains(string(text), `"arn:aws:s3:::dumps/a//b`) {
			t.Errorf("%s: the policies are %s, %v", name, text, err)
		}
	}
	for uri, want := range map[string]string{"s3://b": "", "s3://b/": "", "s3://b//a/": "a", "s3://b/a//c/": "a/c"} {
		if bucket, key, err := spark.SplitURI(uri); bucket != "b" || key != want || err != nil {
			t.Errorf("SplitURI(%q) = %q, %q, %v", uri, bucket, key, err)
		}
	}
}
