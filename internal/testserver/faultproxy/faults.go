// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package faultproxy

import (
	"math/rand/v2"
	"time"
)

// Faults say how often each fault happens: 0 never, 1 to every request it can happen to. Faults are drawn
// independently, so several can strike one request; the first of DropBefore, Throttle and ServerError keeps it from the
// others.
type Faults struct {
	// Seed makes the plan: the n-th request gets the same draws in every run.
	Seed uint64
	// Throttle refuses the request: a ProvisionedThroughputExceededException, half of them with ThrottlingReasons that
	// name the table or a key range of it. Operations on tables rather than items get a ThrottlingException.
	Throttle float64
	// Unprocessed forwards a part of a BatchWriteItem and returns the rest as UnprocessedItems. At least one operation is
	// forwarded, as DynamoDB does it, so requests of one operation are left alone.
	Unprocessed float64
	// ServerError answers HTTP 500, InternalServerError: half of them after the server has done the work.
	ServerError float64
	// DropBefore closes the connection before the server sees the request.
	DropBefore float64
	// DropAfter closes the connection after the server has done the work, in place of its answer.
	DropAfter float64
	// Slow delays the answer by SlowFor after the server has done the work.
	Slow float64
	// SlowFor is how long a slow answer is held back.
	SlowFor time.Duration
	// Corrupt changes one letter or digit of the answer and leaves length and checksum as they were.
	Corrupt float64
}

// Injected counts the faults that struck a request.
type Injected struct {
	Throttle, Unprocessed, ServerError, DropBefore, DropAfter, Slow, Corrupt int
	// UnprocessedOperations is how many put and delete requests came back in UnprocessedItems.
	UnprocessedOperations int
}

// plan is what is to happen to one request.
type plan struct {
	throttle, unprocessed, serverError, dropBefore, dropAfter, slow, corrupt bool

	slowFor time.Duration
	detail  *rand.Rand // for the choices inside a fault
}

// draw takes the same number of draws for each request, whatever the faults are, so that the plan of the n-th request
// depends on nothing but the seed and n.
func (f *Faults) draw(from *rand.Rand) *plan {
	hit := func(probability float64) bool { return from.Float64() < probability }
	return &plan{
		throttle:    hit(f.Throttle),
		unprocessed: hit(f.Unprocessed),
		serverError: hit(f.ServerError),
		dropBefore:  hit(f.DropBefore),
		dropAfter:   hit(f.DropAfter),
		slow:        hit(f.Slow),
		corrupt:     hit(f.Corrupt),
		slowFor:     f.SlowFor,
		detail:      newRand(from.Uint64()),
	}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
