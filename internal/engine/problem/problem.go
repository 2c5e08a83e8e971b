// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package problem holds the one error type that reaches a user: what went wrong, where, and what to do about it.
//
// Every part of the engine that refuses or fails a run returns a *Problem. The provider turns it into a diagnostic
// without adding to it, so a message reads the same wherever it was found.
package problem

import (
	"errors"
	"slices"
	"strings"
)

// Problem is a finding about a run: an error, or with Warning a remark that does not stop it.
// No field ever holds an item's value or a credential.
type Problem struct {
	// Summary says what is wrong, in Title Case and without a final stop.
	Summary string
	// Attribute is the dotted path of the argument at fault, such as "source.table"; empty when no argument is.
	Attribute string
	// Table is the name or ARN of the table concerned, with its account and Region where they are known.
	Table, Account, Region string
	// Counts is the ledger so far, in words; empty when nothing was read or written.
	Counts string
	// Cause says why, in a full sentence.
	Cause string
	// Next says what to do, in a full sentence.
	Next string
	// Err is the original error, if there is one.
	Err error
	// Warning marks a remark that does not stop the run.
	Warning bool
}

// Error gives the summary and the cause on one line, and the original error.
func (p *Problem) Error() string {
	text := p.Summary
	if p.Cause != "" {
		text += ": " + p.Cause
	}
	if p.Err != nil {
		text += " (" + p.Err.Error() + ")"
	}
	return Printable(text)
}

// Unwrap returns the original error.
func (p *Problem) Unwrap() error { return p.Err }

// Detail gives everything but the summary, a paragraph each, in the order in which a reader asks for it:
// which table, how far it came, why, what to do, the original error.
func (p *Problem) Detail() string {
	var where []string
	for _, f := range []struct{ label, value string }{{"Table: ", p.Table}, {"Account: ", p.Account}, {"Region: ", p.Region}} {
		if f.value != "" {
			where = append(where, f.label+f.value)
		}
	}
	parts := []string{strings.Join(where, ", "), p.Counts, p.Cause, p.Next}
	if p.Err != nil {
		parts = append(parts, "Original error: "+p.Err.Error())
	}
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return Printable(strings.Join(kept, "\n\n"))
}

// All are the problems that an error is made of, in their order, at least one for an error. What is joined to a problem and is none itself
// becomes one that says so, unless it is the original error of another.
func All(err error) []*Problem {
	var known []*Problem
	var unknown []error
	split(err, &known, &unknown)
	for _, err := range unknown {
		if !slices.ContainsFunc(known, func(p *Problem) bool { return errors.Is(p, err) }) {
			known = append(known, &Problem{
				Summary: "Unexpected Error", Err: err,
				Cause: "Something failed that the provider knows nothing about.",
				Next:  "See the original error. If it names nothing that you can change, please report it as a bug of the provider.",
			})
		}
	}
	return known
}

// split takes an error apart that errors.Join has made.
func split(err error, known *[]*Problem, unknown *[]error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // Only what is joined at the top is taken apart.
		for _, one := range joined.Unwrap() {
			split(one, known, unknown)
		}
		return
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		*known = append(*known, p)
		return
	}
	*unknown = append(*unknown, err)
}
