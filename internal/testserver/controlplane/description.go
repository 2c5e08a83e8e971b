// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

// newDescription is what DescribeTable says of a table that is being created.
func (r *request) newDescription(in *dynamodb.CreateTableInput) (types.TableDescription, error) {
	now := time.Now().UTC()
	d := types.TableDescription{
		TableName: in.TableName, TableArn: aws.String(r.arn("dynamodb", "table/"+*in.TableName)),
		TableId:     aws.String(uuid.NewString()),
		TableStatus: types.TableStatusCreating, CreationDateTime: &now,
		AttributeDefinitions: in.AttributeDefinitions, KeySchema: in.KeySchema,
		ItemCount: aws.Int64(0), TableSizeBytes: aws.Int64(0),
		ProvisionedThroughput:              described(in.ProvisionedThroughput),
		OnDemandThroughput:                 in.OnDemandThroughput,
		DeletionProtectionEnabled:          aws.Bool(aws.ToBool(in.DeletionProtectionEnabled)),
		GlobalTableSettingsReplicationMode: in.GlobalTableSettingsReplicationMode,
	}
	onDemand := in.BillingMode == types.BillingModePayPerRequest
	warm := warmOr(in.WarmThroughput, warmFloor(onDemand, in.ProvisionedThroughput))
	d.WarmThroughput = convert[*types.TableWarmThroughputDescription](warm)
	d.WarmThroughput.Status = types.TableStatusUpdating
	if onDemand {
		d.BillingModeSummary = &types.BillingModeSummary{BillingMode: in.BillingMode, LastUpdateToPayPerRequestDateTime: &now}
	}
	if in.TableClass != "" && in.TableClass != types.TableClassStandard {
		d.TableClassSummary = &types.TableClassSummary{TableClass: in.TableClass}
	}
	for _, index := range in.LocalSecondaryIndexes {
		description := convert[types.LocalSecondaryIndexDescription](index)
		description.IndexArn = aws.String(*d.TableArn + "/index/" + *index.IndexName)
		description.IndexSizeBytes, description.ItemCount = aws.Int64(0), aws.Int64(0)
		d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, description)
	}
	for _, index := range in.GlobalSecondaryIndexes {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, newIndex(&d, onDemand, index))
	}
	for _, index := range in.VectorIndexes {
		d.VectorIndexes = append(d.VectorIndexes, newVectorIndex(&d, index))
	}
	if err := setStream(&d, in.StreamSpecification); err != nil {
		return d, err
	}
	return d, r.setEncryption(&d, in.SSESpecification)
}

func newIndex(
	d *types.TableDescription,
	onDemand bool,
	index types.GlobalSecondaryIndex,
) types.GlobalSecondaryIndexDescription {
	description := convert[types.GlobalSecondaryIndexDescription](index)
	description.IndexArn = aws.String(*d.TableArn + "/index/" + *index.IndexName)
	description.IndexStatus = types.IndexStatusCreating
	description.IndexSizeBytes, description.ItemCount = aws.Int64(0), aws.Int64(0)
	description.ProvisionedThroughput = described(index.ProvisionedThroughput)
	warm := warmOr(index.WarmThroughput, warmFloor(onDemand, index.ProvisionedThroughput))
	description.WarmThroughput = convert[*types.GlobalSecondaryIndexWarmThroughputDescription](warm)
	description.WarmThroughput.Status = types.IndexStatusUpdating
	return description
}

func newVectorIndex(d *types.TableDescription, index types.VectorIndex) types.VectorIndexDescription {
	description := convert[types.VectorIndexDescription](index)
	description.IndexArn = aws.String(*d.TableArn + "/index/" + *index.IndexName)
	description.IndexStatus = types.IndexStatusCreating
	description.IndexSizeBytes, description.ItemCount = aws.Int64(0), aws.Int64(0)
	return description
}

// setStream turns the stream on, with a new ARN, or off; the last stream's ARN stays.
func setStream(d *types.TableDescription, stream *types.StreamSpecification) error {
	if stream == nil {
		return nil
	}
	enabled := aws.ToBool(stream.StreamEnabled)
	switch {
	case enabled && stream.StreamViewType == "":
		return parameter("StreamViewType is required when StreamEnabled is true")
	case !enabled && stream.StreamViewType != "":
		return parameter("StreamViewType must not be there when StreamEnabled is false")
	case enabled && d.StreamSpecification != nil:
		return validation("Table already has an enabled stream: TableName: %s", *d.TableName)
	case !enabled:
		d.StreamSpecification = nil
		return nil
	}
	d.StreamSpecification = stream
	d.LatestStreamLabel = aws.String(time.Now().UTC().Format("2006-01-02T15:04:05.000"))
	d.LatestStreamArn = aws.String(*d.TableArn + "/stream/" + *d.LatestStreamLabel)
	return nil
}

// managedKey is the alias of the key that AWS manages for DynamoDB in an account.
const managedKey = "alias/aws/dynamodb"

// setEncryption shows the key as DescribeTable does: nothing for the key that AWS owns, the ARN for all others, that of
// the key that AWS manages included. ("DynamoDB encryption at rest: How it works".)
func (r *request) setEncryption(d *types.TableDescription, encryption *types.SSESpecification) error {
	if encryption == nil {
		return nil
	}
	key := aws.ToString(encryption.KMSMasterKeyId)
	switch {
	case !aws.ToBool(encryption.Enabled) && key != "":
		return parameter("KMSMasterKeyId can only be specified if Enabled is true")
	case encryption.SSEType == types.SSETypeAes256:
		return parameter("SSEType AES256 is not supported")
	case !aws.ToBool(encryption.Enabled):
		d.SSEDescription = nil
		return nil
	case key == "":
		key = managedKey
	}
	arn, err := r.keyARN(key)
	d.SSEDescription = &types.SSEDescription{
		Status:          types.SSEStatusEnabled,
		SSEType:         types.SSETypeKms,
		KMSMasterKeyArn: &arn,
	}
	return err
}

// keyARN finds the key of an id, an alias or an ARN. Any id is that of a key, and each alias has a key of its own.
func (r *request) keyARN(key string) (string, error) {
	if parts := strings.SplitN(key, ":", 6); len(parts) == 6 {
		if parts[2] != "kms" || parts[3] != r.region {
			return "", validation("KMS key %s is not in the Region %s", key, r.region)
		}
		return place{account: parts[4], region: parts[3]}.key(parts[5]), nil
	}
	return r.key(key), nil
}

func (p place) key(id string) string {
	if strings.HasPrefix(id, "alias/") {
		id = uuid.NewSHA1(uuid.NameSpaceURL, []byte(p.arn("kms", id))).String()
	}
	return p.arn("kms", "key/"+strings.TrimPrefix(id, "key/"))
}
