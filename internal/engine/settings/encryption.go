// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// encryption is nil for a key of DynamoDB's own, and names no key for the one that AWS manages for the account
// ("DynamoDB encryption at rest").
var encryption = &setting[*types.SSESpecification]{
	name: "encryption",
	read: func(ctx context.Context, r *reader) (*types.SSESpecification, error) {
		sse := r.table.SSEDescription
		if sse == nil || sse.Status != types.SSEStatusEnabled && sse.Status != types.SSEStatusUpdating {
			return nil, nil
		}
		specification := &types.SSESpecification{Enabled: aws.Bool(true), SSEType: sse.SSEType, KMSMasterKeyId: sse.KMSMasterKeyArn}
		managed, err := r.managedKey(ctx, aws.ToString(sse.KMSMasterKeyArn))
		if managed {
			specification.KMSMasterKeyId = nil // CreateTable takes it only when it is not named ("SSESpecification").
		}
		return specification, err
	},
	create: func(value *types.SSESpecification, request *dynamodb.CreateTableInput) {
		request.SSESpecification = value
	},
}

// managedKey says that the key is the one that AWS manages. Nothing but KMS tells it from a customer's.
func (r *reader) managedKey(ctx context.Context, key string) (bool, error) {
	if key == "" || r.unreachable(r.KMS.Options().BaseEndpoint) {
		return key == "", nil
	}
	described, err := r.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(key)})
	if err != nil {
		return false, err
	}
	return described.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeAws, nil
}
