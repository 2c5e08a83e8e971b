// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package filter

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// HideNames returns DynamoDB's error about the filter with the placeholders in place of the attribute names that they
// stand for: the argument names may be marked as sensitive, which a provider is not told. A filter is a *Filter or nil.
func (f *Filter) HideNames(err error) error {
	if f == nil || err == nil {
		return err
	}
	text := err.Error()
	for _, placeholder := range slices.Sorted(maps.Keys(f.Names)) {
		if name := f.Names[placeholder]; name != "" {
			whole := regexp.MustCompile(`(^|[^A-Za-z0-9_.#:-])` + regexp.QuoteMeta(name) + `($|[^A-Za-z0-9_-])`)
			text = whole.ReplaceAllString(text, "${1}"+strings.ReplaceAll(placeholder, "$", "$$")+"${2}")
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}
