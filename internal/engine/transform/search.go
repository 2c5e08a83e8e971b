// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// searches are indexOf and lastIndexOf of CEL's extension for strings, with the same results. That one compares the
// wanted text at every place: seconds for two long texts of one item, which no limit of cost cuts short.
func searches() []cel.EnvOption {
	text, number := cel.StringType, cel.IntType
	return []cel.EnvOption{
		cel.Function("indexOf",
			cel.MemberOverload("string_index_of_string", []*cel.Type{text, text}, number,
				cel.BinaryBinding(func(v, wanted ref.Val) ref.Val { return indexOf(v, wanted, types.IntZero) })),
			cel.MemberOverload("string_index_of_string_int", []*cel.Type{text, text, number}, number,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return indexOf(args[0], args[1], args[2]) }))),
		cel.Function("lastIndexOf",
			cel.MemberOverload("string_last_index_of_string", []*cel.Type{text, text}, number,
				cel.BinaryBinding(func(v, wanted ref.Val) ref.Val {
					if wanted == types.String("") {
						return types.Int(length(v))
					}
					return lastIndexOf(v, wanted, types.Int(max(0, length(v)-1)))
				})),
			cel.MemberOverload("string_last_index_of_string_int", []*cel.Type{text, text, number}, number,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return lastIndexOf(args[0], args[1], args[2]) }))),
	}
}

// indexOf is the first place, in characters, where wanted stands in v at or behind from; -1 for none.
func indexOf(v, wanted, from ref.Val) ref.Val {
	text, sought, place, known := search(v, wanted, from)
	if known != nil {
		return known
	}
	start := offset(text, place)
	found := strings.Index(text[start:], sought)
	if found < 0 {
		return types.Int(-1)
	}
	return types.Int(place + utf8.RuneCountInString(text[start:start+found]))
}

// lastIndexOf is the last place, in characters, where wanted stands in v at or before from; -1 for none.
func lastIndexOf(v, wanted, from ref.Val) ref.Val {
	text, sought, place, known := search(v, wanted, from)
	if known != nil {
		return known
	}
	end := min(offset(text, place)+len(sought), len(text))
	found := strings.LastIndex(text[:end], sought)
	if found < 0 {
		return types.Int(-1)
	}
	return types.Int(utf8.RuneCountInString(text[:found]))
}

// search are the arguments of a search. The result is known, and not nil, where no search is needed for it.
func search(v, wanted, from ref.Val) (text, sought string, place int, known ref.Val) {
	within, _ := v.(types.String)
	what, _ := wanted.(types.String)
	at, _ := from.(types.Int)
	switch count := types.Int(length(v)); {
	case at < 0:
		known = types.NewErrFromString(faultPlace)
	case what == "":
		known = min(at, count)
	case at >= count:
		known = types.Int(-1)
	}
	return string(within), string(what), int(at), known
}

// faultPlace is what the extension says too.
const faultPlace = "index out of range"

// length is how many characters the text has.
func length(v ref.Val) int64 {
	text, _ := v.(types.String)
	return int64(utf8.RuneCountInString(string(text)))
}

// offset is where the character of that number begins, or the text ends.
func offset(text string, number int) int {
	at := 0
	for ; number > 0 && at < len(text); number-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
