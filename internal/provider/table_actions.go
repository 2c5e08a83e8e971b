// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

var (
	_ action.ActionWithConfigure  = (*runAction[job.Copy])(nil)
	_ action.ActionWithModifyPlan = (*runAction[job.Copy])(nil)
)

// NewTableCopyAction returns the action dynamoops_table_copy.
func NewTableCopyAction() action.Action {
	return &runAction[job.Copy]{
		resource: NewTableCopyResource(), model: func() runModel[job.Copy] { return &tableCopyModel{} },
		description: "Copies a DynamoDB table, one of its indexes, a file of items or an export in S3 to another table, " +
			"to a file or to S3, whenever it is " +
			"invoked. Needs Terraform 1.14 or newer.\n\n" +
			"Every item is accounted for, or the action fails.",
		done: "written", timeout: copyTimeout, check: (*engine.Engine).CheckCopy, run: (*engine.Engine).Copy,
	}
}

// NewTablePurgeAction returns the action dynamoops_table_purge.
func NewTablePurgeAction() action.Action {
	return &runAction[job.Purge]{
		resource: NewTablePurgeResource(), model: func() runModel[job.Purge] { return &tablePurgeModel{} },
		description: "Deletes all items of a DynamoDB table, or those that pass a filter, whenever it is invoked. Needs " +
			"Terraform 1.14 or newer.\n\n" +
			"Every item is accounted for, or the action fails.",
		done: "deleted", timeout: purgeTimeout, check: (*engine.Engine).CheckPurge, run: (*engine.Engine).Purge,
	}
}
