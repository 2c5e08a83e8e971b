// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awserr

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// hidden stands for an endpoint, or a part of one.
const hidden = "(endpoint)"

// leastHidden is the length from which a part of an endpoint is hidden: of a shorter one a text would lose more than the part.
const leastHidden = 4

// Hiding returns the error with a text that does not show the endpoint, nor its host, path, user or password. An endpoint that the user
// has given may be marked as sensitive in the configuration, which a provider is not told.
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
	return &hidingError{text, err}
}

// partsOf are the endpoint and its parts, the longest first.
func partsOf(endpoint string) []string {
	parts := []string{endpoint, strings.TrimSuffix(endpoint, "/")}
	if u, err := url.Parse(endpoint); err == nil {
		password, _ := u.User.Password()
		// The error of an HTTP client has the URL without the password.
		parts = append(parts, u.Redacted(), u.User.String(), u.User.Username(), password, u.Host, u.Hostname(), strings.Trim(u.Path, "/"), u.RawQuery)
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return len(part) < leastHidden })
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
