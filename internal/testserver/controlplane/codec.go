// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/aws/smithy-go"
)

// The SDK's own types have the names of the JSON protocol, so they are what requests are read into and answers written
// from. The two differ from encoding/json in what AWS does: names are exact, unknown ones are refused, times are
// seconds since 1970, and what is not set is left out.

// decode reads a request into the SDK's input. It refuses members that the input does not have: a description that is
// sent as a request, for instance.
func decode(body []byte, input any) error {
	var document any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return serialization("not JSON: %v", err)
	}
	return decodeValue(document, reflect.ValueOf(input).Elem(), "")
}

func serialization(format string, arguments ...any) error {
	return &smithy.GenericAPIError{Code: "SerializationException", Message: fmt.Sprintf(format, arguments...)}
}

var timeType = reflect.TypeFor[time.Time]()

func decodeValue(document any, into reflect.Value, path string) error {
	switch {
	case document == nil:
		return nil
	case into.Kind() == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return decodeValue(document, into.Elem(), path)
	case into.Type() == timeType:
		return decodeTime(document, into, path)
	}
	switch value := document.(type) {
	case map[string]any:
		return decodeObject(value, into, path)
	case []any:
		return decodeList(value, into, path)
	case string:
		if into.Kind() == reflect.String {
			into.SetString(value)
			return nil
		}
	case bool:
		if into.Kind() == reflect.Bool {
			into.SetBool(value)
			return nil
		}
	case json.Number:
		return decodeNumber(value, into, path)
	}
	return wrongType(document, path)
}

func wrongType(document any, path string) error { return serialization("%T at %s", document, path) }

func decodeObject(object map[string]any, into reflect.Value, path string) error {
	switch into.Kind() {
	case reflect.Map:
		into.Set(reflect.MakeMapWithSize(into.Type(), len(object)))
		for name, member := range object {
			value := reflect.New(into.Type().Elem()).Elem()
			if err := decodeValue(member, value, path+"."+name); err != nil {
				return err
			}
			into.SetMapIndex(reflect.ValueOf(name), value)
		}
		return nil
	case reflect.Struct:
		for name, member := range object {
			field, ok := into.Type().FieldByName(name)
			if !ok || !field.IsExported() {
				return serialization("unknown member %s.%s", path, name)
			}
			if err := decodeValue(member, into.FieldByIndex(field.Index), path+"."+name); err != nil {
				return err
			}
		}
		return nil
	}
	return wrongType(object, path)
}

func decodeList(list []any, into reflect.Value, path string) error {
	if into.Kind() != reflect.Slice {
		return wrongType(list, path)
	}
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, member := range list {
		if err := decodeValue(member, into.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeNumber(number json.Number, into reflect.Value, path string) error {
	switch {
	case into.CanInt():
		value, err := number.Int64()
		if err != nil || into.OverflowInt(value) {
			return wrongType(number, path)
		}
		into.SetInt(value)
	case into.CanFloat():
		value, err := number.Float64()
		if err != nil {
			return wrongType(number, path)
		}
		into.SetFloat(value)
	default:
		return wrongType(number, path)
	}
	return nil
}

func decodeTime(document any, into reflect.Value, path string) error {
	number, ok := document.(json.Number)
	if !ok {
		return wrongType(document, path)
	}
	seconds, err := number.Float64()
	if err != nil {
		return wrongType(document, path)
	}
	into.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
	return nil
}

// encode returns the JSON of an SDK's output, or of an input that goes on to DynamoDB Local.
func encode(output any) ([]byte, error) { return json.Marshal(document(reflect.ValueOf(output))) }

// document turns an SDK's type into maps, lists and plain values.
func document(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Pointer:
		return document(value.Elem())
	case reflect.Struct:
		if at, ok := value.Interface().(time.Time); ok {
			return float64(at.UnixMilli()) / 1000
		}
		object := map[string]any{}
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if field.IsExported() && field.Name != "ResultMetadata" && !unset(value.Field(i)) {
				object[field.Name] = document(value.Field(i))
			}
		}
		return object
	case reflect.Slice:
		list := make([]any, value.Len())
		for i := range list {
			list[i] = document(value.Index(i))
		}
		return list
	default:
		return value.Interface()
	}
}

// unset reports whether a member is left out: no pointer, list or map, or an empty enumeration.
func unset(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return value.IsNil()
	case reflect.String:
		return value.Len() == 0
	default:
		return false
	}
}

// copyOf returns a deep copy, so that an answer and what the server keeps share nothing. It is exact to the
// millisecond.
func copyOf[T any](value T) T {
	return convert[T](value)
}

// convert returns what the members of one SDK type that another one has too say there. Those types are DynamoDB's
// descriptions and the specifications they come from.
func convert[To any](from any) To {
	var to To
	if value := reflect.ValueOf(from); value.IsValid() && !unset(value) {
		project(value, reflect.ValueOf(&to).Elem())
	}
	return to
}

func project(from, to reflect.Value) {
	switch {
	case from.Kind() == reflect.Pointer:
		if !from.IsNil() {
			if to.Kind() == reflect.Pointer {
				to.Set(reflect.New(to.Type().Elem()))
				to = to.Elem()
			}
			project(from.Elem(), to)
		}
	case to.Kind() == reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		project(from, to.Elem())
	case from.Kind() == reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				project(from.Index(i), to.Index(i))
			}
		}
	case from.Kind() == reflect.Struct && from.Type() != timeType:
		for i := range from.NumField() {
			field := from.Type().Field(i)
			target := to.FieldByName(field.Name)
			if field.IsExported() && target.IsValid() {
				project(from.Field(i), target)
			}
		}
	default:
		to.Set(from.Convert(to.Type()))
	}
}
