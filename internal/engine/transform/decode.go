// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"encoding/base64"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// activation gives an expression the variables it asks for.
type activation struct {
	item *mapValue
	run  Run
}

// ResolveName returns the variable of that name.
func (a activation) ResolveName(name string) (any, bool) {
	switch name {
	case varItem:
		return a.item, true
	case varRunID:
		return types.String(a.run.ID), true
	case varRunStarted:
		return types.Timestamp{Time: a.run.StartedAt.UTC()}, true
	}
	return nil, false
}

// Parent returns nil: there are no other variables.
func (activation) Parent() cel.Activation { return nil }

// decode turns an attribute value into one of CEL: S string, N int, double or number, B bytes, BOOL bool, NULL null, M
// map, L list, and the sets lists that remember what they are.
func decode(value []byte) ref.Val {
	v, err := decodeValue(value)
	if err != nil {
		return types.WrapErr(err)
	}
	return v
}

func decodeValue(value []byte) (ref.Val, error) {
	kind, content, err := item.Content(value)
	if err != nil {
		return nil, err
	}
	switch kind {
	case item.S, item.N, item.B:
		return decodeText(kind, content)
	case item.BOOL:
		return types.Bool(content[0] == 't'), nil
	case item.M:
		fields, err := appendMembers(nil, content)
		return &mapValue{fields: fields}, err
	case item.L:
		return decodeList(content, decodeValue)
	case item.SS, item.NS, item.BS:
		member := kind[:1]
		list, err := decodeList(content, func(quoted []byte) (ref.Val, error) { return decodeText(member, quoted) })
		if err != nil {
			return nil, err
		}
		return setValue{list, value}, nil
	}
	return types.NullValue, nil
}

func decodeList(content []byte, decode func([]byte) (ref.Val, error)) (traits.Lister, error) {
	var elements []ref.Val
	err := item.Elements(content, func(element []byte) error {
		v, err := decode(element)
		elements = append(elements, v)
		return err
	})
	return types.NewRefValList(types.DefaultTypeAdapter, elements), err
}

func decodeText(kind item.Kind, quoted []byte) (ref.Val, error) {
	text, err := item.Unquote(quoted)
	if err != nil {
		return nil, err
	}
	switch kind {
	case item.N:
		return decodeNumber(string(text))
	case item.B:
		raw, err := base64.StdEncoding.DecodeString(string(text))
		return types.Bytes(raw), err
	}
	return types.String(text), nil
}

// decodeNumber makes an int of a whole number of 64 bits, a double of another one that a double holds exactly, and else
// a number, which keeps its digits.
func decodeNumber(text string) (ref.Val, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return types.Int(n), nil
	}
	exact, err := item.Number(text)
	if err != nil {
		return nil, err
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, err
	}
	if n := int64(f); float64(n) == f && f > -1<<53 && f < 1<<53 {
		if same, err := item.Number(strconv.FormatInt(n, 10)); err == nil && same == exact {
			return types.Int(n), nil
		}
	}
	if same, err := item.Number(strconv.FormatFloat(f, 'e', -1, 64)); err == nil && same == exact {
		return types.Double(f), nil
	}
	return number{text: text, exact: exact, near: f}, nil
}
