// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"fmt"
	"reflect"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

const (
	// MostTasks is the largest number of shares that a run is divided into.
	MostTasks = 10_000
	// MostSegments is the largest number of segments of a Scan ("Scan" in the Amazon DynamoDB API Reference).
	MostSegments = 1_000_000
)

// SparkConfig returns the configuration with no more tasks at once than requests may write.
func SparkConfig(given *spark.Config, t Throughput) spark.Config {
	return given.WithDefaults().AtMost(t.Concurrency)
}

// CheckDistributed finds what keeps the copy from running on a cluster. The program is its compiled transform, nil if
// there is none.
func (j Copy) CheckDistributed(program *transform.Program) []*problem.Problem {
	if j.Method != MethodEMR {
		return []*problem.Problem{emrWithoutMethod(j.EMR)}
	}
	found := checkSpark(j.EMR, j.Throughput)
	found = append(found, checkSide("source.", j.Source.Connection)...)
	found = append(found, checkSide("destination.", j.Destination.Connection)...)
	for _, side := range []struct{ attribute, file string }{{"source.file", j.Source.File}, {"destination.file", j.Destination.File}} {
		if side.file != "" {
			found = append(found, &problem.Problem{
				Summary: "File Is Not On The Cluster", Attribute: side.attribute,
				Cause: `The method "emr" runs on other machines, which do not have this file.`,
				Next:  `Use a table, or the method "scan".`,
			})
		}
	}
	if program != nil && program.Keyed() {
		found = append(found, &problem.Problem{
			Summary: "Key Of hmac() Is Not On The Cluster", Attribute: "transform",
			Cause: `The method "emr" runs on other machines, and what they are to do is written to S3. The key of hmac() is a secret, and does not go there.`,
			Next:  `Use the method "scan", or sha256() if the values need no key to be hidden.`,
		})
	}
	if j.SkipRefused {
		found = append(found, &problem.Problem{
			Summary: "Refused Items Cannot Be Kept", Attribute: "on_item_error",
			Cause: `The file of the items that DynamoDB refuses is written on the machine that meets them, and those of the method "emr" are gone after the run.`,
			Next:  `Leave on_item_error out, or use the method "scan".`,
		})
	}
	return found
}

// CheckDistributed finds what keeps the purge from running on a cluster.
func (j Purge) CheckDistributed() []*problem.Problem {
	if j.Method != MethodEMR {
		return []*problem.Problem{emrWithoutMethod(j.EMR)}
	}
	return append(checkSpark(j.EMR, j.Throughput), checkSide("", j.Connection)...)
}

func emrWithoutMethod(config *spark.Config) *problem.Problem {
	if config == nil || reflect.DeepEqual(*config, spark.Config{}) {
		return nil
	}
	return &problem.Problem{
		Summary: "EMR Without Its Method", Attribute: "emr", Cause: "emr says how method = \"emr\" works, and the method " +
			"is another one.",
		Next: "Set method = \"emr\", or leave emr out.",
	}
}

func checkSpark(config *spark.Config, t Throughput) []*problem.Problem {
	var found []*problem.Problem
	if t.Segments > MostTasks {
		found = append(found, &problem.Problem{
			Summary: "Too Many Segments", Attribute: "throughput.segments",
			Cause: fmt.Sprintf(
				`With the method "emr" each segment is a task of its own, and %d of them take longer to start than to run.`,
				t.Segments,
			),
			Next: fmt.Sprintf("Set throughput.segments to %d at most, or leave it out.", MostTasks),
		})
	}
	if config != nil {
		found = append(found, config.Check()...)
	}
	return found
}

// checkSide finds what a connection needs that the machines of a cluster do not have.
func checkSide(prefix string, side awsconn.Connection) []*problem.Problem {
	var found []*problem.Problem
	if side.Profile != "" {
		found = append(found, &problem.Problem{
			Summary: "Profile Is Not On The Cluster", Attribute: prefix + "profile",
			Cause: fmt.Sprintf(
				`The method "emr" runs on other machines with the credentials of their role. They do not have the profile %q.`,
				side.Profile,
			),
			Next: "Use assume_role, with a role that the execution role may assume, or give the execution role the rights " +
				"itself.",
		})
	}
	if side.AssumeRole != nil && side.AssumeRole.ExternalID != "" {
		found = append(found, &problem.Problem{
			Summary: "External ID Is Not On The Cluster", Attribute: prefix + "assume_role.external_id",
			Cause: `The method "emr" runs on other machines, and what they are to do is written to S3. An external ID is to be known to two parties alone, and does not go there.`,
			Next:  "Have the role trust the execution role without an external ID, or use the method \"scan\".",
		})
	}
	return found
}
