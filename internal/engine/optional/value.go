// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package optional

// Value returns what p points to, or zero.
func Value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
