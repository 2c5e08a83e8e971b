// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// meaning says how to compare two values of an argument that defines a run. The zero value is for an argument without a
// default. What is empty means the same as what is left out; and the type of a value in a filter means what DynamoDB
// makes of it.
type meaning struct {
	// fallback is what the argument stands for when it is left out.
	fallback attr.Value
	// text is what a text means that has several spellings. It is nil if only equal texts mean the same.
	text func(string) any
	// instead is the attribute of the same object that would have this meaning, if there is another one.
	instead string
	// parts are the meanings of an object's attributes, where they have more than the zero value's.
	parts map[string]meaning
}

// same reports whether the values mean the same. A value that is not known never does.
func (m meaning) same(ctx context.Context, a, b attr.Value) bool {
	return known(ctx, a, b) && reflect.DeepEqual(m.of(a), m.of(b))
}

// of is what a known value means, in Go's own types, or nil if it means what leaving it out does.
func (m meaning) of(value attr.Value) any {
	meant := m.written(value)
	if m.fallback != nil && reflect.DeepEqual(meant, m.written(m.fallback)) {
		return nil
	}
	return meant
}

func (m meaning) written(value attr.Value) any {
	if value.IsNull() {
		return nil
	}
	switch value := value.(type) {
	case types.String:
		if m.text != nil {
			return m.text(value.ValueString())
		}
		return value.ValueString()
	case types.Bool:
		return value.ValueBool()
	case types.Float64:
		return value.ValueFloat64()
	case types.Int64:
		return value.ValueInt64()
	case types.Object:
		return m.members(value.Attributes())
	case types.Map:
		return m.members(value.Elements())
	case types.List:
		return m.elements(value.Elements())
	case types.Set: // Terraform gives the members of equal sets in the same order.
		return m.elements(value.Elements())
	case types.Dynamic:
		return filterValues(value)
	}
	panic(fmt.Sprintf("an argument that defines a run is a %T, which has no meaning", value))
}

func (m meaning) members(members map[string]attr.Value) any {
	meant := map[string]any{}
	for name, member := range members {
		if part := m.parts[name].of(member); part != nil {
			meant[cmp.Or(m.parts[name].instead, name)] = part
		}
	}
	if len(meant) == 0 {
		return nil
	}
	return meant
}

func (m meaning) elements(elements []attr.Value) any {
	if len(elements) == 0 {
		return nil
	}
	var meant []any
	for _, element := range elements {
		meant = append(meant, meaning{parts: m.parts}.of(element))
	}
	return meant
}

// filterValues are the values of a filter as DynamoDB gets them: a tuple and a list of the same elements are one L, an
// object and a map one M.
func filterValues(value types.Dynamic) any {
	members, _ := membersOf(value.UnderlyingValue())
	if len(members) == 0 {
		return nil
	}
	meant := map[string]any{}
	for name, member := range members {
		meant[name] = filterValue(member)
	}
	return meant
}

func filterValue(value attr.Value) any {
	converted, err := attributeValue(value)
	if err != nil {
		return value // No plan has accepted it.
	}
	return normal(converted)
}

// valuesInJSON is the meaning of values that are written as DynamoDB JSON.
var valuesInJSON = meaning{instead: "values", text: func(text string) any {
	values, err := filter.ParseValues(text)
	switch {
	case err != nil:
		return text // No plan has accepted it.
	case len(values) == 0:
		return nil
	}
	meant := map[string]any{}
	for name, value := range values {
		meant[name] = normal(value)
	}
	return meant
}}

// normal is the value with one form for each number, and one order for the members of each set.
func normal(value ddbtypes.AttributeValue) ddbtypes.AttributeValue {
	switch value := value.(type) {
	case *ddbtypes.AttributeValueMemberN:
		value.Value = normalNumber(value.Value)
	case *ddbtypes.AttributeValueMemberNS:
		for i, number := range value.Value {
			value.Value[i] = normalNumber(number)
		}
		slices.Sort(value.Value)
	case *ddbtypes.AttributeValueMemberSS:
		slices.Sort(value.Value)
	case *ddbtypes.AttributeValueMemberBS:
		slices.SortFunc(value.Value, bytes.Compare)
	case *ddbtypes.AttributeValueMemberL:
		for _, element := range value.Value {
			normal(element)
		}
	case *ddbtypes.AttributeValueMemberM:
		for _, member := range value.Value {
			normal(member)
		}
	}
	return value
}

func normalNumber(text string) string {
	if number, err := item.Number(text); err == nil {
		return number
	}
	return text // No plan has accepted it.
}

// aTime is the meaning of a time, or of a word for one: 08:00:00Z is 09:00:00+01:00.
var aTime = meaning{text: func(text string) any {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC().Format(time.RFC3339Nano)
	}
	return text
}}

// aDuration is the meaning of a duration: 60m is 1h.
var aDuration = meaning{text: func(text string) any {
	if d, err := time.ParseDuration(text); err == nil {
		return d.String()
	}
	return text
}}

// aRole is the meaning of a role to assume.
var aRole = meaning{parts: map[string]meaning{"duration": aDuration}}
