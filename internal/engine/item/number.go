// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item

import (
	"errors"
	"strconv"
	"strings"
)

// Errors of Number.
var (
	ErrNotANumber  = errors.New("not a number")
	ErrNumberRange = errors.New("a number DynamoDB cannot hold: at most 38 significant digits, " +
		"from 1E-130 to 9.9999999999999999999999999999999999999E+125")
)

// Number returns the canonical form of a number's text, so that numbers are equal exactly when their forms are:
// 1, 1.0 and 10e-1 all become "1e0". DynamoDB compares numbers by value, also in keys. Number refuses what
// DynamoDB refuses ("Data types": 38 digits of precision, magnitude 1E-130 to 9.99E+125).
func Number(s string) (string, error) {
	sign := ""
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = "-", s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if errors.Is(err, strconv.ErrRange) {
			return "", ErrNumberRange
		}
		if err != nil {
			return "", ErrNotANumber
		}
		mantissa, exponent = s[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", ErrNotANumber
	}
	// The value is 0.DIGITS x 10^exponent once the decimal point precedes the first significant digit.
	exponent += len(whole)
	significant := strings.TrimLeft(digits, "0")
	exponent -= len(digits) - len(significant)
	significant = strings.TrimRight(significant, "0")
	if significant == "" {
		return "0", nil
	}
	exponent--
	if len(significant) > 38 || exponent > 125 || exponent < -130 {
		return "", ErrNumberRange
	}
	text := sign + significant[:1]
	if len(significant) > 1 {
		text += "." + significant[1:]
	}
	return text + "e" + strconv.Itoa(exponent), nil
}
