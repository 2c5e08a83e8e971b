// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/provider"
)

// A setting that is added to the engine has an attribute.
func TestTableDataSourceHasEverySetting(t *testing.T) {
	t.Parallel()
	var resp datasource.SchemaResponse
	provider.NewTableDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
	for _, name := range settings.Names() {
		if name == "deletion_protection" {
			name = "deletion_protection_enabled"
		}
		if resp.Schema.Attributes[name] == nil {
			t.Errorf("no attribute %s", name)
		}
	}
}
