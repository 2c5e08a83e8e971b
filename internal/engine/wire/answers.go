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

// runKey is the context key under which [AwaitAnswers] keeps the run's own context.
type runKey struct{}

// AwaitAnswers returns a context for requests whose answers still count during the grace period after ctx has
// ended. A request that was sent before then may have been carried out, and only its answer tells. After ctx
// has ended no request is sent, not even as a retry.
func AwaitAnswers(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	waiting, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), runKey{}, ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(waiting, func() { timer.Stop() })
	})
	return waiting, func() {
		stop()
		cancel()
	}
}

// sendContext returns the context after whose end no request is sent.
func sendContext(ctx context.Context) context.Context {
	if original, ok := ctx.Value(runKey{}).(context.Context); ok {
		return original
	}
	return ctx
}

// unanswered reports whether the request that failed with err may have been carried out nevertheless.
func unanswered(err error) bool {
	if connecting, ok := errors.AsType[*net.OpError](err); ok && connecting.Op == "dial" {
		return false // It was not sent.
	}
	return !awserr.Refused(err)
}
