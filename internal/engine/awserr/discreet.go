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

// discreetError is the error of a request that carried items or an expression, without anything that may be a
// value of them.
type discreetError struct {
	text string
	err  error
}

func (e *discreetError) Error() string { return e.text }

// Unwrap returns the error as it was received, for tests of its type and code. Its text must not be shown.
func (e *discreetError) Unwrap() error { return e.err }

// Discreet returns an error with the same meaning for the program, and a text that reveals nothing of the items
// or expressions in the request. DynamoDB quotes values in some of its messages, and its documentation does not
// list them. So a message is shown only if it has one of the known shapes, and then without the parts that
// vary. Of any other message only the code is shown, and nothing is shown of a response that cannot be read. An
// error that is not a response, such as that of a connection, is returned unchanged.
func Discreet(err error) error {
	if _, done := errors.AsType[*discreetError](err); done {
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
		text = "deserialization failed, the response is not one of DynamoDB"
	} else {
		return err
	}
	if status := Status(err); status != 0 {
		text = fmt.Sprintf("https response error StatusCode: %d, RequestID: %s, %s", status, requestID(err), text)
	}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		text = fmt.Sprintf("operation error %s: %s, %s", operation.ServiceID, operation.OperationName, text)
	}
	return &discreetError{text: text, err: err}
}

// requestID returns the ID of the request, or an empty string if it does not look like an ID.
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

// plainCode matches error codes and request IDs.
var plainCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// Hidden replaces a message that has none of the known shapes.
const Hidden = "(the message is not shown, because it may hold values of items)"

// maxMessageBytes is the length of the longest message that is matched against the shapes.
const maxMessageBytes = 4 << 10

// Message returns what can be shown of a message of DynamoDB about items or expressions: the message without
// the parts that vary, or Hidden.
func Message(message string) string {
	if len(message) > maxMessageBytes {
		return Hidden
	}
	for _, s := range shapes() {
		if shown, ok := s.show(message); ok {
			return shown
		}
	}
	return Hidden
}

// Reason returns what can be shown of the reason why a long operation on items failed, given its code and
// message: the whole message if the code is about the bucket or the permission to use it, and otherwise what
// Message returns.
func Reason(code, message string) string {
	if strings.HasPrefix(code, "S3") || deniedCodes[code] {
		return message
	}
	return Message(message)
}

// sameKeys is the message about a batch that contains two operations on one item.
const sameKeys = "Provided list of item keys contains duplicates"

// SameKeys reports whether DynamoDB has refused a batch because two of its items have the same key.
func SameKeys(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && strings.TrimSuffix(api.ErrorMessage(), ".") == sameKeys
}

// shape is a kind of message, some parts of which vary.
type shape struct {
	pattern *regexp.Regexp
	// fixed are the parts that do not vary. Between each two of them is one that does.
	fixed []string
	// hides tells for each varying part whether it is hidden.
	hides []bool
}

// slots are the varying parts, by their names in a template, and the patterns that they match. All but the
// first cannot hold a value of an item, and are shown.
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
				panic("there is no slot " + name)
			}
			s.hides = append(s.hides, name == "any")
			pattern.WriteString("(" + content + ")")
		}
		pattern.WriteString(regexp.QuoteMeta(fixed))
	}
	s.pattern = regexp.MustCompile(pattern.String() + `\.?$`)
	return s
}

// show returns what can be shown of the message if the message has the shape.
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
