// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package newtable

import (
	"context"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// ImportEnded records what a failed import left: a table that the next attempt loads in another way, or nothing.
func (c *Creation) ImportEnded(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	left, err := settings.Describe(ctx, c.Clients.DynamoDB, c.State.Wanted.Table.Name)
	if err != nil {
		return err
	}
	if left == nil || settings.IdentityOf(left).ID != c.State.TableID {
		return c.Record.Remove(ctx)
	}
	c.State.Import = false
	return c.Save(ctx)
}

// NotImported has a table loaded in another way if the import that created it is not known any more.
func (c *Creation) NotImported(made *tables.Table) {
	c.State.Import, c.State.TableID = false, made.Identity().ID
}
