// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// compiler turns steps into what can be applied, and collects what is wrong with them.
type compiler struct {
	options  Options
	language *language // Made for the first expression.
	keyed    bool      // An expression uses the key of hmac.
	problems []*problem.Problem
}

const summary = "Invalid Transform"

func (c *compiler) report(attribute, cause, next string) {
	c.problems = append(c.problems, &problem.Problem{Summary: summary, Attribute: attribute, Cause: cause, Next: next})
}

// step compiles one step, or reports what is wrong with it and returns nil.
func (c *compiler) step(at string, s Step) step {
	kinds := []struct {
		name    string
		given   bool
		size    int
		compile func(at string) step
	}{
		{"rename", s.Rename != nil, len(s.Rename), func(at string) step { return c.rename(at, s.Rename) }},
		{"remove", s.Remove != nil, len(s.Remove), func(at string) step { return c.remove(at, s.Remove) }},
		{"keep", s.Keep != nil, len(s.Keep), func(at string) step { return c.keep(at, s.Keep) }},
		{"set", s.Set != nil, len(s.Set), func(at string) step { return c.set(at, s.Set) }},
		{"mask", s.Mask != nil, len(s.Mask), func(at string) step { return c.mask(at, s.Mask) }},
		{"drop_if", s.DropIf != nil, 1, func(at string) step { return c.dropIf(at, s.DropIf) }},
	}
	var chosen int
	given := 0
	for i, kind := range kinds {
		if kind.given {
			chosen = i
			given++
		}
	}
	if given != 1 {
		c.report(at, fmt.Sprintf("A step is exactly one of rename, remove, keep, set, mask and drop_if, and %d are "+
			"given.", given),
			"Write each in braces of its own: steps are done one after the other.")
		return nil
	}
	kind := kinds[chosen]
	at += "." + kind.name
	if kind.size == 0 {
		c.report(at, "The step names no attribute.", "Name one, or leave the step out.")
		return nil
	}
	before := len(c.problems)
	compiled := kind.compile(at)
	if len(c.problems) > before {
		return nil
	}
	return compiled
}

// named are the paths of a step, with the argument of each.
type named struct {
	paths      []path
	texts      []string
	attributes []string
	tree       tree
}

// inList reads the paths that stand in a list.
func (c *compiler) inList(at string, texts []string) named {
	var n named
	for i, text := range texts {
		c.name(&n, fmt.Sprintf("%s[%d]", at, i), text)
	}
	return n
}

// inMap reads the paths that are the keys of a map, in the order of their texts.
func (c *compiler) inMap(at string, values map[string]string) named {
	var n named
	for _, text := range slices.Sorted(maps.Keys(values)) {
		c.name(&n, at+"["+strconv.Quote(text)+"]", text)
	}
	return n
}

func (c *compiler) name(n *named, attribute, text string) {
	p := c.path(attribute, text)
	if p == nil {
		return
	}
	if err := n.tree.add(p, len(n.paths)); err != nil {
		next := "Leave one of them out."
		if errors.Is(err, errTwoShapes) {
			next = "Names lead into maps and numbers into lists: correct the path that does not fit."
		}
		c.report(attribute, fmt.Sprintf("%q: %v.", text, err), next)
		return
	}
	n.paths, n.texts, n.attributes = append(n.paths, p), append(n.texts, text), append(n.attributes, attribute)
}

// path reads a path, or reports what is wrong with it and returns nil.
func (c *compiler) path(attribute, text string) path {
	p, err := parsePath(text)
	if err != nil {
		c.report(
			attribute,
			fmt.Sprintf("The path %q, %v", text, err),
			`A path is an attribute's name, and may lead into maps and lists: address.street, lines[0].sku. Put a name with . [ ] or " in it in double quotes: "\"a.b\"".`,
		)
	}
	return p
}

// misfit makes the error for an item that a path of the step does not fit.
func (n *named) misfit(err error) error {
	fault, ok := errors.AsType[*kindError](err)
	if !ok {
		return err
	}
	return &Error{
		Attribute: n.attributes[fault.leaf],
		Cause: fmt.Sprintf(
			"%q leads into %s, but an item has a value of type %s there.",
			n.texts[fault.leaf],
			fault.want,
			fault.got,
		),
		Next: "Correct the path, or leave items of another form out with drop_if in a step before.",
	}
}
