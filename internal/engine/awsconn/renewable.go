// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// expirationEnv is the variable in which the AWS CLI hands over when the keys beside it expire ("export-credentials" in the
// AWS CLI Command Reference).
const expirationEnv = "AWS_CREDENTIAL_EXPIRATION"

// EndsForGood says whether the side's credentials, or those with which its first role is assumed, are temporary and were
// given as keys with a session token: there is nowhere to get new ones from when they expire. The time is when that is, zero
// if nobody has said so. An error is that of Config.
func (c *Connections) EndsForGood(ctx context.Context, side Side) (until time.Time, ends bool, err error) {
	first := c.base
	if side.Profile != "" {
		side.AssumeRole = nil
		cfg, err := c.Config(ctx, side)
		if err != nil {
			return time.Time{}, false, err
		}
		first = cfg.Credentials
	}
	found, err := retrieve(ctx, first)
	if err != nil {
		return time.Time{}, false, credentialsProblem(ctx, "profile", err)
	}
	if found.SessionToken == "" || !aws.IsCredentialsProvider(first, credentials.StaticCredentialsProvider{}) {
		return time.Time{}, false, nil
	}
	if found.Source == config.CredentialsSourceName {
		// What is not a time says nothing.
		until, _ = time.Parse(time.RFC3339, os.Getenv(expirationEnv))
	}
	return until, true, nil
}
