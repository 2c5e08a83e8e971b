// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fileOf is the file of a destination, null for another one.
func fileOf(destination types.Object) types.String {
	if file, ok := destination.Attributes()["file"].(types.String); ok {
		return file
	}
	return types.StringNull()
}

// Read fills the output destination_file of a run that was done before it existed.
func (r *tableCopyResource) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	var destination types.Object
	resp.Diagnostics.Append(resp.State.GetAttribute(ctx, path.Root("destination"), &destination)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("destination_file"), fileOf(destination))...)
}
