// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

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
				Cause: fmt.Sprintf(
					"The launcher %q, as it is set up here, does not use emr.%s.",
					launcher,
					name,
				), Next: "Leave it out, or choose another launcher.",
			})
		}
	}
	if c.S3URI == "" {
		found = append(found, &problem.Problem{
			Summary: "Missing EMR Argument", Attribute: "emr", Cause: "The run needs a prefix in S3 for the script, the " +
				"binary and its progress.",
			Next: "Set emr.s3_uri to s3://BUCKET/PREFIX, in the provider's Region.",
		})
	} else if _, _, err := SplitURI(c.S3URI); err != nil {
		found = append(found, &problem.Problem{
			Summary: "Not An S3 URI", Attribute: "emr.s3_uri", Err: err, Cause: "The value names no prefix in S3.",
			Next: "Write it as s3://BUCKET/PREFIX.",
		})
	}
	for _, p := range []*problem.Problem{c.checkSize(), c.checkInstance(), c.checkBinary()} {
		if p != nil {
			found = append(found, p)
		}
	}
	return found
}

// mostMemory is how many MB of memory an executor of EMR Serverless may have, by its number of cores; no other numbers
// are allowed ("Understanding application behavior" in the Amazon EMR Serverless User Guide). Too little is left for
// AWS to refuse: it may round up.
var mostMemory = map[int]int{1: 8 << 10, 2: 16 << 10, 4: 30 << 10, 8: 60 << 10, 16: 120 << 10}

// checkSize finds an executor that EMR Serverless does not have.
func (c Config) checkSize() *problem.Problem {
	c = c.WithDefaults()
	most, ok := mostMemory[c.ExecutorCPU]
	if c.Launcher != Serverless {
		return nil
	}
	p := &problem.Problem{Summary: "No Such Executor", Attribute: "emr.executor_cpu"}
	if !ok {
		p.Cause = fmt.Sprintf("An executor of EMR Serverless has 1, 2, 4, 8 or 16 cores, not %d.", c.ExecutorCPU)
		p.Next = "Set emr.executor_cpu to one of these, and emr.executors to have as many cores in all."
		return p
	}
	const leastOverhead = 384
	memory := megabytes(c.ExecutorMemory)
	if memory += max(memory/10, leastOverhead); memory > most {
		p.Attribute = "emr.executor_memory"
		p.Cause = fmt.Sprintf("An executor of EMR Serverless with %d cores has %d GB of memory at most. With the tenth "+
			"that Spark adds, and 384 MB at least, %s is %d MB.",
			c.ExecutorCPU, most>>10, c.ExecutorMemory, memory)
		p.Next = "Set emr.executor_memory lower: a task needs a few hundred megabytes."
		return p
	}
	return nil
}

// megabytes reads a number with m or g behind it.
func megabytes(memory string) int {
	number, err := strconv.Atoi(memory[:len(memory)-1])
	if err != nil {
		return 0 // The schema lets nothing else pass.
	}
	if strings.HasSuffix(memory, "g") {
		return number << 10
	}
	return number
}

// graviton are the instance types of ARM64: the first family, and those with a g behind the generation ("Amazon EC2
// instance type naming conventions" in Amazon EC2 Instance Types).
var graviton = regexp.MustCompile(`^(a1|[a-z]+[0-9]+[a-z-]*g[a-z-]*)\.`)

// checkInstance finds machines that are not of the architecture.
func (c Config) checkInstance() *problem.Problem {
	c = c.WithDefaults()
	is := X86
	if graviton.MatchString(c.InstanceType) {
		is = ARM64
	}
	if is == c.Architecture {
		return nil
	}
	return &problem.Problem{
		Summary: "Instance Type Of Another Architecture", Attribute: "emr.instance_type",
		Cause: fmt.Sprintf(
			"Machines of the type %s are of the architecture %s, and emr.architecture is %s.",
			c.InstanceType,
			is,
			c.Architecture,
		),
		Next: fmt.Sprintf("Set emr.architecture to %q, or choose another type.", is),
	}
}
