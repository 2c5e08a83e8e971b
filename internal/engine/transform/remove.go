// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

// removal takes attributes out. What an item does not have need not be taken out.
type removal struct {
	named
	keepsOthers
}

func (c *compiler) remove(at string, paths []string) step {
	return &removal{named: c.inList(at, paths)}
}

func (r *removal) apply(d *document) (_ bool, err error) {
	d.fields, err = d.apply(d.fields, r.tree, r)
	return true, r.misfit(err)
}

func (r *removal) found(*document, []field, int, int) (bool, error) { return false, nil }

func (r *removal) reshape(s *shape) {
	for i, p := range r.paths {
		if len(p) == 1 {
			s.put(p[0].name, known{certainty: gone, by: r.attributes[i]})
		}
	}
}

// keepsOthers is the part of an edit that leaves alone what no path leads to, and adds nothing.
type keepsOthers struct{ addsNothing }

func (keepsOthers) others() bool { return true }

// addsNothing is the part of an edit that does nothing where the item has nothing.
type addsNothing struct{}

func (addsNothing) absent(*document, int) ([]byte, error) { return nil, nil }

func (addsNothing) cut(*document, int) error { return nil }
