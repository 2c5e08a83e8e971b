// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// s, n and b make attribute values.
func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
func b(v string) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte(v)} }

func list(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func object(v item) types.AttributeValue { return &types.AttributeValueMemberM{Value: v} }

// orders makes count items with the key id, of which every third is open.
func orders(count int) []item {
	items := make([]item, count)
	for i := range items {
		status := "CLOSED"
		if i%3 == 0 {
			status = "OPEN"
		}
		items[i] = item{"id": s(fmt.Sprintf("order-%05d", i)), "status": s(status), "amount": n(fmt.Sprint(i))}
	}
	return items
}

// chosen are the items that pass.
func chosen(items []item, pass func(item) bool) []item {
	var kept []item
	for _, i := range items {
		if pass(i) {
			kept = append(kept, i)
		}
	}
	return kept
}

func isOpen(i item) bool { return reflect.DeepEqual(i["status"], s("OPEN")) }

// equal compares what two tables hold, item by item, whatever the order. Numbers are compared by value, sets without order.
func equal(t *testing.T, got, want []item, key ...string) {
	t.Helper()
	gotByKey, wantByKey := byKey(t, got, key), byKey(t, want, key)
	for k, w := range wantByKey {
		if g, ok := gotByKey[k]; !ok {
			t.Errorf("item %.80s is missing", k)
		} else if !reflect.DeepEqual(g, w) {
			t.Errorf("item %.80s differs:\n got %.2000v\nwant %.2000v", k, g, w)
		}
	}
	for k := range gotByKey {
		if _, ok := wantByKey[k]; !ok {
			t.Errorf("item %.80s should not be there", k)
		}
	}
}

func byKey(t *testing.T, items []item, key []string) map[string]any {
	t.Helper()
	found := make(map[string]any, len(items))
	for _, i := range items {
		var k strings.Builder
		for _, name := range key {
			fmt.Fprintf(&k, "%s=%v ", name, canonical(t, i[name]))
		}
		if _, ok := found[k.String()]; ok {
			t.Fatalf("item %.80s is there twice", k.String())
		}
		found[k.String()] = canonical(t, object(i))
	}
	return found
}

// canonical is a value in a form in which equal ones are deeply equal.
func canonical(t *testing.T, v types.AttributeValue) any {
	t.Helper()
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return "S:" + v.Value
	case *types.AttributeValueMemberN:
		return "N:" + number(t, v.Value)
	case *types.AttributeValueMemberB:
		return "B:" + hex.EncodeToString(v.Value)
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberNULL:
		return nil
	case *types.AttributeValueMemberSS:
		return set("SS:", v.Value, func(e string) string { return e })
	case *types.AttributeValueMemberNS:
		return set("NS:", v.Value, func(e string) string { return number(t, e) })
	case *types.AttributeValueMemberBS:
		return set("BS:", v.Value, func(e []byte) string { return hex.EncodeToString(e) })
	case *types.AttributeValueMemberL:
		elements := make([]any, len(v.Value))
		for i, e := range v.Value {
			elements[i] = canonical(t, e)
		}
		return elements
	case *types.AttributeValueMemberM:
		members := make(map[string]any, len(v.Value))
		for name, e := range v.Value {
			members[name] = canonical(t, e)
		}
		return members
	}
	t.Fatalf("attribute value of type %T", v)
	return nil
}

func set[E any](kind string, elements []E, text func(E) string) []string {
	sorted := []string{kind}
	for _, e := range elements {
		sorted = append(sorted, text(e))
	}
	slices.Sort(sorted[1:])
	return sorted
}

func number(t *testing.T, text string) string {
	t.Helper()
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is not a number", text)
	}
	return value.RatString()
}
