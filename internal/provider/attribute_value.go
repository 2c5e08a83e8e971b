// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// attributeValues converts an object or map of HCL values, whose keys begin with ":", to DynamoDB values. Strings
// become S, numbers N with all their digits, bools BOOL, null NULL, lists and tuples L, maps and objects M, sets of
// strings SS and sets of numbers NS. There are none if v is null or empty. A value that is not known yet, in whole or
// in part, is left out. err says in sentences what is wrong with which keys, and never holds a value.
func attributeValues(v types.Dynamic) (values map[string]ddbtypes.AttributeValue, err error) {
	if v.IsUnknown() || v.IsUnderlyingValueUnknown() || v.IsNull() || v.IsUnderlyingValueNull() {
		return nil, nil
	}
	members, isObject := membersOf(v.UnderlyingValue())
	var wrong []string
	if !isObject {
		wrong = append(wrong, `The values must be an object, such as { ":open" = "OPEN" }.`)
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if !strings.HasPrefix(key, ":") {
			wrong = append(wrong, fmt.Sprintf("The key %q does not begin with a colon: write %q.", key, ":"+key))
			continue
		}
		value, fault := attributeValue(members[key])
		switch {
		case errors.Is(fault, errUnknown):
		case fault != nil:
			wrong = append(wrong, fmt.Sprintf("The value of %q has %v.", key, fault))
		case values == nil:
			values = map[string]ddbtypes.AttributeValue{key: value}
		default:
			values[key] = value
		}
	}
	if len(wrong) > 0 {
		err = errors.New(strings.Join(wrong, "\n"))
	}
	return values, err
}

// Errors of attributeValue. All but the first are worded to follow "has".
var (
	errUnknown    = errors.New("not known yet")
	errEmptySet   = errors.New("an empty set, which DynamoDB cannot hold: leave it out, or use a list")
	errSetElement = errors.New("a set of something other than strings or numbers, which DynamoDB cannot hold: use a list")
	errType       = errors.New("a part of a type that DynamoDB does not have")
)

// membersOf returns what an object or a map holds.
func membersOf(v attr.Value) (members map[string]attr.Value, isObject bool) {
	switch v := v.(type) {
	case types.Object:
		return v.Attributes(), true
	case types.Map:
		return v.Elements(), true
	}
	return nil, false
}

// attributeValue converts one value. A mistake counts more than a part that is not known yet.
func attributeValue(v attr.Value) (ddbtypes.AttributeValue, error) {
	switch {
	case v.IsUnknown():
		return nil, errUnknown
	case v.IsNull():
		return &ddbtypes.AttributeValueMemberNULL{Value: true}, nil
	}
	switch v := v.(type) {
	case types.Dynamic:
		return attributeValue(v.UnderlyingValue())
	case types.String:
		return &ddbtypes.AttributeValueMemberS{Value: v.ValueString()}, nil
	case types.Number:
		text, err := numberText(v.ValueBigFloat())
		return &ddbtypes.AttributeValueMemberN{Value: text}, err
	case types.Bool:
		return &ddbtypes.AttributeValueMemberBOOL{Value: v.ValueBool()}, nil
	case types.List:
		return listValue(v.Elements())
	case types.Tuple:
		return listValue(v.Elements())
	case types.Set:
		return setValue(v.Elements())
	}
	if members, isObject := membersOf(v); isObject {
		return mapValue(members)
	}
	return nil, errType
}

func listValue(elements []attr.Value) (ddbtypes.AttributeValue, error) {
	list := make([]ddbtypes.AttributeValue, 0, len(elements))
	var firstErr error
	for _, element := range elements {
		value, err := attributeValue(element)
		firstErr = worse(firstErr, err)
		list = append(list, value)
	}
	return &ddbtypes.AttributeValueMemberL{Value: list}, firstErr
}

func mapValue(members map[string]attr.Value) (ddbtypes.AttributeValue, error) {
	m := make(map[string]ddbtypes.AttributeValue, len(members))
	var firstErr error
	for _, key := range slices.Sorted(maps.Keys(members)) {
		value, err := attributeValue(members[key])
		firstErr = worse(firstErr, err)
		m[key] = value
	}
	return &ddbtypes.AttributeValueMemberM{Value: m}, firstErr
}

func setValue(elements []attr.Value) (ddbtypes.AttributeValue, error) {
	if len(elements) == 0 {
		return nil, errEmptySet
	}
	var texts, numbers []string
	var firstErr error
	for _, element := range elements {
		value, err := attributeValue(element)
		firstErr = worse(firstErr, err)
		switch value := value.(type) {
		case *ddbtypes.AttributeValueMemberS:
			texts = append(texts, value.Value)
		case *ddbtypes.AttributeValueMemberN:
			numbers = append(numbers, value.Value)
		}
	}
	switch {
	case firstErr != nil:
		return nil, firstErr
	case len(texts) == len(elements):
		return &ddbtypes.AttributeValueMemberSS{Value: texts}, nil
	case len(numbers) == len(elements):
		return &ddbtypes.AttributeValueMemberNS{Value: numbers}, nil
	}
	return nil, errSetElement
}

// worse returns the error to keep: the first, unless it is only that something is not known yet.
func worse(first, second error) error {
	if first == nil || second != nil && errors.Is(first, errUnknown) {
		return second
	}
	return first
}

const (
	// configDigits are the decimal digits that survive in HCL, which computes with 512 bits: about 154. The last few are
	// left out, because arithmetic such as 0.1 + 0.2 is not exact there.
	configDigits = 150
	// maxBinaryExponent is beyond every DynamoDB number: 1E+126 is about 2^419, and 1E-130 about 2^-432.
	maxBinaryExponent = 500
)

// numberText prints a number with all of its digits and no exponent. It refuses what DynamoDB cannot hold
// ("Supported data types and naming rules in Amazon DynamoDB", number).
func numberText(n *big.Float) (string, error) {
	if exponent := n.MantExp(nil); n.IsInf() || exponent > maxBinaryExponent || exponent < -maxBinaryExponent {
		return "", item.ErrNumberRange
	}
	// The shortest text of a number is only right at the precision at which it was read, and Terraform sends some numbers
	// with 53 bits: 2^70 would lose digits.
	exact, _, err := big.ParseFloat(n.Text('e', configDigits-1), 10, 512, big.ToNearestEven)
	if err != nil {
		return "", err
	}
	text := exact.Text('f', -1)
	_, err = item.Number(text)
	return text, err
}
