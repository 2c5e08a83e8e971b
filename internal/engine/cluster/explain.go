// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// explainSpark says what an error of EMR, Data Pipeline or S3 means to a user.
func explainSpark(config spark.Config, err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	p := &problem.Problem{Summary: "Spark Job Cannot Be Run", Attribute: "emr", Err: err, Cause: "AWS did not do what " +
		"the run needs.", Next: "See the original error; apply again when its cause is gone."}
	service, operation := "", ""
	if o, ok := errors.AsType[*smithy.OperationError](err); ok {
		service, operation = o.Service(), o.Operation()
		p.Cause = fmt.Sprintf("%s of %s failed.", operation, service)
	}
	switch code := awserr.Code(err); {
	case awserr.AccessDenied(err):
		p.Summary = "Permission Missing"
		p.Cause = fmt.Sprintf("The provider's credentials may not call %s of %s.", operation, service)
		p.Next = "Allow it; the guide on the method \"emr\" has the whole policy."
	case code == "NoSuchBucket":
		p.Summary, p.Attribute = "Bucket Not Found", "emr.s3_uri"
		p.Cause = fmt.Sprintf("There is no bucket for %s.", config.S3URI)
		p.Next = "Correct emr.s3_uri, or make the bucket, in the provider's Region."
	case code != "":
		p.Cause = fmt.Sprintf("%s of %s ended in %s.", operation, service, code)
	}
	return p
}
