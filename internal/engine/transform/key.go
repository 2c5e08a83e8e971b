// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// CheckKey finds what the steps do to the key of the destination, and to the attributes that are in keys of its
// indexes, that no item can be written with, and returns the attributes of the key that nothing is known to give its
// items: neither a step nor given, which are those that every item of the source is sure to have.
func (p *Program) CheckKey(
	key, indexed, given []item.KeyAttribute,
) (missing []item.KeyAttribute, found []*problem.Problem) {
	final := p.shapeOf(given)
	for _, attribute := range key {
		k := final.get(attribute.Name)
		wrongType := k.kind != "" && k.kind != attribute.Type
		switch {
		case k.certainty == gone:
			found = append(found, &problem.Problem{
				Summary: "Transform Takes Out A Key", Attribute: k.by,
				Cause: fmt.Sprintf("The step leaves items without %q, which is in the destination's key.", attribute.Name),
				Next:  "Leave the attribute in, or give it another value with set in a later step.",
			})
		case k.certainty != unsure && wrongType && k.by != "":
			found = append(found, k.misfit(attribute, "the destination's key"))
		case k.certainty == unsure || wrongType:
			missing = append(missing, attribute)
		}
	}
	for _, attribute := range indexed {
		// An item need not be in an index, so only what all items have can be wrong.
		k := final.get(attribute.Name)
		if k.certainty == sure && k.kind != "" && k.kind != attribute.Type && k.by != "" && !slices.Contains(key, attribute) {
			found = append(found, k.misfit(attribute, "the key of an index of the destination"))
		}
	}
	return missing, found
}

// TellsApart reports whether items that differ in the attributes of source, their key there, also differ in those of
// key after the last step. If not, by is the argument of the step that sets one of these, empty if none does. If the
// source has no key, only the steps decide.
func (p *Program) TellsApart(source, key []item.KeyAttribute) (by string, apart bool) {
	final := p.shapeOf(source)
	lost := map[string]bool{}
	for _, attribute := range source {
		lost[attribute.Name] = true
	}
	for _, attribute := range key {
		k := final.get(attribute.Name)
		delete(lost, k.origin)
		if by == "" {
			by = k.changed
		}
	}
	if len(source) == 0 {
		return by, by == ""
	}
	if len(lost) == 0 {
		return "", true
	}
	for _, attribute := range key {
		by = cmp.Or(by, final.get(attribute.Name).by)
	}
	return by, false
}

// misfit is the problem that a step gives the attribute a type that its key does not take.
func (k known) misfit(attribute item.KeyAttribute, of string) *problem.Problem {
	return &problem.Problem{
		Summary: "Transform Does Not Fit The Key", Attribute: k.by,
		Cause: fmt.Sprintf("The step gives %q the type %s, and %s wants %s.", attribute.Name, k.kind, of, attribute.Type),
		Next:  "Convert the value with a function such as string() or int(), or write another attribute.",
	}
}

// checkKey reports whether the destination can take the item's keys as the steps have left them.
func (p *Program) checkKey(d *document) error {
	err := p.keys.FitValues(func(name string) []byte {
		if f := lookup(d.fields, name); f != nil {
			return f.value
		}
		return nil
	})
	if err == nil {
		return nil
	}
	unfit, ok := errors.AsType[*item.KeyError](err)
	if !ok {
		return &Error{Attribute: "transform", Cause: "An attribute in a key of the destination cannot be used behind the " +
			"last step: " + err.Error() + ".", Next: next}
	}
	of := "an index of the destination"
	if unfit.Index == "" {
		of = "the destination"
	}
	cause := unfit.Fault
	switch {
	case unfit.Got == "":
		cause = "is missing"
	case cause == "":
		cause = fmt.Sprintf("has type %s, and the key wants %s", unfit.Got, unfit.Attribute.Type)
	}
	return &Error{
		Attribute: cmp.Or(p.final.get(unfit.Attribute.Name).by, "transform"),
		Cause: fmt.Sprintf(
			"The attribute %q is in the key of %s, and in an item it %s behind the last step.",
			unfit.Attribute.Name,
			of,
			cause,
		),
		Next: next,
	}
}

// next is what can be done about an item whose key cannot be written.
const next = "Correct the step, or leave such items out with drop_if."
