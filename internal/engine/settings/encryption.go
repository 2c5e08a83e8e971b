// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// encryption is nil for a key that DynamoDB owns. It names no key for the key that AWS manages for the account
// ("DynamoDB encryption at rest").
var encryption = &setting[*types.SSESpecification]{
	name: "encryption", copied: Schema, // A key that the user gives is used at every level.
	read: func(ctx context.Context, r *reader) (*types.SSESpecification, error) {
		sse := r.table.SSEDescription
		if sse == nil || sse.Status != types.SSEStatusEnabled && sse.Status != types.SSEStatusUpdating {
			return nil, nil
		}
		specification := &types.SSESpecification{
			Enabled: aws.Bool(true), SSEType: sse.SSEType, KMSMasterKeyId: sse.KMSMasterKeyArn,
		}
		managed, err := r.managedKey(ctx, aws.ToString(sse.KMSMasterKeyArn))
		if managed {
			specification.KMSMasterKeyId = nil // CreateTable takes this key only if it is not named ("SSESpecification").
		}
		return specification, err
	},
	create: func(value *types.SSESpecification, request *dynamodb.CreateTableInput) {
		request.SSESpecification = value
	},
	move: func(value *types.SSESpecification, m *move) (*types.SSESpecification, error) {
		switch {
		case m.to.KMSKeyARN != "":
			return &types.SSESpecification{
				Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(m.to.KMSKeyARN),
			}, nil
		case m.level == Schema && (!m.to.Restored || m.elsewhere()):
			return nil, nil
		case value != nil && value.KMSMasterKeyId != nil && m.elsewhere():
			return nil, m.keyProblem()
		}
		return value, nil
	},
}

// keyProblem refuses to copy a table with a customer managed key to where that key does not exist.
func (m *move) keyProblem() *problem.Problem {
	return &problem.Problem{
		Summary: "KMS Key Missing", Attribute: "destination.kms_key_arn", Table: m.table,
		Account: m.from.AccountID, Region: m.from.Region,
		Cause: fmt.Sprintf(
			"The table is encrypted with a customer managed key, and the new table is in account %s and Region %s, "+
				"where a key of its own is needed.", m.to.Account, m.to.Region,
		),
		Next: "Set destination.kms_key_arn to a key there, or create only the schema, with create_table = \"schema\"; " +
			"the new table then has a key that DynamoDB owns.",
	}
}

// managedKey reports whether AWS manages the key. Only KMS can tell such a key from a customer managed one.
func (r *reader) managedKey(ctx context.Context, key string) (bool, error) {
	if key == "" || r.unreachable(r.KMS.Options().BaseEndpoint) {
		return key == "", nil
	}
	described, err := r.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(key)})
	if err = r.kept(err); errors.Is(err, errNotKept) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.keyState = described.KeyMetadata.KeyState
	return described.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeAws, nil
}

// UnusableKey returns the state of the table's KMS key if no table can be created with it, and empty otherwise ("Key
// states of AWS KMS keys" in the AWS KMS Developer Guide). DynamoDB itself notices such a state only some time later.
func (s *Snapshot) UnusableKey() string {
	switch s.keyState {
	case "", kmstypes.KeyStateEnabled, kmstypes.KeyStateUpdating:
		return ""
	}
	return string(s.keyState)
}
