// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// Read reads all settings of the table, a name or an ARN. A setting that a local server does not know is left out and
// named in NotKept; on AWS that is an error. Errors are those of the requests.
func Read(ctx context.Context, clients Clients, table string) (*Snapshot, error) {
	r, err := newReader(ctx, clients, table)
	if err != nil {
		return nil, err
	}
	return r.snapshot(ctx, all)
}

// ReadSchema is Read for the settings that a copy of level Schema creates. DescribeTable returns all of them, except
// whether AWS manages the table's KMS key.
func ReadSchema(ctx context.Context, clients Clients, table string) (*Snapshot, error) {
	r, err := newReader(ctx, clients, table)
	if err != nil {
		return nil, err
	}
	var schema []anySetting
	for _, setting := range all {
		if setting.copiedAt() == Schema {
			schema = append(schema, setting)
		}
	}
	return r.snapshot(ctx, schema)
}

func (r *reader) snapshot(ctx context.Context, wanted []anySetting) (*Snapshot, error) {
	s := &Snapshot{Table: r.identity(), Settings: map[string]json.RawMessage{}, local: r.local}
	for _, setting := range wanted {
		value, err := setting.readJSON(ctx, r)
		switch {
		case errors.Is(err, errNotKept):
			s.NotKept = append(s.NotKept, setting.Name())
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", setting.Name(), err)
		case value != nil:
			s.Settings[setting.Name()] = value
		}
	}
	s.keyState = r.keyState
	return s, nil
}

// reader reads the settings of one table, as described when the reader was created.
type reader struct {
	Clients
	table *types.TableDescription
	// custom reports whether the endpoint is the user's own, local whether a local server answers there, and not AWS.
	custom, local bool
	// keyState is what KMS has reported of the table's key.
	keyState kmstypes.KeyState
}

func newReader(ctx context.Context, clients Clients, table string) (*reader, error) {
	described, err := clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		return nil, err
	}
	r := readerOf(clients, described.Table)
	return r, r.own(ctx, table)
}

// readerOf returns the reader of a described table.
func readerOf(clients Clients, table *types.TableDescription) *reader {
	endpoint := clients.DynamoDB.Options().BaseEndpoint
	return &reader{Clients: clients, table: table, custom: isCustom(endpoint), local: isLocal(endpoint, table)}
}

// own checks that the table, which was given by that name or ARN, is in the caller's account.
func (r *reader) own(ctx context.Context, given string) error {
	if !strings.HasPrefix(given, "arn:") {
		return nil
	}
	return Own(ctx, r.DynamoDB, r.table)
}

func (r *reader) identity() Identity { return IdentityOf(r.table).In(r.DynamoDB.Options().Region) }

// IdentityOf returns the identity of the described table. If the server has no ids, the time of creation tells the
// table apart from earlier ones of its name.
func IdentityOf(table *types.TableDescription) Identity {
	id := aws.ToString(table.TableId)
	if id == "" {
		id = aws.ToTime(table.CreationDateTime).UTC().Format(time.RFC3339Nano)
	}
	return Identity{
		Name: aws.ToString(table.TableName), ARN: aws.ToString(table.TableArn), ID: id,
		StreamARN: aws.ToString(table.LatestStreamArn),
	}
}
