// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"fmt"
	"maps"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// setting gives attributes the values of expressions. All of them see the item as it is before the step. One whose
// value is optional.none() changes nothing.
type setting struct {
	named
	keepsOthers
	expressions []*expression
}

func (c *compiler) set(at string, values map[string]string) step {
	s := &setting{named: c.inMap(at, values)}
	for i, text := range s.texts {
		if e := c.expression(s.attributes[i], values[text], isStorable); e != nil {
			s.expressions = append(s.expressions, e)
		}
	}
	return s
}

func (s *setting) apply(d *document) (_ bool, err error) {
	d.results = d.results[:0]
	for _, e := range s.expressions {
		value, err := e.value(d)
		if err != nil {
			return false, err
		}
		d.results = append(d.results, value)
	}
	d.fields, err = d.apply(d.fields, s.tree, s)
	return true, s.misfit(err)
}

func (s *setting) found(d *document, fields []field, i, leaf int) (bool, error) {
	if d.results[leaf] != nil {
		fields[i].value = d.results[leaf]
	}
	return true, nil
}

func (s *setting) absent(d *document, leaf int) ([]byte, error) { return d.results[leaf], nil }

func (s *setting) cut(d *document, leaf int) error {
	if d.results[leaf] == nil {
		return nil
	}
	return &Error{
		Attribute: s.attributes[leaf],
		Cause:     fmt.Sprintf("%q leads into a map or a place in a list that an item does not have.", s.texts[leaf]),
		Next: "Set the whole map or list, or give the expression the value optional.none() for such items, which " +
			"leaves them as they are.",
	}
}

func (s *setting) reshape(sh *shape) {
	after := map[string]known{}
	for i, p := range s.paths {
		if len(p) != 1 {
			continue
		}
		kind, always := s.expressions[i].kind()
		now := known{certainty: sure, kind: kind, by: s.attributes[i], changed: s.attributes[i]}
		if of := s.expressions[i].of; of != "" {
			now.origin, now.changed = sh.get(of).origin, sh.get(of).changed
		}
		if was := sh.get(p[0].name); !always && was.certainty != sure {
			now.certainty, now.kind = maybe, item.Kind("")
		} else if !always && was.kind != kind {
			now.kind = ""
		}
		after[p[0].name] = now
	}
	maps.Copy(sh.attributes, after)
}
