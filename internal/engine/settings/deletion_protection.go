// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// protection is whether the table refuses to be deleted. It is not part of the request that creates a table: without
// it, a table that was created in vain can be deleted.
type protection struct {
	Enabled bool `json:",omitempty"`
}

var deletionProtection = &setting[protection]{
	name: "deletion_protection", copied: Full,
	read: func(_ context.Context, r *reader) (protection, error) {
		return protection{aws.ToBool(r.table.DeletionProtectionEnabled)}, nil
	},
	put: func(ctx context.Context, w *Writer, value protection) error {
		return w.SetDeletionProtection(ctx, value.Enabled)
	},
}

// SetDeletionProtection sets whether the table refuses to be deleted.
func (w *Writer) SetDeletionProtection(ctx context.Context, enabled bool) error {
	return w.update(ctx, &dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(enabled)})
}

// DeletionProtected reports whether the table of the snapshot refuses to be deleted.
func (s *Snapshot) DeletionProtected() bool { return s.Settings[deletionProtection.name] != nil }
