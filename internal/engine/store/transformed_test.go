// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// A run that ends does not wait until a page is transformed.
func TestTransformedCancelled(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "items.jsonl")
	if err := os.WriteFile(file, []byte(`{"id":{"S":"1"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := store.OpenJSONLines(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	program, _ := transform.Compile([]transform.Step{{Remove: []string{"x"}}}, transform.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Transform(source, program).Read(ctx, store.Segment{Total: 1}, nil, new(store.Page)); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v", err)
	}
}

// A transformed source gives what the steps make of the items, and says what became of the others; a page that is used again
// shows nothing of what it held.
func TestTransformed(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 100 {
		_, _ = fmt.Fprintf(&lines, `{"id":{"S":"%d"},"n":{"N":"%d"},"name":{"S":"planted"}}`+"\n", i, i%4)
	}
	file := filepath.Join(t.TempDir(), "items.jsonl")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(steps ...transform.Step) *store.Transformed {
		t.Helper()
		source, err := store.OpenJSONLines(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = source.Close() })
		program, problems := transform.Compile(steps, transform.Options{})
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		return store.Transform(source, program)
	}
	drop := "item.n == 3"
	steps := []transform.Step{
		{DropIf: &drop}, {Set: map[string]string{"run": "run.id", "half": "12 / item.n"}}, {Keep: []string{"id", "run", "half"}},
	}
	var page store.Page
	for _, run := range []string{"one", "two"} {
		source := open(steps...)
		source.Begin(transform.Run{ID: run}, item.Keys{Table: []item.KeyAttribute{{Name: "id", Type: item.S}}})
		if err := source.Read(t.Context(), store.Segment{Total: 1}, nil, &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Items) != 50 || page.Dropped != 25 || len(page.Refused) != 25 || page.Next != nil {
			t.Fatalf("%d items, %d dropped, %d refused, next %s", len(page.Items), page.Dropped, len(page.Refused), page.Next)
		}
		if got, want := string(page.Items[1]), `{"id":{"S":"2"},"half":{"N":"6"},"run":{"S":"`+run+`"}}`; got != want {
			t.Errorf("an item is %s, want %s", got, want)
		}
		refused := page.Refused[1]
		var fault *transform.Error
		var at *store.ItemError
		if !errors.As(refused.Err, &fault) || fault.Attribute != `transform[1].set["half"]` || !errors.As(refused.Err, &at) || at.Where != "line 5 of "+file {
			t.Errorf("the item is refused for %v", refused.Err)
		}
		if got, want := string(refused.Item), `{"id":{"S":"4"},"n":{"N":"0"},"name":{"S":"planted"}}`; got != want {
			t.Errorf("the item refused is %s, want %s", got, want)
		}
		if strings.Contains(refused.Err.Error(), "planted") {
			t.Errorf("the error quotes a value: %v", refused.Err)
		}
	}
	if one, two := open(steps...), open(steps[1:]...); string(one.Definition()) == string(two.Definition()) || string(one.Definition()) != string(open(steps...).Definition()) {
		t.Errorf("the definitions are %s and %s", one.Definition(), two.Definition())
	}
}

// A sample leaves lines out, and those that stay keep their numbers.
func TestTransformed_linesOfASample(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for line := range 40 {
		_, _ = fmt.Fprintf(&text, "{\"id\": %d}\n", line+1)
	}
	file := filepath.Join(t.TempDir(), "items.jsonl")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	id := item.KeyAttribute{Name: "id", Type: item.N}
	source, err := store.OpenJSONLines(file, []item.KeyAttribute{id})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	program, problems := transform.Compile([]transform.Step{{Set: map[string]string{"half": "12 / 0"}}}, transform.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	var page store.Page
	if err := store.Transform(store.NewSample(source, id, 50), program).Read(t.Context(), store.Segment{Total: 1}, nil, &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Refused) == 0 || page.Dropped == 0 {
		t.Fatalf("%d of 40 items are in the sample, and %d are not", len(page.Refused), page.Dropped)
	}
	for _, refused := range page.Refused {
		number := strings.Trim(string(refused.Item), `{}":idN`)
		var at *store.ItemError
		if !errors.As(refused.Err, &at) || at.Where != "line "+number+" of "+file {
			t.Errorf("the item of line %s is refused for %v", number, refused.Err)
		}
	}
}
