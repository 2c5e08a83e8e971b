// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// inS3 says whether the error is that of a request to S3.
func inS3(err error) bool {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	return ok && operation.ServiceID == s3.ServiceID
}

// s3Actions are the IAM actions of requests that are not called like them ("Actions, resources, and condition keys for Amazon
// S3" in the Service Authorization Reference).
var s3Actions = map[string]string{"ListObjectsV2": "ListBucket", "HeadObject": "GetObject", "DeleteObjects": "DeleteObject"}

// s3Cause says what the error of a request to S3 means to a user; what is for example "the journal".
func s3Cause(err error, what string) string {
	action := "this"
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		action = "s3:" + operation.OperationName
		if other, ok := s3Actions[operation.OperationName]; ok {
			action = "s3:" + other
		}
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return "S3 gave no answer that can be used when " + what + " was asked for."
	}
	switch code := api.ErrorCode(); {
	case code == "AccessDenied", code == "Forbidden":
		return fmt.Sprintf("These credentials may not call %s on %s.", action, what)
	case code == "NoSuchBucket":
		return fmt.Sprintf("There is no such bucket as that of %s.", what)
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed", code == "IllegalLocationConstraintException":
		return fmt.Sprintf("The bucket of %s is in another Region than the one asked.", what)
	case credentialCodes[code], code == "InvalidAccessKeyId":
		return "S3 does not accept the credentials (" + code + ")."
	default:
		return fmt.Sprintf("%s on %s ended in %s.", action, what, code)
	}
}
