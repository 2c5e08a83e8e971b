// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

// keeping takes everything out but what it names.
type keeping struct {
	named
	addsNothing
	attribute string
}

func (c *compiler) keep(at string, paths []string) step {
	return &keeping{named: c.inList(at, paths), attribute: at}
}

func (k *keeping) apply(d *document) (_ bool, err error) {
	d.fields, err = d.apply(d.fields, k.tree, k)
	return true, k.misfit(err)
}

func (k *keeping) found(*document, []field, int, int) (bool, error) { return true, nil }

func (k *keeping) others() bool { return false }

func (k *keeping) reshape(s *shape) {
	kept := map[string]known{}
	for _, p := range k.paths {
		kept[p[0].name] = s.get(p[0].name)
	}
	s.attributes, s.others = kept, known{certainty: gone, by: k.attribute}
}
