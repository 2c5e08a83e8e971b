// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import "github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"

// certainty is how sure it is that an item has an attribute.
type certainty uint8

const (
	unsure certainty = iota // The source may have it; nothing is known.
	maybe                   // A step makes it of something the source may have.
	sure                    // Every item has it.
	gone                    // No item has it.
)

// known is what is known of one attribute before any item is seen.
type known struct {
	certainty
	kind item.Kind // Empty if that is not known.
	by   string    // The argument of the step that touched it last, empty if none did.
	// origin is the attribute of the source that has this value, or one that is another for each of its values; empty if
	// that is not known. changed is the argument of the step that gave the value up for one that may be the same for two,
	// empty if none did.
	origin, changed string
}

// shape is what is known of the items between two steps.
type shape struct {
	attributes map[string]known
	others     known // Of attributes that are not among those.
}

func (s *shape) get(name string) known {
	if k, ok := s.attributes[name]; ok {
		return k
	}
	return s.others
}

func (s *shape) put(name string, k known) { s.attributes[name] = k }

// shapeOf is what is known behind the last step, if all items of the source are sure to have the attributes given.
func (p *Program) shapeOf(given []item.KeyAttribute) *shape {
	s := &shape{attributes: map[string]known{}}
	for _, attribute := range given {
		s.put(attribute.Name, known{certainty: sure, kind: attribute.Type, origin: attribute.Name})
	}
	for _, step := range p.steps {
		step.reshape(s)
	}
	return s
}
