// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// hidden replaces an endpoint, or a part of one.
const hidden = "(endpoint)"

// minHiddenBytes is the length from which a part of an endpoint is hidden. Hiding a shorter one would also
// remove unrelated text.
const minHiddenBytes = 4

// Hiding returns the error with a text that shows neither the endpoint nor its host, path, user or password. A
// user may have marked the endpoint as sensitive in the configuration, and a provider is not told.
func Hiding(err error, endpoint string) error {
	if err == nil || endpoint == "" {
		return err
	}
	text := err.Error()
	for _, part := range partsOf(endpoint) {
		text = strings.ReplaceAll(text, part, hidden)
	}
	if text == err.Error() {
		return err
	}
	return &hidingError{text: text, err: err}
}

// partsOf returns the endpoint and its parts, the longest first.
func partsOf(endpoint string) []string {
	parts := []string{endpoint, strings.TrimSuffix(endpoint, "/")}
	if u, err := url.Parse(endpoint); err == nil {
		password, _ := u.User.Password()
		// The error of an HTTP client contains the URL without the password.
		parts = append(parts, u.Redacted(), u.User.String(), u.User.Username(), password)
		parts = append(parts, u.Host, u.Hostname(), strings.Trim(u.Path, "/"), u.RawQuery)
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return len(part) < minHiddenBytes })
	slices.SortFunc(parts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return parts
}

// hidingError is an error with another text.
type hidingError struct {
	text string
	err  error
}

func (e *hidingError) Error() string { return e.text }

func (e *hidingError) Unwrap() error { return e.err }
