// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import "strconv"

// page returns the part of a list that a token stands for and the next one's token, which is nil at the end.
func page[T any](list []T, token *string, size int) ([]T, *string, error) {
	start := 0
	if token != nil {
		var err error
		if start, err = strconv.Atoi(*token); err != nil || start < 0 || start > len(list) {
			return nil, nil, validation("Invalid token")
		}
	}
	end := start + size
	if end >= len(list) {
		return list[start:], nil, nil
	}
	next := strconv.Itoa(end)
	return list[start:end], &next, nil
}

// orDefault is the number that a request asks for, or the usual one.
func orDefault(wish, usual int) int {
	if wish > 0 {
		return wish
	}
	return usual
}
