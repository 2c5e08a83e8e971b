// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// unseenChange warns of a filter value that becomes a set, or is one no longer. It means something else to DynamoDB, so
// the resource is replaced; but Terraform shows lists and sets alike, and its plan gives no reason.
type unseenChange struct{}

func (unseenChange) Description(context.Context) string {
	return "Warns of a change that Terraform does not show."
}

func (u unseenChange) MarkdownDescription(ctx context.Context) string { return u.Description(ctx) }

func (unseenChange) PlanModifyDynamic(
	ctx context.Context,
	req planmodifier.DynamicRequest,
	resp *planmodifier.DynamicResponse,
) {
	if req.StateValue.IsNull() || !known(ctx, req.StateValue, req.PlanValue) {
		return
	}
	was, _ := membersOf(req.StateValue.UnderlyingValue())
	is, _ := membersOf(req.PlanValue.UnderlyingValue())
	for name, value := range is {
		if old, isOld := was[name]; isOld && reflect.DeepEqual(shown(old), shown(value)) &&
			!reflect.DeepEqual(filterValue(old), filterValue(value)) {
			// The placeholder is not named, since it may be sensitive.
			resp.Diagnostics.AddAttributeWarning(req.Path, "Filter Value Changes Its Type", "A value of the filter, or a "+
				"part of it, was a list and is a set now, or the other way round. "+
				"That is another value for DynamoDB, so a new run starts. Terraform's plan does not show the change: it prints "+
				"lists and sets alike.\n\n"+
				"If it is not meant, write toset([...]) for a set and [...] for a list.")
			return
		}
	}
}

// shown is what Terraform shows of a value: not whether it is a list, a tuple or a set, nor whether it is an object or
// a map.
func shown(value attr.Value) any {
	if value.IsNull() {
		return nil
	}
	all := func(values []attr.Value) []any {
		seen := make([]any, 0, len(values))
		for _, v := range values {
			seen = append(seen, shown(v))
		}
		return seen
	}
	switch value := value.(type) {
	case types.Dynamic:
		return shown(value.UnderlyingValue())
	case types.Number:
		return value.ValueBigFloat().Text('g', configDigits)
	case types.List:
		return all(value.Elements())
	case types.Tuple:
		return all(value.Elements())
	case types.Set:
		return all(value.Elements())
	}
	members, isObject := membersOf(value)
	if !isObject {
		return value.String()
	}
	seen := map[string]any{}
	for name, member := range members {
		seen[name] = shown(member)
	}
	return seen
}
