// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
)

// discreet is the error of a request that carried items or an expression, less what may be a value of them.
type discreet struct {
	text string
	err  error
}

func (e *discreet) Error() string { return e.text }

// Unwrap returns the error as it came, for tests of its type and code. Its text is not to be shown.
func (e *discreet) Unwrap() error { return e.err }

// Discreet returns an error with the same meaning for the program, and a text that holds nothing of the items or expressions of its
// request. DynamoDB quotes values in some of its messages, and its documentation does not list them; so a message is repeated only if it has one of
// the known shapes, and then without the parts that vary. Of any other the code is shown, and nothing else. Nor is anything shown of an answer that
// cannot be read. An error that is not an answer, such as that of a connection, is returned as it is.
func Discreet(err error) error {
	if _, done := errors.AsType[*discreet](err); done {
		return err
	}
	text := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code := api.ErrorCode()
		if !plainCode.MatchString(code) {
			code = "UnknownError"
		}
		text = fmt.Sprintf("api error %s: %s", code, Message(api.ErrorMessage()))
	} else if _, ok := errors.AsType[*smithy.DeserializationError](err); ok {
		text = "deserialization failed, the answer is not one of DynamoDB"
	} else {
		return err
	}
	if status := Status(err); status != 0 {
		text = fmt.Sprintf("https response error StatusCode: %d, RequestID: %s, %s", status, requestID(err), text)
	}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		text = fmt.Sprintf("operation error %s: %s, %s", operation.ServiceID, operation.OperationName, text)
	}
	return &discreet{text, err}
}

// requestID is the id of the request, empty if it does not look like one.
func requestID(err error) string {
	answer, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](err)
	if !ok || !plainCode.MatchString(answer.ServiceRequestID()) {
		return ""
	}
	return answer.ServiceRequestID()
}

// plainCode matches codes of errors and ids of requests.
var plainCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// Hidden stands for a message that has none of the known shapes.
const Hidden = "(the message is not shown, because it may hold values of items)"

// longest is the length of the longest message that is looked at, in bytes.
const longest = 4 << 10

// Message returns what can be shown of a message of DynamoDB about items or expressions: all of it but for the parts that vary, or
// Hidden.
func Message(message string) string {
	if len(message) > longest {
		return Hidden
	}
	for _, s := range shapes() {
		if shown, ok := s.show(message); ok {
			return shown
		}
	}
	return Hidden
}

// Reason returns what can be shown of the reason for which a long operation on items failed, by its code and message: all of it if the code is
// about the bucket or the permission to use it, else as Message.
func Reason(code, message string) string {
	if strings.HasPrefix(code, "S3") || deniedCodes[code] {
		return message
	}
	return Message(message)
}

// sameKeys is the message about a batch with two operations on one item.
const sameKeys = "Provided list of item keys contains duplicates"

// SameKeys reports whether DynamoDB has refused a batch because two of its items have one key.
func SameKeys(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.TrimSuffix(api.ErrorMessage(), ".") == sameKeys
}

// shape is a message, of which some parts vary.
type shape struct {
	pattern *regexp.Regexp
	// fixed are the parts that do not vary; between each two of them is one that does.
	fixed []string
	// hides says which of the parts that vary are not shown.
	hides []bool
}

// slots are the parts that may vary, and what they look like. All but the first hold no value of an item and are shown.
var slots = map[string]string{
	"any":         `(?s:.*)`,
	"type":        `[SNBML]|SS|NS|BS|BOOL|NULL`,
	"number":      `[0-9]{1,7}`,
	"placeholder": `[:#][A-Za-z0-9_]{1,64}`,
	"operator":    `[=<>]{1,2}|[A-Za-z_]{1,20}`,
	"expression":  `FilterExpression|ConditionExpression|KeyConditionExpression|ProjectionExpression|UpdateExpression`,
	"ARN":         `arn:[A-Za-z0-9:/_+=,.@*-]+`,
	"action":      `[a-z0-9-]{1,32}:[A-Za-z]{1,64}`,
	"reason":      `[A-Za-z0-9 :/_+=,.@*()-]*`,
}

var slotName = regexp.MustCompile(`\{[A-Za-z]+\}`)

func newShape(template string) shape {
	s := shape{fixed: slotName.Split(template, -1)}
	var pattern strings.Builder
	pattern.WriteString("^")
	for i, fixed := range s.fixed {
		if i > 0 {
			name := strings.Trim(slotName.FindAllString(template, -1)[i-1], "{}")
			content, known := slots[name]
			if !known {
				panic("no slot is called " + name)
			}
			s.hides = append(s.hides, name == "any")
			pattern.WriteString("(" + content + ")")
		}
		pattern.WriteString(regexp.QuoteMeta(fixed))
	}
	s.pattern = regexp.MustCompile(pattern.String() + `\.?$`)
	return s
}

// show returns what can be shown of the message, if it has the shape.
func (s shape) show(message string) (string, bool) {
	parts := s.pattern.FindStringSubmatch(message)
	if parts == nil {
		return "", false
	}
	shown := s.fixed[0]
	for i, part := range parts[1:] {
		if s.hides[i] {
			part = "…"
		}
		shown += part + s.fixed[i+1]
	}
	return shown, true
}
