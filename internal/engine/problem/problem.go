// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package problem holds the one error type that reaches a user: what went wrong, where, and what to do about
// it.
//
// Every part of the engine that refuses or fails a run returns a *Problem. The provider turns it into a
// diagnostic without adding to it, so a message reads the same wherever the problem was found.
package problem

import (
	"errors"
	"slices"
	"strings"
)

// Problem is what a check or a run has found: an error, or a warning, which does not stop the run. No field
// ever holds an item's value or a credential.
type Problem struct {
	// Summary says what is wrong, in Title Case and without a period at the end.
	Summary string
	// Attribute is the dotted path of the argument at fault, such as "source.table"; empty when no argument is.
	Attribute string
	// Table is the name or ARN of the table concerned, with its account and Region where they are known.
	Table, Account, Region string
	// Counts is the ledger so far, in words. It is empty when nothing was read or written.
	Counts string
	// Cause says why, in a full sentence.
	Cause string
	// Next says what to do, in a full sentence.
	Next string
	// Err is the original error, if there is one.
	Err error
	// Warning marks a problem that does not stop the run.
	Warning bool
}

// Error returns the summary, the cause and the original error on one line.
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

// Detail returns everything but the summary, one paragraph each, in the order in which a reader asks for it:
// which table, how far the run came, why it failed, what to do, the original error.
func (p *Problem) Detail() string {
	var where []string
	labelled := []struct{ label, value string }{
		{"Table: ", p.Table}, {"Account: ", p.Account}, {"Region: ", p.Region},
	}
	for _, f := range labelled {
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

// All returns the problems that an error consists of, in their order, and at least one for any error. An error
// that is joined to problems and is not one itself becomes an "Unexpected Error", unless it is the original
// error of another problem.
func All(err error) []*Problem {
	var known []*Problem
	var unknown []error
	split(err, &known, &unknown)
	for _, err := range unknown {
		if !slices.ContainsFunc(known, func(p *Problem) bool { return errors.Is(p, err) }) {
			known = append(known, &Problem{
				Summary: "Unexpected Error", Err: err,
				Cause: "An error occurred that the provider does not recognize.",
				Next: "See the original error. If it names nothing that you can change, " +
					"please report it as a bug in the provider.",
			})
		}
	}
	return known
}

// split separates the problems in an error that errors.Join has made from its other errors.
func split(err error, known *[]*Problem, unknown *[]error) {
	if err == nil {
		return
	}
	//nolint:errorlint // Only errors that are joined at the top are separated.
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
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
