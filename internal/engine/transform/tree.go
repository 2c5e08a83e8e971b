// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"errors"
	"slices"
)

// tree is the paths of one step, put together by what they begin with. So all of them mean the item as it is before the
// step, whatever their order: a list's elements keep their places until the step is done.
type tree []branch

type branch struct {
	segment
	// leaf is the number of the path that ends here, -1 if others go on below.
	leaf  int
	below tree
}

// Errors of add.
var (
	errTwice     = errors.New("the step names this twice")
	errWithin    = errors.New("the step names this, and something within it")
	errTwoShapes = errors.New("the step takes the same value for a map and for a list")
)

// add puts in the path of that number.
func (t *tree) add(p path, leaf int) error {
	if len(*t) > 0 && ((*t)[0].index < 0) != (p[0].index < 0) {
		return errTwoShapes
	}
	i := slices.IndexFunc(*t, func(b branch) bool { return b.name == p[0].name && b.index == p[0].index })
	if i < 0 {
		i = len(*t)
		*t = append(*t, branch{segment: p[0], leaf: -1})
	} else if ends := len(p) == 1; ends || (*t)[i].leaf >= 0 {
		if ends && (*t)[i].leaf >= 0 {
			return errTwice
		}
		return errWithin
	}
	if len(p) == 1 {
		(*t)[i].leaf = leaf
		return nil
	}
	return (*t)[i].below.add(p[1:], leaf)
}

// find returns the branch for the i-th field of a map or a list, nil if there is none.
func (t tree) find(f *field, i int) *branch {
	for j := range t {
		b := &t[j]
		if b.index >= 0 && b.index == i || b.index < 0 && len(b.name) == len(f.name) && b.name == string(f.name) {
			return b
		}
	}
	return nil
}

// leaves calls yield with the number of each path that ends in the branch or below it, until yield returns false.
func (b *branch) leaves(yield func(leaf int) bool) bool {
	if b.leaf >= 0 {
		return yield(b.leaf)
	}
	for i := range b.below {
		if !b.below[i].leaves(yield) {
			return false
		}
	}
	return true
}
