// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

const (
	// maxValueBytes is the longest value that an expression may make, as JSON. DynamoDB counts two bytes for an element
	// that takes fifteen here, {"BOOL":false}, so no item that it takes holds a longer one ("Item sizes and formats").
	maxValueBytes = 8 * maxItemBytes
	// maxMadeBytes is how much all steps may make for one item. Steps that replace the same large value add up.
	maxMadeBytes = 4 * maxValueBytes
)

// Errors of appendValue, worded to follow a colon.
var (
	errTooLong = errors.New("it is longer than an item can be")
	errNoType  = errors.New("it has a type that DynamoDB does not have")
	errKeyText = errors.New("it is a map with a key that is no text")
	errNaN     = errors.New("it is a number that is infinite, or none at all")
)

// appendValue appends an attribute value that holds v: the reverse of decode. Timestamps become texts as in RFC 3339.
// It stops soon after dst is longer than limit, so that a list of a thousand large texts is not made first.
func appendValue(dst []byte, v ref.Val, limit int) ([]byte, error) {
	if len(dst) > limit {
		return nil, errTooLong
	}
	switch v := v.(type) {
	case types.String:
		dst = item.AppendText(append(dst, `{"S":`...), string(v))
	case types.Int:
		dst = strconv.AppendInt(append(dst, `{"N":"`...), int64(v), 10)
		dst = append(dst, '"')
	case types.Uint:
		dst = strconv.AppendUint(append(dst, `{"N":"`...), uint64(v), 10)
		dst = append(dst, '"')
	case types.Double:
		return appendDouble(dst, float64(v))
	case number:
		dst = item.AppendText(append(dst, `{"N":`...), v.text)
	case types.Bool:
		dst = strconv.AppendBool(append(dst, `{"BOOL":`...), bool(v))
	case types.Null:
		dst = append(dst, `{"NULL":true`...)
	case types.Bytes:
		dst = base64.StdEncoding.AppendEncode(append(dst, `{"B":"`...), v)
		dst = append(dst, '"')
	case types.Timestamp:
		dst = item.AppendText(append(dst, `{"S":`...), v.UTC().Format(time.RFC3339Nano))
	case setValue:
		return append(dst, v.raw...), nil
	case *mapValue:
		dst = appendObject(append(dst, `{"M":`...), v.fields)
	case traits.Lister:
		return appendList(dst, v, limit)
	case traits.Mapper:
		return appendMap(dst, v, limit)
	default:
		return nil, errNoType
	}
	return append(dst, '}'), nil
}

func appendDouble(dst []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errNaN
	}
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	text := strconv.FormatFloat(f, format, -1, 64)
	if _, err := item.Number(text); err != nil {
		return nil, err
	}
	return append(item.AppendText(append(dst, `{"N":`...), text), '}'), nil
}

func appendList(dst []byte, list traits.Lister, limit int) (_ []byte, err error) {
	dst = append(dst, `{"L":[`...)
	for i, elements := 0, list.Iterator(); elements.HasNext() == types.True; i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, elements.Next(), limit); err != nil {
			return nil, err
		}
	}
	return append(dst, "]}"...), nil
}

// appendMap writes the members in the order of their names, so that equal values have equal bytes.
func appendMap(dst []byte, m traits.Mapper, limit int) (_ []byte, err error) {
	var names []types.String
	for keys := m.Iterator(); keys.HasNext() == types.True; {
		name, ok := keys.Next().(types.String)
		if !ok {
			return nil, errKeyText
		}
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b types.String) int { return strings.Compare(string(a), string(b)) })
	dst = append(dst, `{"M":{`...)
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(item.AppendText(dst, string(name)), ':')
		if dst, err = appendValue(dst, m.Get(name), limit); err != nil {
			return nil, err
		}
	}
	return append(dst, "}}"...), nil
}
