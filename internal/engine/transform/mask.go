// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// masking hides texts. They stay of type S; NULL stays NULL, and what an item does not have is not hidden.
type masking struct {
	named
	keepsOthers
}

// shown is how many characters at the end of a text a mask leaves.
const shown = 4

// masked writes a * for every character but the last few, and of a text that is not twice as long as those for every
// character.
func masked(text string, shown int) string {
	length := utf8.RuneCountInString(text)
	if length < 2*shown {
		return strings.Repeat("*", length)
	}
	end := text
	for range length - shown {
		_, size := utf8.DecodeRuneInString(end)
		end = end[size:]
	}
	return strings.Repeat("*", length-shown) + end
}

func (c *compiler) mask(at string, paths []string) step { return &masking{named: c.inList(at, paths)} }

func (m *masking) apply(d *document) (_ bool, err error) {
	d.fields, err = d.apply(d.fields, m.tree, m)
	return true, m.misfit(err)
}

func (m *masking) found(d *document, fields []field, i, leaf int) (bool, error) {
	kind, content, err := item.Content(fields[i].value)
	if err != nil {
		return false, err
	}
	switch kind {
	case item.NULL:
		return true, nil
	case item.S:
		text, err := item.Unquote(content)
		if err != nil {
			return false, err
		}
		start := len(d.made)
		d.made = append(item.AppendText(append(d.made, `{"S":`...), masked(string(text), shown)), '}')
		fields[i].value = d.made[start:len(d.made):len(d.made)]
		return true, nil
	}
	return false, &Error{
		Attribute: m.attributes[leaf],
		Cause:     fmt.Sprintf("Only texts can be masked, and %q has type %s in an item.", m.texts[leaf], kind),
		Next:      "Take it out with remove, or write another value with set.",
	}
}

func (m *masking) reshape(s *shape) {
	for i, p := range m.paths {
		if len(p) == 1 {
			now := s.get(p[0].name)
			now.by, now.changed, now.origin = m.attributes[i], m.attributes[i], ""
			s.put(p[0].name, now)
		}
	}
}
