// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// patient is a client that makes as many attempts as the provider's client, with shorter waits.
func patient(server *s3local.Server) *s3.Client {
	return s3.New(server.Client().Options(), func(o *s3.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 6, 5*time.Millisecond, ratelimit.None
		})
	})
}

// again repeats what may fail for a moment, as a run does at its next save.
func again(do func() error) error {
	err := do()
	for range 20 {
		if err == nil || errors.Is(err, journal.ErrTaken) {
			return err
		}
		err = do()
	}
	return err
}

func sum(a, b s3local.Injected) s3local.Injected {
	return s3local.Injected{
		ServerError: a.ServerError + b.ServerError, SlowDown: a.SlowDown + b.SlowDown,
		DropBefore: a.DropBefore + b.DropBefore, DropAfter: a.DropAfter + b.DropAfter, Cut: a.Cut + b.Cut,
	}
}
