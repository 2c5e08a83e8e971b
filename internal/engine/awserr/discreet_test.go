// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// Only the fixed parts of a known message are shown, and nothing of an unknown one.
func TestMessage(t *testing.T) {
	t.Parallel()
	const planted = "planted 4711"
	for _, test := range []struct{ message, want string }{
		{
			"One or more parameter values were invalid: Input collection [" + planted + ", " + planted + "] contains duplicates",
			"One or more parameter values were invalid: Input collection … contains duplicates",
		},
		{
			"One or more parameter values were invalid: Input collection of type BS contains duplicates.",
			"One or more parameter values were invalid: Input collection of type BS contains duplicates",
		},
		{
			"One or more parameter values were invalid: Input collection of type " + planted + " contains duplicates.",
			"One or more parameter values were invalid: Input collection … contains duplicates",
		},
		{"Provided list of item keys contains duplicates", "Provided list of item keys contains duplicates"},
		{
			"One or more parameter values were invalid: Type mismatch for key " + planted + " expected: S actual: N",
			"One or more parameter values were invalid: Type mismatch for key … expected: S actual: N",
		},
		{
			"One or more parameter values were invalid: Type mismatch for key id expected: S actual: " + planted,
			awserr.Hidden,
		},
		{
			"The parameter cannot be converted to a numeric value: " + planted,
			"The parameter cannot be converted to a numeric value: …",
		},
		{
			"The parameter cannot be converted to a numeric value",
			"The parameter cannot be converted to a numeric value",
		},
		{
			"Attempting to store more than 38 significant digits in a Number",
			"Attempting to store more than 38 significant digits in a Number",
		},
		{"Attempting to store more than 38 significant digits in a Number: " + planted, awserr.Hidden},
		{
			"Invalid FilterExpression: Syntax error; token: \"" + planted + "\", near: \"= " + planted + "\"",
			"Invalid FilterExpression: Syntax error; token: …, near: …",
		},
		{
			"Invalid ConditionExpression: The expression contains too many operators; operator count: 301",
			"Invalid ConditionExpression: The expression contains too many operators; operator count: 301",
		},
		{
			"Invalid ConditionExpression: The expression contains too many operators; operator count: " +
				"31415926535897932384626433",
			awserr.Hidden,
		},
		{
			"User: arn:aws:iam::123456789012:user/x is not authorized to perform: dynamodb:Scan on " +
				"resource: arn:aws:dynamodb:eu-west-1:123456789012:table/orders because no identity-based " +
				"policy allows the dynamodb:Scan action",
			"User: arn:aws:iam::123456789012:user/x is not authorized to perform: dynamodb:Scan on " +
				"resource: arn:aws:dynamodb:eu-west-1:123456789012:table/orders because no identity-based " +
				"policy allows the dynamodb:Scan action",
		},
		{"User: " + planted + " is not authorized", awserr.Hidden},
		{planted, awserr.Hidden},
		{"Item size has exceeded the maximum allowed size\n" + planted, awserr.Hidden},
		{"", awserr.Hidden},
	} {
		if got := awserr.Message(test.message); got != test.want {
			t.Errorf("of %q is shown %q, want %q", test.message, got, test.want)
		}
	}
}

// The reason of a failed import is shown if it is about the bucket, and otherwise treated like any message.
func TestReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ code, message, want string }{
		{"S3AccessDenied", "Access to the bucket work is denied", "Access to the bucket work is denied"},
		{"S3NoSuchBucket", "The specified bucket does not exist", "The specified bucket does not exist"},
		{"ItemValidationError", "The item planted 4711 is too large", awserr.Hidden},
		{"", "Item size has exceeded the maximum allowed size", "Item size has exceeded the maximum allowed size"},
	} {
		if got := awserr.Reason(test.code, test.message); got != test.want {
			t.Errorf("of %s, %q, is shown %q", test.code, test.message, got)
		}
	}
}

// failingPut returns the error of a real client whose PutItem is answered with status 400 and that body.
func failingPut(t *testing.T, body []byte) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Requestid", "REQUEST-ID")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String("orders"), Item: map[string]types.AttributeValue{},
	})
	return err
}

// The error of a real client loses its text and keeps its type, code and status.
func TestDiscreet(t *testing.T) {
	t.Parallel()
	const planted = "planted-4711"
	for name, test := range map[string]struct {
		code, message string
		want          string
		typed         func(error) bool
	}{
		"of an item": {
			code: "ValidationException", message: "Item size has exceeded the maximum allowed size",
			want: "api error ValidationException: Item size has exceeded the maximum allowed size",
		},
		"unknown": {
			code: "ValidationException", message: planted,
			want: "api error ValidationException: " + awserr.Hidden,
		},
		"unknown code": {
			code: planted + " " + planted, message: "Rate exceeded",
			want: "api error UnknownError: Rate exceeded",
		},
		"condition": {
			code: "ConditionalCheckFailedException", message: planted,
			want:  "api error ConditionalCheckFailedException: " + awserr.Hidden,
			typed: isA[*types.ConditionalCheckFailedException],
		},
		"transaction": {
			code:    "TransactionCanceledException",
			message: "Transaction cancelled, please refer cancellation reasons for specific reasons [" + planted + "]",
			want:    "for specific reasons …",
			typed:   isA[*types.TransactionCanceledException],
		},
		"partition, too large": {
			code: "ItemCollectionSizeLimitExceededException", message: planted,
			want:  awserr.Hidden,
			typed: isA[*types.ItemCollectionSizeLimitExceededException],
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, _ := json.Marshal(map[string]any{
				"__type": "com.amazonaws.dynamodb.v20120810#" + test.code, "message": test.message,
				"Item": map[string]any{"id": map[string]string{"S": planted}},
			})
			err := failingPut(t, body)
			if !strings.Contains(err.Error(), planted) && test.message == planted {
				t.Fatalf("the client's error is %v, which reveals nothing", err)
			}
			shown := awserr.Discreet(err)
			for _, part := range []string{
				"operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: REQUEST-ID, api error ",
				test.want,
			} {
				if !strings.Contains(shown.Error(), part) {
					t.Errorf("%q is not in %q", part, shown)
				}
			}
			if around := fmt.Errorf("the run: %w", awserr.Discreet(shown)); strings.Contains(around.Error(), planted) {
				t.Errorf("the text is %q", around)
			}
			if test.typed != nil && !test.typed(shown) {
				t.Errorf("the type of %v is lost", shown)
			}
			operation, ok := errors.AsType[*smithy.OperationError](shown)
			if !ok || operation.OperationName != "PutItem" || awserr.Status(shown) != http.StatusBadRequest {
				t.Errorf("the operation or the status of %v is lost", shown)
			}
		})
	}
}

// Nothing is shown of a response that cannot be read, and errors that are not responses stay as they are.
func TestDiscreetOfOtherErrors(t *testing.T) {
	t.Parallel()
	const planted = "planted-4711"
	err := failingPut(t, []byte(`{"__type":"ConditionalCheckFailedException","Item":{"id":"`+planted+`"}}`))
	if shown := awserr.Discreet(err).Error(); !strings.Contains(err.Error(), planted) || strings.Contains(shown, planted) {
		t.Errorf("of %v, which cannot be read, is shown %s", err, shown)
	}
	if err := awserr.Discreet(errNoAnswer); !errors.Is(err, errNoAnswer) || err.Error() != errNoAnswer.Error() {
		t.Errorf("an error that is not a response became %v", err)
	}
	if awserr.Discreet(nil) != nil {
		t.Error("nil became an error")
	}
}

var errNoAnswer = errors.New("connection refused")

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
