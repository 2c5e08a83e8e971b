// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"cmp"
	"fmt"
	"path"
	"strings"
	"time"
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
	// JobTimeout ends a job that takes longer, even if no apply waits for it any more. A cluster has no such limit.
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
	defaultInstanceCount = 3
)

// defaultInstanceTypes are those of a cluster, by architecture.
var defaultInstanceTypes = map[string]string{X86: "m6i.xlarge", ARM64: "m6g.xlarge"}

// WithDefaults fills what was left out.
func (c Config) WithDefaults() Config {
	c.Launcher = cmp.Or(c.Launcher, Serverless)
	c.ReleaseLabel = cmp.Or(c.ReleaseLabel, defaultReleaseLabel)
	c.Architecture = cmp.Or(c.Architecture, X86)
	c.ExecutorMemory = cmp.Or(c.ExecutorMemory, defaultMemory)
	c.InstanceType = cmp.Or(c.InstanceType, defaultInstanceTypes[c.Architecture])
	c.Executors = cmp.Or(c.Executors, defaultExecutors)
	c.ExecutorCPU = cmp.Or(c.ExecutorCPU, defaultExecutorCPU)
	c.InstanceCount = cmp.Or(c.InstanceCount, defaultInstanceCount)
	c.JobTimeout = cmp.Or(c.JobTimeout, defaultJobTimeout)
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

// SplitURI takes s3://BUCKET/KEY apart. The key may be empty; slashes around it are left out, and of several in
// a row all but one, as Hadoop does it.
func SplitURI(uri string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", fmt.Errorf("%q is not of the form s3://BUCKET/PREFIX", uri)
	}
	return bucket, strings.Trim(path.Clean("/"+key), "/"), nil
}
