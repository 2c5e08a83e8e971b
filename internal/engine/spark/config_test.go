// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark_test

import (
	"slices"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// As many tasks as possible run at once, and never more than allowed.
func TestAtMost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ executors, cpu, most, want int }{
		{4, 2, 0, 8}, {4, 2, 8, 8}, {4, 2, 100, 8}, {4, 2, 5, 4}, {4, 2, 1, 1}, {1, 16, 5, 4}, {3, 3, 2, 2},
	} {
		config := spark.Config{Executors: test.executors, ExecutorCPU: test.cpu}.AtMost(test.most)
		if got := config.Tasks(); got != test.want {
			t.Errorf("%+v: %d tasks run at once: %+v", test, got, config)
		}
	}
}

// What AWS would refuse, or what would not run on its machines, is found before the run.
func TestCheck(t *testing.T) {
	t.Parallel()
	const refusedSize, refusedType = "No Such Executor", "Instance Type Of Another Architecture"
	serverless := func(cpu int, memory string) spark.Config {
		return spark.Config{S3URI: "s3://work", ExecutionRole: "role", WorkerBinary: "s3://work/binary", ExecutorCPU: cpu, ExecutorMemory: memory}
	}
	cluster := func(architecture, instance string) spark.Config {
		return spark.Config{
			Launcher: spark.Cluster, S3URI: "s3://work", ServiceRole: "role", InstanceProfile: "profile", WorkerBinary: "s3://work/binary",
			Architecture: architecture, InstanceType: instance, ExecutorCPU: 3,
		}
	}
	for name, test := range map[string]struct {
		config spark.Config
		want   []string
	}{
		"defaults":                {serverless(0, ""), nil},
		"three cores":             {serverless(3, "4g"), []string{refusedSize}},
		"most memory":             {serverless(4, "27g"), nil},
		"no room for overhead":    {serverless(4, "28g"), []string{refusedSize}},
		"too much memory":         {serverless(1, "8g"), []string{refusedSize}},
		"megabytes":               {serverless(1, "7400m"), nil},
		"cluster":                 {cluster("", ""), nil},
		"cluster of ARM64":        {cluster(spark.ARM64, ""), nil},
		"Graviton":                {cluster(spark.ARM64, "c7gn.xlarge"), nil},
		"Graviton with variants":  {cluster(spark.ARM64, "im4gn.large"), nil},
		"Graviton, not said":      {cluster("", "r8gd.xlarge"), []string{refusedType}},
		"first Graviton":          {cluster("", "a1.xlarge"), []string{refusedType}},
		"Intel":                   {cluster(spark.ARM64, "m7i-flex.large"), []string{refusedType}},
		"graphics is no Graviton": {cluster("", "g4dn.xlarge"), nil},
	} {
		var got []string
		for _, p := range test.config.Check() {
			got = append(got, p.Summary)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
