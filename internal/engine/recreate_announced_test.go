// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// A plan announces that the run drops the table, or that it may, and otherwise the run does not.
func TestDropIsAnnounced(t *testing.T) {
	t.Parallel()
	const will, may = "Table Is Dropped And Recreated", "Table May Be Dropped And Recreated"
	p := newPlane(t)
	streamed := everysetting.Table()
	streamed.TableName = aws.String("streamed")
	p.account.Create(t, streamed)
	p.create(t, "orders", 1)
	for name, test := range map[string]struct {
		job  job.Purge
		want string
	}{
		"chosen":                    {job.Purge{Table: "orders"}, will},
		"asked for":                 {job.Purge{Table: "orders", Method: job.MethodRecreate}, will},
		"refused":                   {job.Purge{Table: "streamed"}, ""},
		"refused, though asked for": {job.Purge{Table: "streamed", Method: job.MethodRecreate}, ""},
		"items":                     {job.Purge{Table: "orders", Method: job.MethodDeleteItems}, ""},
		"filter":                    {job.Purge{Table: "orders", Filter: &filter.Filter{Expression: "attribute_exists(id)"}}, ""},
		"filter not known":          {job.Purge{Table: "orders", FilterLater: true}, ""},
		"table not known":           {job.Purge{}, may},
		"table not known, items":    {job.Purge{Method: job.MethodDeleteItems}, ""},
		"table not known, filter":   {job.Purge{FilterLater: true}, ""},
		"method not known":          {job.Purge{Table: "orders", MethodLater: true}, may},
		"method not known, refused": {job.Purge{Table: "streamed", MethodLater: true}, may},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := ""
			for _, found := range p.engine.CheckPurge(t.Context(), test.job) {
				if found.Warning && strings.Contains(found.Summary, "Dropped") {
					said += found.Summary
				}
			}
			if said != test.want {
				t.Errorf("the plan says %q, want %q", said, test.want)
			}
		})
	}
}
