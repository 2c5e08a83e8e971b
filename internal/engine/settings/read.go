// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Read reads all settings of the table, a name or an ARN. A setting that a local server does not know is left out and named
// in NotKept; on AWS that is an error. Errors are those of the requests.
func Read(ctx context.Context, clients Clients, table string) (*Snapshot, error) {
	r, err := newReader(ctx, clients, table)
	if err != nil {
		return nil, err
	}
	return r.snapshot(ctx, all)
}

// ReadSchema is Read for the settings that a copy of level Schema makes. The description of the table says all of them, but
// whether it is AWS that manages the table's KMS key.
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

// errNotKept says that the endpoint does not know the setting.
var errNotKept = errors.New("this endpoint does not keep the setting")

// reader reads the settings of one table, as it was described when the reader was made.
type reader struct {
	Clients
	table *types.TableDescription
	local bool // The table is on a local server, not on AWS.
	// keyState is what KMS has said of the table's key.
	keyState kmstypes.KeyState
}

func newReader(ctx context.Context, clients Clients, table string) (*reader, error) {
	described, err := clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(table, "arn:") {
		if err := own(ctx, clients.DynamoDB, described.Table); err != nil {
			return nil, err
		}
	}
	return &reader{Clients: clients, table: described.Table, local: isLocal(clients.DynamoDB.Options().BaseEndpoint)}, nil
}

func (r *reader) identity() Identity { return IdentityOf(r.table) }

// IdentityOf returns the identity of the table that is described. A server that knows no ids has the time of creation tell
// a table apart from those that had its name before.
func IdentityOf(table *types.TableDescription) Identity {
	id := aws.ToString(table.TableId)
	if id == "" {
		id = aws.ToTime(table.CreationDateTime).UTC().Format(time.RFC3339Nano)
	}
	return Identity{Name: aws.ToString(table.TableName), ARN: aws.ToString(table.TableArn), ID: id, StreamARN: aws.ToString(table.LatestStreamArn)}
}

// isLocal says that the endpoint is one of the user's own: neither AWS's usual one nor a VPC endpoint.
func isLocal(endpoint *string) bool {
	if endpoint == nil {
		return false
	}
	u, err := url.Parse(*endpoint)
	return err != nil || !slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}, func(suffix string) bool {
		return strings.HasSuffix(u.Hostname(), suffix)
	})
}

// unreachable says that the table is on a local server, and the other service, with that endpoint, is not: it knows
// nothing of the table.
func (r *reader) unreachable(endpoint *string) bool { return r.local && !isLocal(endpoint) }

// kept turns the error of a local server that does not know an operation into errNotKept.
func (r *reader) kept(err error) error {
	if err == nil || !r.local {
		return err
	}
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED): // DynamoDB was described: it is another service that is not there.
		return errNotKept
	case errors.As(err, &api) && (api.ErrorCode() == "UnknownOperationException" || api.ErrorCode() == "NotImplemented"):
		return errNotKept
	case errors.As(err, &response) && slices.Contains([]int{http.StatusNotFound, http.StatusInternalServerError, http.StatusNotImplemented}, response.HTTPStatusCode()):
		return errNotKept
	}
	return err
}
