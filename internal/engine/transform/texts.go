// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"math"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
)

// maxTextBytes is the longest text that an expression can pay for.
const maxTextBytes = 10 * maxCost

const faultLength = "replace(), join() or format() would make a text of more than 10 MB"

// texts are the functions of the extension for texts that make much out of little, with a look at how much that will
// be: their cost is counted when the text is made, and one call can make gigabytes of a single item.
func texts() []cel.EnvOption {
	text, number, list := cel.StringType, cel.IntType, cel.ListType(cel.StringType)
	return []cel.EnvOption{
		cel.Function("replace",
			cel.MemberOverload("string_replace_string_string", []*cel.Type{text, text, text}, text,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return replace(args[0], args[1], args[2], types.Int(-1)) })),
			cel.MemberOverload("string_replace_string_string_int", []*cel.Type{text, text, text, number}, text,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return replace(args[0], args[1], args[2], args[3]) }))),
		cel.Function("join",
			cel.MemberOverload("list_join", []*cel.Type{list}, text,
				cel.UnaryBinding(func(v ref.Val) ref.Val { return join(v, types.String("")) })),
			cel.MemberOverload("list_join_string", []*cel.Type{list, text}, text, cel.BinaryBinding(join))),
		cel.Function("format",
			cel.MemberOverload("string_format", []*cel.Type{text, cel.ListType(cel.DynType)}, text, cel.BinaryBinding(format))),
	}
}

// replace puts another text for the first most of those that are to go, or for all if most is negative.
func replace(v, old, by, most ref.Val) ref.Val {
	text, _ := v.(types.String)
	from, _ := old.(types.String)
	to, _ := by.(types.String)
	n, _ := most.(types.Int)
	found := strings.Count(string(text), string(from))
	if n < 0 || int64(n) > int64(found) {
		n = types.Int(found)
	}
	if len(text)+int(n)*(len(to)-len(from)) > maxTextBytes {
		return types.NewErrFromString(faultLength)
	}
	return types.String(strings.Replace(string(text), string(from), string(to), int(n)))
}

// join puts the texts of a list together, with the separator in between.
func join(v, separator ref.Val) ref.Val {
	list, _ := v.(traits.Lister)
	between, _ := separator.(types.String)
	var joined strings.Builder
	for i, elements := 0, list.Iterator(); elements.HasNext() == types.True; i++ {
		text, ok := elements.Next().(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(v)
		}
		if i > 0 {
			joined.WriteString(string(between))
		}
		joined.WriteString(string(text))
		if joined.Len() > maxTextBytes {
			return types.NewErrFromString(faultLength)
		}
	}
	return types.String(joined.String())
}

// formatted is the extension's own format(), whose function it does not export.
var formatted = sync.OnceValues(func() (cel.Program, error) {
	env, err := cel.NewEnv(
		cel.Variable("text", cel.StringType),
		cel.Variable("values", cel.ListType(cel.DynType)),
		ext.Strings(),
	)
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile("text.format(values)")
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	return env.Program(ast)
})

// format puts values into a text. Each is used once.
func format(v, values ref.Val) ref.Val {
	text, _ := v.(types.String)
	if textBytes(values, maxTextBytes-len(text)) > maxTextBytes-len(text) {
		return types.NewErrFromString(faultLength)
	}
	program, err := formatted()
	if err != nil {
		return types.WrapErr(err)
	}
	made, _, err := program.Eval(map[string]any{"text": text, "values": values})
	if err != nil {
		return types.WrapErr(err)
	}
	return made
}

// textBytes is about how long the text of the value is. It counts to somewhat more than most.
func textBytes(v ref.Val, most int) int {
	const small = 16 // A number, or what stands around the elements of a list.
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case *mapValue:
		sum := small
		for _, f := range v.fields {
			sum += len(f.name) + len(f.value)
		}
		return sum
	case traits.Lister:
		sum := small
		for elements := v.Iterator(); sum <= most && elements.HasNext() == types.True; {
			sum += textBytes(elements.Next(), most-sum)
		}
		return sum
	case traits.Mapper:
		sum := small
		for keys := v.Iterator(); sum <= most && keys.HasNext() == types.True; {
			key := keys.Next()
			sum += textBytes(key, most-sum)
			sum += textBytes(v.Get(key), most-sum)
		}
		return sum
	}
	return small
}

// lengthCost is what it costs to make a text or a binary, nil for anything else.
func lengthCost(v ref.Val) *uint64 {
	length := 0
	switch v := v.(type) {
	case types.String:
		length = len(v)
	case types.Bytes:
		length = len(v)
	default:
		return nil
	}
	cost := 1 + uint64(math.Ceil(float64(length)/10))
	return &cost
}
