// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// These are the placeholders for ARNs in policies.
const (
	tableARN  = "${dynamoops:table_arn}"
	streamARN = "${dynamoops:stream_arn}"
)

// resourcePolicy is the policy of the table, with the table's own ARN replaced by a placeholder.
var resourcePolicy = &setting[json.RawMessage]{
	name: "resource_policy", copied: Full, move: movePolicy,
	// The table must not be without the policy's Deny statements while its indexes are built. The stream's ARN is not
	// known before the table exists.
	create: func(value json.RawMessage, request *dynamodb.CreateTableInput) {
		if value != nil && !bytes.Contains(value, []byte(streamARN)) {
			request.ResourcePolicy = aws.String(string(value))
		}
	},
	read: func(ctx context.Context, r *reader) (json.RawMessage, error) { return r.policy(ctx, r.table.TableArn) },
	put: func(ctx context.Context, w *Writer, value json.RawMessage) error {
		return w.setPolicy(ctx, w.to.ARN, value)
	},
}

// streamPolicy is the policy of the table's stream. A new stream has a new ARN.
var streamPolicy = &setting[json.RawMessage]{
	name: "stream_resource_policy", copied: Full, move: movePolicy,
	read: func(ctx context.Context, r *reader) (json.RawMessage, error) {
		if !streams(r.table) {
			return nil, nil
		}
		return r.policy(ctx, r.table.LatestStreamArn)
	},
	put: func(ctx context.Context, w *Writer, value json.RawMessage) error {
		return w.setPolicy(ctx, w.to.StreamARN, value)
	},
}

func (r *reader) policy(ctx context.Context, arn *string) (json.RawMessage, error) {
	found, err := r.DynamoDB.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
	var none *types.PolicyNotFoundException
	if errors.As(err, &none) {
		return nil, nil
	}
	if err != nil {
		return nil, r.kept(err)
	}
	policy := []byte(aws.ToString(found.Policy))
	// The stream's ARN begins with the table's.
	policy = replaceARN(policy, aws.ToString(r.table.LatestStreamArn), streamARN)
	return replaceARN(policy, aws.ToString(r.table.TableArn), tableARN), nil
}

// movePolicy returns the policy, or nil if it does not fit the copy: it was written for the principals of another
// account, or names resources other than by the table's own ARN.
func movePolicy(policy json.RawMessage, m *move) (json.RawMessage, error) {
	if policy == nil || m.otherAccount() {
		return nil, nil
	}
	var document struct {
		Statement oneOrMore[struct{ Resource oneOrMore[string] }]
	}
	if err := json.Unmarshal(policy, &document); err != nil {
		return nil, err
	}
	for _, statement := range document.Statement {
		for _, resource := range statement.Resource {
			if resource != "*" && !strings.HasPrefix(resource, tableARN) && !strings.HasPrefix(resource, streamARN) {
				return nil, nil
			}
		}
	}
	return policy, nil
}

// oneOrMore is a list that a policy may write without brackets if it has one element.
type oneOrMore[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (l *oneOrMore[T]) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return json.Unmarshal(text, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(text, &(*l)[0])
}

// replaceARN replaces an ARN, but not the ARN of a table whose longer name begins with the same text.
func replaceARN(policy []byte, arn, with string) []byte {
	if arn == "" {
		return policy
	}
	whole := regexp.MustCompile(regexp.QuoteMeta(arn) + `([^a-zA-Z0-9_.-]|$)`)
	return whole.ReplaceAllFunc(policy, func(found []byte) []byte {
		return append([]byte(with), found[len(arn):]...)
	})
}

// fill replaces the placeholders in a policy by the table's ARNs.
func (id Identity) fill(policy json.RawMessage) json.RawMessage {
	policy = bytes.ReplaceAll(policy, []byte(streamARN), []byte(id.StreamARN))
	return bytes.ReplaceAll(policy, []byte(tableARN), []byte(id.ARN))
}

// Policies returns the resource policies of the snapshot's table and of its stream, with their ARNs filled in; empty
// if there are none.
func (s *Snapshot) Policies() (table, stream string) {
	return string(s.Table.fill(s.Settings[resourcePolicy.name])), string(s.Table.fill(s.Settings[streamPolicy.name]))
}

// setPolicy puts the policy of the table or the stream.
func (w *Writer) setPolicy(ctx context.Context, arn string, policy json.RawMessage) error {
	policy = w.to.fill(policy)
	return w.again(ctx, busy, func() error {
		_, err := w.DynamoDB.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{
			ResourceArn: aws.String(arn), Policy: aws.String(string(policy)),
			// The table had this policy before, and it may well lock out the caller, who put it there.
			ConfirmRemoveSelfResourceAccess: true,
		})
		return err
	})
}
