// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package awserr tells what an error of an AWS client means: what AWS answered, whether it may have done
// anything, and whether the same request may succeed later. For a nil error there is no code, and every
// predicate is false.
package awserr

import (
	"crypto/tls"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// Code returns the code of the error that AWS has answered with, or an empty string if AWS has not answered.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Status returns the HTTP status of the response, or 0 if there was none.
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

// AccessDenied reports whether the caller lacks a permission.
func AccessDenied(err error) bool { return deniedCodes[Code(err)] }

// deniedCodes are the codes of DynamoDB and EMR, of S3 and STS, and of a response of S3 without a body, to a
// HEAD request ("Common Errors" and "Error responses" in the API references).
var deniedCodes = map[string]bool{"AccessDeniedException": true, "AccessDenied": true, "Forbidden": true}

// CredentialsRefused reports whether AWS does not accept the credentials, or what they have signed.
func CredentialsRefused(err error) bool { return refusedCodes[Code(err)] }

// refusedCodes are the codes of all services ("Common Errors" in the Amazon DynamoDB API Reference, "Common
// Error Types" in that of AWS STS, "Error responses" in that of Amazon S3).
var refusedCodes = map[string]bool{
	"UnrecognizedClientException": true, "InvalidClientTokenId": true, "InvalidAccessKeyId": true,
	"InvalidSignatureException": true, "SignatureDoesNotMatch": true,
	"IncompleteSignature": true, "IncompleteSignatureException": true,
	"ExpiredToken": true, "ExpiredTokenException": true,
	"MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true,
}

// Refused reports whether AWS has answered and done nothing. After any other error, such as a lost response,
// AWS may have carried out the request.
func Refused(err error) bool {
	return Code(err) != "" && Status(err) < http.StatusInternalServerError
}

// Throttled reports whether requests come too fast.
func Throttled(err error) bool { return throttles.IsErrorThrottle(err).Bool() }

// Passes reports whether the same request may soon succeed without anyone intervening: AWS failed, could not be
// reached, or throttles requests. The rules are the SDK's, with one exception: the SDK treats an untrusted
// certificate as a failed connection, which it would retry.
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

// Lasting reports whether AWS has refused the request and would refuse it again.
func Lasting(err error) bool { return Refused(err) && !Passes(err) }

// Undecided reports whether a client of AWS met an error that is not lasting: the request may have been carried
// out, or may succeed later, if only because someone renews credentials or repairs the network.
func Undecided(err error) bool {
	_, asked := errors.AsType[*smithy.OperationError](err)
	return asked && !Lasting(err)
}
