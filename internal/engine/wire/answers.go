// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// run is the key of the context in a context of AwaitAnswers that no request is sent after.
type run struct{}

// AwaitAnswers returns a context for requests whose answers still count when ctx has ended: it lasts for so long after ctx. What was
// asked for by then may be done, and is known to be only by its answer. No request is sent after ctx has ended, not again either.
func AwaitAnswers(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	waiting, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), run{}, ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(while, cancel)
		context.AfterFunc(waiting, func() { timer.Stop() })
	})
	return waiting, func() {
		stop()
		cancel()
	}
}

// sends is the context after whose end no request is sent.
func sends(ctx context.Context) context.Context {
	if of, ok := ctx.Value(run{}).(context.Context); ok {
		return of
	}
	return ctx
}

// unanswered says whether the request that met the error may have been carried out all the same.
func unanswered(err error) bool {
	if connecting, ok := errors.AsType[*net.OpError](err); ok && connecting.Op == "dial" {
		return false // It was not sent.
	}
	return !awserr.Refused(err)
}
