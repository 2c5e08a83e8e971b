// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"errors"
	"math"
	"regexp"
	"regexp/syntax"
	"sync"

	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

const (
	// boundedMatches is what matches() is called in a program. Under its own name CEL would replace a call with a constant
	// pattern by one that no limit cuts short.
	boundedMatches = "matches()"
	// stepsPerUnit is how many steps of a pattern cost one unit. A step is one instruction of the pattern at one byte of
	// the text, and takes some ten nanoseconds.
	stepsPerUnit = 40
	// maxPatternBytes and maxPatternSize, which counts instructions, bound patterns out of items, which are compiled and
	// remembered before they are used: a short one can stand for a hundred thousand instructions.
	maxPatternBytes = 1000
	maxPatternSize  = 2000
	// keptPatterns is how many patterns an expression language remembers.
	keptPatterns = 64
)

const faultPattern = "matches() would take too long: the pattern is too large for a text of that length"

// patterns are compiled regular expressions with the sizes of their programs. Their number is bounded, since a pattern
// may come out of an item. It is safe for concurrent use.
type patterns struct {
	mu    sync.Mutex
	known map[string]pattern
}

type pattern struct {
	regexp *regexp.Regexp
	size   int
}

var errPattern = errors.New(faultPattern)

// get returns the compiled pattern, whose program has at most that size.
func (p *patterns) get(text string, most int) (pattern, error) {
	p.mu.Lock()
	found, ok := p.known[text]
	p.mu.Unlock()
	if ok {
		return found, nil
	}
	size, err := programSize(text)
	if err != nil {
		return pattern{}, err
	}
	if size > most {
		return pattern{}, errPattern
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return pattern{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= keptPatterns {
		p.known = map[string]pattern{}
	}
	p.known[text] = pattern{compiled, size}
	return p.known[text], nil
}

// programSize is how many instructions the pattern stands for. CEL's own function of that purpose does not know
// repetitions.
func programSize(text string) (int, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0, err
	}
	return len(program.Inst), nil
}

// cost is what it costs to match a text of that length.
func (p pattern) cost(length uint64) uint64 {
	if length >= maxCost*stepsPerUnit {
		return math.MaxUint64 // More than can be multiplied, and than can be paid.
	}
	return 1 + (length+1)*uint64(p.size)/stepsPerUnit
}

// match reports whether the pattern matches somewhere in the text. The time that takes grows with the length of the
// text times the size of the pattern, so their product is bounded before the call: afterwards there is nothing left to
// save.
func (p *patterns) match(v, by ref.Val, mostBytes, mostSize int) ref.Val {
	text, isText := v.(types.String)
	expression, isPattern := by.(types.String)
	if !isText || !isPattern {
		return types.MaybeNoSuchOverloadErr(v)
	}
	if len(expression) > mostBytes {
		return types.WrapErr(errPattern)
	}
	found, err := p.get(string(expression), mostSize)
	if err != nil {
		return types.WrapErr(err)
	}
	if found.cost(uint64(len(text))) > maxCost {
		return types.WrapErr(errPattern)
	}
	return types.Bool(found.regexp.MatchString(string(text)))
}

// bound replaces each call of matches() in a program.
func (p *patterns) bound(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok || call.Function() != overloads.Matches || len(call.Args()) != 2 {
		return i, nil
	}
	mostBytes, mostSize := maxPatternBytes, maxPatternSize
	if _, constant := call.Args()[1].(interpreter.InterpretableConst); constant {
		mostBytes, mostSize = math.MaxInt, math.MaxInt
	}
	match := func(args ...ref.Val) ref.Val { return p.match(args[0], args[1], mostBytes, mostSize) }
	return interpreter.NewCall(call.ID(), boundedMatches, call.OverloadID(), call.Args(), match), nil
}
