// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// checkDistributed finds what keeps the copy from being spread over machines.
func (r *readyCopy) checkDistributed(job CopyJob) []*problem.Problem {
	if job.Method != MethodEMR {
		return []*problem.Problem{emrWithoutMethod(job.EMR)}
	}
	found := checkSpark(job.EMR, job.Throughput)
	found = append(found, checkSide("source.", job.Source.Side)...)
	found = append(found, checkSide("destination.", job.Destination.Side)...)
	for _, side := range []struct{ attribute, file string }{{"source.file", job.Source.File}, {"destination.file", job.Destination.File}} {
		if side.file != "" {
			found = append(found, &problem.Problem{
				Summary: "File Is Not On The Cluster", Attribute: side.attribute,
				Cause: `The method "emr" runs on other machines, which do not have this file.`, Next: `Use a table, or the method "scan".`,
			})
		}
	}
	if r.transform != nil && r.transform.Keyed() {
		found = append(found, &problem.Problem{
			Summary: "Key Of hmac() Is Not On The Cluster", Attribute: "transform",
			Cause: `The method "emr" runs on other machines, and what they are to do is written to S3. The key of hmac() is a secret, and does not go there.`,
			Next:  `Use the method "scan", or sha256() if the values need no key to be hidden.`,
		})
	}
	if job.SkipRefused {
		found = append(found, &problem.Problem{
			Summary: "Refused Items Cannot Be Kept", Attribute: "on_item_error",
			Cause: `The file of the items that DynamoDB refuses is written on the machine that meets them, and those of the method "emr" are gone after the run.`,
			Next:  `Leave on_item_error out, or use the method "scan".`,
		})
	}
	return found
}

// checkDistributed finds what keeps the purge from being spread over machines.
func (job PurgeJob) checkDistributed() []*problem.Problem {
	if job.Method != MethodEMR {
		return []*problem.Problem{emrWithoutMethod(job.EMR)}
	}
	return append(checkSpark(job.EMR, job.Throughput), checkSide("", job.Side)...)
}

func emrWithoutMethod(config *spark.Config) *problem.Problem {
	if config == nil || reflect.DeepEqual(*config, spark.Config{}) {
		return nil
	}
	return &problem.Problem{
		Summary: "EMR Without Its Method", Attribute: "emr", Cause: "emr says how method = \"emr\" works, and the method is another one.",
		Next: "Set method = \"emr\", or leave emr out.",
	}
}

func checkSpark(config *spark.Config, t Throughput) []*problem.Problem {
	var found []*problem.Problem
	if t.Segments > mostSegments {
		found = append(found, &problem.Problem{
			Summary: "Too Many Segments", Attribute: "throughput.segments",
			Cause: fmt.Sprintf(`With the method "emr" each segment is a task of its own, and %d of them take longer to start than to run.`, t.Segments),
			Next:  fmt.Sprintf("Set throughput.segments to %d at most, or leave it out.", mostSegments),
		})
	}
	if config != nil {
		found = append(found, config.Check()...)
	}
	return found
}

// checkSide finds what a side needs that the machines of a cluster do not have.
func checkSide(prefix string, side awsconn.Side) []*problem.Problem {
	var found []*problem.Problem
	if side.Profile != "" {
		found = append(found, &problem.Problem{
			Summary: "Profile Is Not On The Cluster", Attribute: prefix + "profile",
			Cause: fmt.Sprintf(`The method "emr" runs on other machines with the credentials of their role. They do not have the profile %q.`, side.Profile),
			Next:  "Use assume_role, with a role that the execution role may assume, or give the execution role the rights itself.",
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

// sparkProblem says what an error of EMR, Data Pipeline or S3 means to a user.
func sparkProblem(config spark.Config, err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	p := &problem.Problem{Summary: "Spark Job Cannot Be Run", Attribute: "emr", Err: err, Cause: "AWS did not do what the run needs.", Next: "See the original error; apply again when its cause is gone."}
	service, operation := "", ""
	if o, ok := errors.AsType[*smithy.OperationError](err); ok {
		service, operation = o.Service(), o.Operation()
		p.Cause = fmt.Sprintf("%s of %s failed.", operation, service)
	}
	switch code := awserr.Code(err); {
	case awserr.AccessDenied(err):
		p.Summary, p.Cause = "Permission Missing", fmt.Sprintf("The provider's credentials may not call %s of %s.", operation, service)
		p.Next = "Allow it; the guide on the method \"emr\" has the whole policy."
	case code == "NoSuchBucket":
		p.Summary, p.Attribute, p.Cause = "Bucket Not Found", "emr.s3_uri", fmt.Sprintf("There is no bucket for %s.", config.S3URI)
		p.Next = "Correct emr.s3_uri, or make the bucket, in the provider's Region."
	case code != "":
		p.Cause = fmt.Sprintf("%s of %s ended in %s.", operation, service, code)
	}
	return p
}
