// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"errors"
	"math/big"
	"reflect"
	"strconv"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// errNative is the error for what no expression asks for: its values as Go has them.
var errNative = errors.New("the value has no form in Go")

// mapValue is an item, or a map in it, as CEL sees it. A member is decoded when it is first read, and kept for as long
// as the expression is evaluated: one that mentions a large text a thousand times takes no more memory than one that
// mentions it once.
type mapValue struct {
	fields  []field
	decoded []ref.Val // By the field's place; nil until the first member is read.
}

// at is the decoded value of the i-th member.
func (m *mapValue) at(i int) ref.Val {
	if m.decoded == nil {
		m.decoded = make([]ref.Val, len(m.fields))
	}
	if m.decoded[i] == nil {
		m.decoded[i] = decode(m.fields[i].value)
	}
	return m.decoded[i]
}

var _ traits.Mapper = (*mapValue)(nil)

// Find returns the member called key.
func (m *mapValue) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(key), false
	}
	for i := range m.fields {
		if string(m.fields[i].name) == string(name) {
			return m.at(i), true
		}
	}
	return nil, false
}

// Get returns the member called key, or an error value.
func (m *mapValue) Get(key ref.Val) ref.Val {
	v, found := m.Find(key)
	if !found {
		return types.ValOrErr(v, "no such key: %v", key)
	}
	return v
}

// Contains reports whether there is a member called key.
func (m *mapValue) Contains(key ref.Val) ref.Val {
	v, found := m.Find(key)
	if v != nil && types.IsUnknownOrError(v) {
		return v
	}
	return types.Bool(found)
}

// Size is the number of members.
func (m *mapValue) Size() ref.Val { return types.Int(len(m.fields)) }

// Iterator goes through the names of the members.
func (m *mapValue) Iterator() traits.Iterator {
	names := make([]ref.Val, len(m.fields))
	for i, f := range m.fields {
		names[i] = types.String(f.name)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, names).Iterator()
}

// Equal reports whether other is a map with equal members.
func (m *mapValue) Equal(other ref.Val) ref.Val {
	o, ok := other.(traits.Mapper)
	if !ok || o.Size() != m.Size() {
		return types.False
	}
	for i, f := range m.fields {
		theirs, found := o.Find(types.String(f.name))
		if !found || types.Equal(m.at(i), theirs) != types.True {
			return types.False
		}
	}
	return types.True
}

// ConvertToType knows maps only.
func (m *mapValue) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.MapType:
		return m
	case types.TypeType:
		return types.MapType
	}
	return types.NewErrFromString("no such overload")
}

// ConvertToNative is not needed.
func (m *mapValue) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// Type is a map's.
func (m *mapValue) Type() ref.Type { return types.MapType }

// Value returns the map itself.
func (m *mapValue) Value() any { return m }

// setValue is a set, which CEL does not have: a list that is written back as it was, as long as no function makes
// another list of it.
type setValue struct {
	traits.Lister
	raw []byte
}

// number is a number that neither an int nor a double holds with all its digits. It can be stored, compared with other
// numbers on its right, and converted with string() and double(); CEL's arithmetic would lose digits in silence, so it
// does not take it.
type number struct {
	text  string
	exact string // Equal for equal numbers.
	near  float64
}

var numberType = types.NewObjectType("dynamodb.Number", traits.ComparerType)

// Compare orders the number and another one.
func (n number) Compare(other ref.Val) ref.Val {
	one, o := rational(n), rational(other)
	if one == nil || o == nil {
		return types.Double(n.near).Compare(other) // With one that is infinite, with none at all, or with no number.
	}
	return types.Int(one.Cmp(o))
}

// Equal reports whether other is the same number.
func (n number) Equal(other ref.Val) ref.Val {
	if o, ok := other.(number); ok {
		return types.Bool(o.exact == n.exact)
	}
	one, o := rational(n), rational(other)
	return types.Bool(one != nil && o != nil && one.Cmp(o) == 0)
}

// rational is the exact value, nil if v has none. That of a double is what its shortest decimal says, which is how it
// is read and written.
func rational(v ref.Val) *big.Rat {
	text := ""
	switch v := v.(type) {
	case number:
		text = v.text
	case types.Int:
		return new(big.Rat).SetInt64(int64(v))
	case types.Uint:
		return new(big.Rat).SetUint64(uint64(v))
	case types.Double:
		text = strconv.FormatFloat(float64(v), 'e', -1, 64)
	}
	exact, _ := new(big.Rat).SetString(text)
	return exact
}

// ConvertToType makes a string with all digits, or the nearest double.
func (n number) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.StringType:
		return types.String(n.text)
	case types.TypeType:
		return numberType
	}
	return types.Double(n.near).ConvertToType(t)
}

// ConvertToNative is not needed.
func (n number) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// Type returns the type of numbers that have more digits than CEL's own.
func (n number) Type() ref.Type { return numberType }

// Value returns the number itself.
func (n number) Value() any { return n }
