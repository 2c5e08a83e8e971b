// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// The launchers.
const (
	Serverless   = "serverless"
	Cluster      = "cluster"
	DataPipeline = "data_pipeline"
)

// The architectures of machines, as EMR Serverless names them.
const (
	X86   = "X86_64"
	ARM64 = "ARM64"
)

// Config is the emr argument of a run.
type Config struct {
	// Launcher is Serverless, Cluster or DataPipeline.
	Launcher string
	// S3URI is the work prefix, s3://BUCKET or s3://BUCKET/PREFIX.
	S3URI string
	// ReleaseLabel is EMR's version, such as "emr-7.11.0", Architecture X86 or ARM64.
	ReleaseLabel, Architecture string
	// Executors is how many executors run, each with ExecutorCPU cores, which do a task each, and ExecutorMemory, as "4g".
	Executors, ExecutorCPU int
	ExecutorMemory         string
	// JobTimeout ends a job that takes longer, also when nobody waits for it any more; a cluster has no such limit.
	JobTimeout time.Duration
	// LogURI is where the service puts the logs, empty for where it does by itself.
	LogURI string
	// WorkerBinary is the path or the S3 URI of the binary that the tasks run; empty is this process's own.
	WorkerBinary string
	// Tags are put on what is made.
	Tags map[string]string

	// ApplicationID is the EMR Serverless application to run in, empty for one made for the run; ExecutionRole the role
	// that its jobs have.
	ApplicationID, ExecutionRole string
	// Subnets and SecurityGroups are the network of an application made for the run.
	Subnets, SecurityGroups []string

	// InstanceType and InstanceCount are the machines of a cluster, one of which is the primary node.
	InstanceType  string
	InstanceCount int
	// Subnet is where the cluster is made. ServiceRole is EMR's, or Data Pipeline's, own role; InstanceProfile is what the
	// cluster's machines have.
	Subnet, ServiceRole, InstanceProfile string
}

// Defaults of a Config.
const (
	defaultReleaseLabel  = "emr-7.11.0"
	defaultExecutors     = 4
	defaultExecutorCPU   = 2
	defaultMemory        = "4g"
	defaultJobTimeout    = 6 * time.Hour
	defaultInstanceType  = "m6i.xlarge"
	defaultInstanceCount = 3
)

// WithDefaults fills what was left out.
func (c Config) WithDefaults() Config {
	or := func(value *string, fallback string) {
		if *value == "" {
			*value = fallback
		}
	}
	orInt := func(value *int, fallback int) {
		if *value == 0 {
			*value = fallback
		}
	}
	or(&c.Launcher, Serverless)
	or(&c.ReleaseLabel, defaultReleaseLabel)
	or(&c.Architecture, X86)
	or(&c.ExecutorMemory, defaultMemory)
	or(&c.InstanceType, defaultInstanceType)
	orInt(&c.Executors, defaultExecutors)
	orInt(&c.ExecutorCPU, defaultExecutorCPU)
	orInt(&c.InstanceCount, defaultInstanceCount)
	if c.JobTimeout == 0 {
		c.JobTimeout = defaultJobTimeout
	}
	return c
}

// Tasks is how many tasks run at once.
func (c Config) Tasks() int { return c.Executors * c.ExecutorCPU }

// AtMost has no more tasks run at once than that many, 0 for no limit: smaller executors, then fewer of them.
func (c Config) AtMost(tasks int) Config {
	if tasks == 0 {
		return c
	}
	for c.ExecutorCPU > tasks {
		c.ExecutorCPU /= 2 // EMR Serverless has no others.
	}
	c.Executors = min(c.Executors, tasks/c.ExecutorCPU)
	return c
}

// Check finds what the launcher needs and lacks, and what it does not know.
func (c Config) Check() []*problem.Problem {
	given := map[string]bool{
		"application_id": c.ApplicationID != "", "execution_role_arn": c.ExecutionRole != "",
		"network_configuration": len(c.Subnets) > 0 || len(c.SecurityGroups) > 0,
		"instance_type":         c.InstanceType != "", "instance_count": c.InstanceCount != 0, "subnet_id": c.Subnet != "",
		"service_role": c.ServiceRole != "", "instance_profile": c.InstanceProfile != "", "job_timeout": c.JobTimeout != 0,
		"architecture": c.Architecture != "", "release_label": c.ReleaseLabel != "",
	}
	clusters := []string{"instance_type", "instance_count", "subnet_id", "service_role", "instance_profile"}
	var needs, refuses []string
	launcher := c.WithDefaults().Launcher
	switch launcher {
	case Serverless:
		needs, refuses = []string{"execution_role_arn"}, clusters
		if c.ApplicationID != "" { // It has its own.
			refuses = append(refuses, "network_configuration", "release_label")
		}
	default:
		needs = []string{"service_role", "instance_profile"}
		refuses = []string{"application_id", "execution_role_arn", "network_configuration"}
		if launcher == Cluster { // EMR has no such limit; the run's own time-out ends the cluster.
			refuses = append(refuses, "job_timeout")
		}
	}
	var found []*problem.Problem
	for _, name := range needs {
		if !given[name] {
			found = append(found, &problem.Problem{
				Summary: "Missing EMR Argument", Attribute: "emr",
				Cause: fmt.Sprintf("The launcher %q needs emr.%s.", launcher, name), Next: fmt.Sprintf("Set emr.%s.", name),
			})
		}
	}
	for _, name := range slices.Sorted(slices.Values(refuses)) {
		if given[name] {
			found = append(found, &problem.Problem{
				Summary: "EMR Argument Without Effect", Attribute: "emr." + name,
				Cause: fmt.Sprintf("The launcher %q, as it is set up here, does not use emr.%s.", launcher, name), Next: "Leave it out, or choose another launcher.",
			})
		}
	}
	if c.S3URI == "" {
		found = append(found, &problem.Problem{
			Summary: "Missing EMR Argument", Attribute: "emr", Cause: "The run needs a prefix in S3 for the script, the binary and its progress.",
			Next: "Set emr.s3_uri to s3://BUCKET/PREFIX, in the provider's Region.",
		})
	} else if _, _, err := SplitURI(c.S3URI); err != nil {
		found = append(found, &problem.Problem{
			Summary: "Not An S3 URI", Attribute: "emr.s3_uri", Err: err, Cause: "The value names no prefix in S3.", Next: "Write it as s3://BUCKET/PREFIX.",
		})
	}
	if p := c.checkBinary(); p != nil {
		found = append(found, p)
	}
	return found
}

// SplitURI takes s3://BUCKET/KEY apart. The key may be empty, and does not end in a slash.
func SplitURI(uri string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", fmt.Errorf("%q is not of the form s3://BUCKET/PREFIX", uri)
	}
	return bucket, strings.TrimSuffix(key, "/"), nil
}
