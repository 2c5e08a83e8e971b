// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package awserr says what an error of an AWS client means: what was answered, whether anything may have been done, and whether
// the same request may do better later. No error at all has no code, and passes no test.
package awserr

import (
	"crypto/tls"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// Code is the code of the error that AWS has answered with, empty if it has not answered.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Status is the HTTP status of the answer, 0 if there was none.
func Status(err error) int {
	answer, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	if !ok {
		return 0
	}
	return answer.HTTPStatusCode()
}

// AccessDenied says that the caller lacks a permission.
func AccessDenied(err error) bool { return deniedCodes[Code(err)] }

// deniedCodes are those of DynamoDB and EMR, of S3 and STS, and of an answer of S3 without a body, to a HEAD request ("Common Errors"
// and "Error responses" in the API references).
var deniedCodes = map[string]bool{"AccessDeniedException": true, "AccessDenied": true, "Forbidden": true}

// CredentialsRefused says that AWS does not accept the credentials, or what they signed.
func CredentialsRefused(err error) bool { return refusedCodes[Code(err)] }

// refusedCodes are those of all services ("Common Errors" in the Amazon DynamoDB API Reference, "Common Error Types" in that of AWS
// STS, "Error responses" in that of Amazon S3).
var refusedCodes = map[string]bool{
	"UnrecognizedClientException": true, "InvalidClientTokenId": true, "InvalidAccessKeyId": true,
	"InvalidSignatureException": true, "SignatureDoesNotMatch": true, "IncompleteSignature": true, "IncompleteSignatureException": true,
	"ExpiredToken": true, "ExpiredTokenException": true, "MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true,
}

// Refused says that AWS has answered, and done nothing. After any other error, such as a lost answer, it may have done what it was
// asked for.
func Refused(err error) bool {
	return Code(err) != "" && Status(err) < http.StatusInternalServerError
}

// Throttled says that requests come too fast.
func Throttled(err error) bool { return throttles.IsErrorThrottle(err).Bool() }

// Passes says that the same request may soon do better, with nobody doing anything about it: AWS failed, could not be reached, or is
// asked too much. The rules are the SDK's, which also takes the certificate of an endpoint that is not trusted for a connection that
// failed.
func Passes(err error) bool {
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return false
	}
	return retryables.IsErrorRetryable(err).Bool() || Throttled(err)
}

var (
	throttles  = retry.IsErrorThrottles(retry.DefaultThrottles)
	retryables = retry.IsErrorRetryables(retry.DefaultRetryables)
)

// Lasting says that AWS has refused the request, and would do so again.
func Lasting(err error) bool { return Refused(err) && !Passes(err) }

// Undecided says that a client of AWS met an error that is not lasting: the request may have been carried out, or may be later, if
// only because somebody renews credentials or repairs the network.
func Undecided(err error) bool {
	_, asked := errors.AsType[*smithy.OperationError](err)
	return asked && !Lasting(err)
}
