// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// reservedWordsFile is the list of the page "Reserved words in DynamoDB" of the Amazon DynamoDB Developer Guide, one
// word a line after a header of lines that begin with #.
//
//go:embed reserved_words.txt
var reservedWordsFile string

// reservedWords returns the reserved words, sorted, in capitals.
var reservedWords = sync.OnceValue(func() []string {
	var words []string
	for line := range strings.Lines(reservedWordsFile) {
		if word := strings.TrimSpace(line); !strings.HasPrefix(word, "#") {
			words = append(words, word)
		}
	}
	return words
})

// acceptedWords are on the list of reserved words, and yet DynamoDB Local takes them for attribute names. A wrong
// refusal here could not be got round, so they are left to DynamoDB.
var acceptedWords = []string{"CONVERT", "SIZE"}

// isReserved reports whether an attribute of that name must be written as a placeholder.
func isReserved(name string) bool {
	upper := strings.ToUpper(name)
	_, found := slices.BinarySearch(reservedWords(), upper)
	return found && !slices.Contains(acceptedWords, upper)
}
