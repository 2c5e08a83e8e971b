// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"fmt"
	"slices"
	"strconv"
)

// renaming gives attributes another name. One that an item does not have is not renamed.
type renaming struct {
	named
	keepsOthers
	to []segment // The new name of each path's last segment.
}

func (c *compiler) rename(at string, names map[string]string) step {
	r := &renaming{named: c.inMap(at, names)}
	var targets []path
	before := len(c.problems)
	for i, from := range r.paths {
		attribute := r.attributes[i]
		to := c.path(attribute, names[r.texts[i]])
		if to == nil {
			return nil
		}
		last := len(from) - 1
		switch {
		case from[last].index >= 0:
			c.report(attribute, "An element of a list has no name.", "Rename an attribute, or the member of a map.")
		case len(to) != len(from) || !slices.EqualFunc(to[:last], from[:last], same) || to[last].index >= 0:
			c.report(attribute, fmt.Sprintf("%q is not in the same map as %q.", names[r.texts[i]], r.texts[i]),
				"Within a map, write the whole path of the new name, such as \"address.street\" = \"address.road\". To move a "+
					"value, set the new attribute and remove the old one.")
		case slices.ContainsFunc(r.paths, func(p path) bool { return slices.EqualFunc(p, to, same) }):
			c.report(attribute, fmt.Sprintf("%q is renamed by the same step, and the two have no order.", names[r.texts[i]]),
				"Write a step for each, in the order that is meant. To swap two names, use a third one in between.")
		case slices.ContainsFunc(targets, func(p path) bool { return slices.EqualFunc(p, to, same) }):
			c.report(attribute, fmt.Sprintf("The step gives the name %q twice.", names[r.texts[i]]), "Give each attribute a "+
				"name of its own.")
		}
		if len(c.problems) > before {
			return nil
		}
		targets = append(targets, to)
		r.to = append(r.to, to[len(to)-1])
	}
	return r
}

func same(a, b segment) bool { return a.name == b.name && a.index == b.index }

func (r *renaming) apply(d *document) (_ bool, err error) {
	d.fields, err = d.apply(d.fields, r.tree, r)
	return true, r.misfit(err)
}

func (r *renaming) found(_ *document, fields []field, i, leaf int) (bool, error) {
	to := r.to[leaf]
	if lookup(fields, to.name) != nil {
		return false, &Error{
			Attribute: r.attributes[leaf],
			Cause:     "An item has an attribute of the new name " + strconv.Quote(to.name) + " already, which would be lost.",
			Next:      "Remove or rename that one in a step before, or choose another name.",
		}
	}
	fields[i].name, fields[i].quoted = to.plain, to.quoted
	return true, nil
}

func (r *renaming) reshape(s *shape) {
	for i, p := range r.paths {
		if len(p) != 1 {
			continue
		}
		was := s.get(p[0].name)
		if was.certainty != gone {
			was.by = r.attributes[i]
			if was.certainty == unsure {
				was.certainty = maybe
			}
			s.put(r.to[i].name, was)
		}
		s.put(p[0].name, known{certainty: gone, by: r.attributes[i]})
	}
}
