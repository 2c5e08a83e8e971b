// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// indexOf and lastIndexOf find what those of CEL's extension do.
func TestSearchAsTheExtension(t *testing.T) {
	t.Parallel()
	env, err := cel.NewEnv(ext.Strings(), cel.Variable("item", cel.MapType(cel.StringType, cel.DynType)))
	if err != nil {
		t.Fatal(err)
	}
	theirs := func(expression string, item map[string]any) string {
		ast, issues := env.Compile(expression)
		if issues.Err() != nil {
			t.Fatal(issues.Err())
		}
		program, err := env.Program(ast)
		if err != nil {
			t.Fatal(err)
		}
		if v, _, err := program.Eval(map[string]any{"item": item}); err == nil {
			return fmt.Sprint(v.Value())
		}
		return "an error"
	}
	programs := map[string]*transform.Program{}
	expressions := []string{"item.s.indexOf(item.t)", "item.s.lastIndexOf(item.t)", "item.s.indexOf(item.t, item.n)", "item.s.lastIndexOf(item.t, item.n)"}
	for _, expression := range expressions {
		programs[expression] = compile(t, set("found", expression), keep("found"))
	}
	random := rand.New(rand.NewPCG(5, 6))
	letters := []string{"a", "b", "é", "日", "😀"}
	text := func(n int) string {
		var made strings.Builder
		for range random.IntN(n) {
			made.WriteString(letters[random.IntN(2+random.IntN(len(letters)-1))])
		}
		return made.String()
	}
	for range 3000 {
		s, sub, n := text(12), text(4), random.IntN(15)-1
		in := fmt.Sprintf(`{"s":{"S":%s},"t":{"S":%s},"n":{"N":"%d"}}`, strconv.Quote(s), strconv.Quote(sub), n)
		for _, expression := range expressions {
			want := theirs(expression, map[string]any{"s": s, "t": sub, "n": n})
			got := "an error"
			if out, _, err := programs[expression].Apply(nil, []byte(in)); err == nil {
				got = strings.TrimSuffix(strings.TrimPrefix(string(out), `{"found":{"N":"`), `"}}`)
			}
			if got != want {
				t.Fatalf("%s of %s is %s, want %s", expression, in, got, want)
			}
		}
	}
}
