// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// replicationMode reports whether a global table of several accounts has the same settings everywhere.
var replicationMode = &setting[types.GlobalTableSettingsReplicationMode]{
	name: "global_table_settings_replication_mode",
	read: func(_ context.Context, r *reader) (types.GlobalTableSettingsReplicationMode, error) {
		return r.table.GlobalTableSettingsReplicationMode, nil
	},
	create: func(value types.GlobalTableSettingsReplicationMode, request *dynamodb.CreateTableInput) {
		request.GlobalTableSettingsReplicationMode = value
	},
}
