// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem

// List collects the problems that the checks of one run find, in their order.
type List []*Problem

// Add appends the problems. A check that has found nothing returns nil, which is skipped.
func (l *List) Add(found ...*Problem) {
	for _, p := range found {
		if p != nil {
			*l = append(*l, p)
		}
	}
}

// FirstError returns the first problem that is not a warning, or nil.
func (l List) FirstError() error {
	for _, p := range l {
		if !p.Warning {
			return p
		}
	}
	return nil // Not a nil *Problem, which would be an error that is not nil.
}
