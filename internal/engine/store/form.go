// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// FormError reports that a line, or a whole text, does not hold items, one a line.
type FormError struct {
	// Is says what it is, in words that follow "it is". Do says how to turn it into items.
	Is, Do string
}

func (e *FormError) Error() string { return "it is " + e.Is }

// form is how the items of a text are written.
type form int

// The forms. The first item that has attributes decides for its text.
const (
	undecided form = iota
	plainJSON
	dynamoDBJSON
)

// fromDynamoDB returns the item of a line of DynamoDB JSON, taken out of {"Item": ...} if it stands in one.
func fromDynamoDB(line []byte) ([]byte, error) {
	var inner []byte
	others := 0
	err := item.Members(line, func(quoted, value []byte) error {
		name, err := item.Unquote(quoted)
		switch string(name) {
		case "Item":
			if inner != nil {
				return fmt.Errorf("%q: %w", name, item.ErrTwice)
			}
			inner = value
		case "Step", "Error": // Of a file of refused items.
		default:
			others++
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if others == 0 && inner != nil {
		if _, err := item.End(inner, 0); err == nil {
			return inner, nil
		}
	}
	if _, err := item.End(line, 0); err != nil {
		return nil, err
	}
	return line, nil
}

// fields are the members of a JSON object.
type fields []field

type field struct {
	name  string
	value []byte
}

func fieldsOf(object []byte) fields {
	var all fields
	_ = item.Members(object, func(quoted, value []byte) error { // Of what is no object there are none.
		name, err := item.Unquote(quoted)
		all = append(all, field{string(name), value})
		return err
	})
	return all
}

// get returns the value of that name, nil if there is none.
func (f fields) get(name string) []byte {
	for _, field := range f {
		if field.name == name {
			return field.value
		}
	}
	return nil
}

// only reports whether the object has members, and none but these.
func (f fields) only(names ...string) bool {
	return len(f) > 0 && !slices.ContainsFunc(f, func(field field) bool { return !slices.Contains(names, field.name) })
}

// object returns the members of the object of that name; of something else there are none.
func (f fields) object(name string) fields { return fieldsOf(f.get(name)) }

// notPlain says what a JSON object is if it is neither a plain item nor DynamoDB JSON. Taken for plain JSON it would be
// encoded a second time, unnoticed. An object is plain if it has the attributes of the key as strings or numbers.
// Without a known key, it is plain if it is none of the answers, requests and records of DynamoDB's API, and fewer than
// half of its attributes are values of DynamoDB JSON.
func notPlain(line []byte, key []item.KeyAttribute) error {
	all := fieldsOf(line)
	if len(key) > 0 && !slices.ContainsFunc(key, func(a item.KeyAttribute) bool { return !isScalar(all.get(a.Name)) }) {
		return nil
	}
	if err := wrapped(all); err != nil {
		return err
	}
	typed, valid := 0, 0
	for _, attribute := range all {
		if kind, _, ok := typeOf(attribute.value); ok {
			typed++
			if item.IsKind(kind) {
				valid++
			}
		}
	}
	switch {
	case len(all) == 0:
		return nil
	case typed == len(all):
		return malformed(line, all)
	case 2*valid >= len(all) && len(key) == 0:
		return &FormError{
			Is: "neither plain JSON nor DynamoDB JSON: some attributes are objects that name a type, such as {\"S\": ...}, " +
				"and others are not",
			Do: "Write every attribute of the item with its type, or none. A plain attribute that is an object with one " +
				"member called S, N or another type is written with its type, as {\"M\": {\"S\": {...}}}, and so are the others " +
				"then.",
		}
	}
	return nil
}

// isScalar reports whether the value is there and is a string, a number, a truth value or null.
func isScalar(value []byte) bool { return len(value) > 0 && value[0] != '{' && value[0] != '[' }

// typeOf returns the only member of an object that looks like an attribute value. Its name is that of a type, in either
// case.
func typeOf(value []byte) (kind string, content []byte, ok bool) {
	members := fieldsOf(value)
	if len(members) != 1 || !item.IsKind(strings.ToUpper(members[0].name)) {
		return "", nil, false
	}
	return members[0].name, members[0].value, true
}

// allTyped reports whether every member of the object looks like an attribute value.
func (f fields) allTyped() bool {
	return len(f) > 0 && !slices.ContainsFunc(f, func(field field) bool { _, _, ok := typeOf(field.value); return !ok })
}

// malformed says what keeps a line whose attributes all name a type from being DynamoDB JSON.
func malformed(line []byte, all fields) error {
	const do = "Correct it as DynamoDB JSON, or write plain JSON, without types. "
	for _, attribute := range all {
		kind, content, _ := typeOf(attribute.value)
		if fault := typeFault(kind, content); fault != "" {
			return &FormError{Is: fmt.Sprintf("DynamoDB JSON with a fault in attribute %q: %s", attribute.name, fault), Do: do}
		}
	}
	if _, err := item.End(line, 0); err != nil {
		return fmt.Errorf("it is DynamoDB JSON with a fault: %w", err)
	}
	return &FormError{Is: "DynamoDB JSON, and the first item is plain JSON", Do: "Write all items in one of the two " +
		"forms."}
}

// typeFault says what is wrong with the type or the content of an attribute value, empty if nothing is.
func typeFault(kind string, content []byte) string {
	if !item.IsKind(kind) {
		return fmt.Sprintf("the type is written %s, not %s", strings.ToUpper(kind), kind)
	}
	opening, want := `"`, "a string in quotes, as in {\""+kind+"\": \"1\"}"
	switch item.Kind(kind) {
	case item.BOOL, item.NULL:
		opening, want = "tf", "true or false, without quotes"
	case item.M:
		opening, want = "{", "an object of attribute values"
	case item.L, item.SS, item.NS, item.BS:
		opening, want = "[", "an array"
	}
	if !strings.Contains(opening, string(content[:1])) {
		return fmt.Sprintf("the content of type %s is %s", kind, want)
	}
	return ""
}

// wrapped names the answers, requests and records of DynamoDB and of its tools that items stand in ("GetItem", "Scan",
// "BatchGetItem", "BatchWriteItem" in the API Reference; "DynamoDB table export output format"; "Record" of DynamoDB
// Streams).
func wrapped(all fields) error {
	inner := all.object("Item")
	switch {
	case len(inner) > 0 && all.only("Item", "Step", "Error"):
		if !inner.allTyped() {
			return &FormError{Is: "plain JSON in an Item", Do: jq(".Item")}
		}
		return malformed(all.get("Item"), inner)
	case inner.allTyped():
		return &FormError{Is: "an Item in DynamoDB JSON, with other members beside it", Do: jq("{Item}")}
	case all.only("PutRequest") && len(all.object("PutRequest")) > 0:
		return &FormError{Is: "a PutRequest, as BatchWriteItem takes it", Do: jq(".PutRequest.Item")}
	case all.only("DeleteRequest") && len(all.object("DeleteRequest")) > 0:
		return &FormError{
			Is: "a DeleteRequest, as BatchWriteItem takes it, which holds no item",
			Do: "Leave it out: a copy does not delete.",
		}
	case all.only("RequestItems") && len(all.object("RequestItems")) > 0:
		return &FormError{Is: "a request to BatchWriteItem", Do: jq(".RequestItems[][].PutRequest.Item")}
	case len(all) == 1 && fieldsOf(firstOf(all[0].value)).only("PutRequest", "DeleteRequest"):
		return &FormError{Is: "a request to BatchWriteItem", Do: jq(".[][].PutRequest.Item")}
	case all.only("Items", "Count", "ScannedCount", "ConsumedCapacity", "LastEvaluatedKey", "NextToken") && len(fieldsOf(firstOf(all.get("Items")))) > 0:
		return &FormError{Is: "an answer of Scan or Query with all of its Items", Do: jq(".Items[]")}
	case all.only("Responses", "UnprocessedKeys", "ConsumedCapacity") && len(all.object("Responses")) > 0:
		return &FormError{Is: "an answer of BatchGetItem", Do: jq(".Responses[][]")}
	case all.only("Metadata", "Keys", "NewImage", "OldImage") && (len(all.object("Keys")) > 0 || len(all.object("NewImage")) > 0):
		return &FormError{
			Is: "a line of an incremental export, which holds changes rather than items",
			Do: "Make a full export, or take the items as they were after the change, if no change was a deletion and none " +
				"came twice: " + jq(".NewImage // empty"),
		}
	case len(all.object("dynamodb").object("Keys")) > 0:
		return &FormError{
			Is: "a record of DynamoDB Streams, which holds a change rather than an item",
			Do: "Give a file of items.",
		}
	}
	return nil
}

// firstOf returns the first element of a JSON array; of something else there is none.
func firstOf(array []byte) []byte {
	var first []byte
	_ = item.Elements(array, func(value []byte) error {
		if first == nil {
			first = value
		}
		return nil
	})
	return first
}

// jq is a command that extracts the items of a text.
func jq(filter string) string {
	return fmt.Sprintf("Convert it, for example with jq -c '%s' FILE > items.jsonl, which writes one item on each "+
		"line.", filter)
}
