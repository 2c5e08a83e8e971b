// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package s3local

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
)

// mostInARow is how many requests of one method for one path are struck one after another at most. The provider's S3
// client makes six attempts: it always gets through, so a test with a faulty server passes or fails for what it tests.
const mostInARow = 4

// Faults say how often each fault happens: 0 never, 1 to every request it can happen to, but never more than four times
// in a row to requests of one method for one path. One request meets one at most.
type Faults struct {
	// Seed makes the plan: the n-th request gets the same draws in every run.
	Seed uint64
	// ServerError answers HTTP 500, InternalError, half of them after the work has been done.
	ServerError float64
	// SlowDown answers HTTP 503, SlowDown, without doing anything.
	SlowDown float64
	// DropBefore closes the connection before anything is done, DropAfter when the work is done, in place of the answer.
	DropBefore, DropAfter float64
	// Cut closes the connection in the middle of the content of an object that is read.
	Cut float64

	draws  *rand.Rand
	inARow map[string]int
}

// Injected counts the faults that struck a request.
type Injected struct{ ServerError, SlowDown, DropBefore, DropAfter, Cut int }

// SetFaults replaces the faults. The next request is the first one of the new plan.
func (s *Server) SetFaults(faults Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults.draws, faults.inARow = rand.New(rand.NewPCG(faults.Seed, 0)), map[string]int{}
	s.faults = faults
}

// Injected counts the faults so far.
func (s *Server) Injected() Injected {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.injected
}

// plan is what is to happen to one request.
type plan struct {
	serverError, slowDown, dropBefore, dropAfter, cut bool
	// share is where in its course, from 0 to 1.
	share float64
}

// draw takes the same number of draws for each request, so that the plan of the n-th depends on little but the seed and
// n.
func (f *Faults) draw(r *http.Request) plan {
	if f.draws == nil {
		return plan{}
	}
	hit := func(probability float64) bool { return f.draws.Float64() < probability }
	drawn := plan{hit(f.ServerError), hit(f.SlowDown), hit(f.DropBefore), hit(f.DropAfter), hit(f.Cut), f.draws.Float64()}
	request := r.Method + " " + r.URL.Path
	if !drawn.strikes(r.Method) || f.inARow[request] == mostInARow {
		f.inARow[request] = 0
		return plan{}
	}
	f.inARow[request]++
	return drawn
}

// strikes reports whether a request of that method does not get its whole answer.
func (p plan) strikes(method string) bool {
	return p.serverError || p.slowDown || p.dropBefore || p.dropAfter || p.cut && method == http.MethodGet
}

// serveFaulty answers the request, or does what the plan says instead.
func (s *Server) serveFaulty(plan plan, w http.ResponseWriter, r *http.Request) {
	switch {
	case plan.dropBefore:
		s.count(func(i *Injected) { i.DropBefore++ })
		panic(http.ErrAbortHandler)
	case plan.slowDown:
		s.count(func(i *Injected) { i.SlowDown++ })
		(&Refusal{http.StatusServiceUnavailable, "SlowDown"}).write(w)
	case plan.serverError:
		s.count(func(i *Injected) { i.ServerError++ })
		if plan.share < 0.5 {
			s.serve(httptest.NewRecorder(), r)
		}
		(&Refusal{http.StatusInternalServerError, "InternalError"}).write(w)
	case plan.dropAfter:
		s.count(func(i *Injected) { i.DropAfter++ })
		s.serve(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case plan.cut && r.Method == http.MethodGet:
		s.cut(plan.share, w, r)
	default:
		s.serve(w, r)
	}
}

// cut sends the head of the answer and a share of its content.
func (s *Server) cut(share float64, w http.ResponseWriter, r *http.Request) {
	whole := httptest.NewRecorder()
	s.serve(whole, r)
	struck := whole.Code < http.StatusBadRequest && whole.Body.Len() > 0
	for name, values := range whole.Header() {
		w.Header()[name] = values
	}
	content := whole.Body.Bytes()
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.WriteHeader(whole.Code)
	sent := len(content)
	if struck {
		sent = int(share * float64(sent))
	}
	_, _ = w.Write(content[:sent]) // Whoever does not listen any more has no use for it.
	if struck {
		_ = http.NewResponseController(w).Flush()
		s.count(func(i *Injected) { i.Cut++ })
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) count(change func(*Injected)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.injected)
}

// Refusal is an error that S3 answers with.
type Refusal struct {
	Status int
	Code   string
}

func (r *Refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(r.Status)
	_, _ = fmt.Fprintf(
		w,
		`<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>as the test wants it</Message></Error>`,
		r.Code,
	)
}
