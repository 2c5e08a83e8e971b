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
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// expirationEnv is the variable in which the AWS CLI says when the keys it exports expire ("export-credentials" in the
// AWS CLI Command Reference).
const expirationEnv = "AWS_CREDENTIAL_EXPIRATION"

// NonRenewable reports whether the connection's credentials will expire and cannot be renewed. That is so if these
// credentials, or those with which the first role is assumed, were given as keys with a session token, or come from an
// identity provider's token in the provider block. until is when they expire, or zero if that is unknown. The error is
// that of Config.
func (c *Connections) NonRenewable(ctx context.Context, conn Connection) (until time.Time, ends bool, err error) {
	first := c.base
	switch {
	case conn.Profile != "":
		conn.AssumeRole = nil
		if first, err = c.Config(ctx, conn); err != nil {
			return time.Time{}, false, err
		}
	case c.settings.WebIdentity != nil:
		return time.Time{}, c.settings.WebIdentity.Token != "", nil
	}
	if aws.IsCredentialsProvider(first.Credentials, (*stscreds.AssumeRoleProvider)(nil)) {
		keys, environment := profileKeys(first)
		return expiration(environment), keys.SessionToken != "", nil
	}
	found, err := retrieve(ctx, first.Credentials)
	if err != nil {
		return time.Time{}, false, credentialsProblem(ctx, "profile", err)
	}
	if found.SessionToken == "" || !aws.IsCredentialsProvider(first.Credentials, credentials.StaticCredentialsProvider{}) {
		return time.Time{}, false, nil
	}
	return expiration(found.Source == config.CredentialsSourceName), true, nil
}

// profileKeys returns the keys with which the profile's role is assumed, and whether they come from the environment. If
// the role is assumed with other credentials, the keys are empty ("source_profile" and "credential_source" in the AWS
// SDKs and Tools Reference Guide).
func profileKeys(cfg aws.Config) (keys aws.Credentials, environment bool) {
	var variables config.EnvConfig
	var profile *config.SharedConfig
	for _, source := range cfg.ConfigSources {
		switch source := source.(type) {
		case config.EnvConfig:
			variables = source
		case config.SharedConfig:
			profile = &source
		}
	}
	if profile == nil {
		return aws.Credentials{}, false
	}
	for profile.Source != nil {
		profile = profile.Source
	}
	if profile.CredentialSource == "Environment" && !profile.Credentials.HasKeys() {
		return variables.Credentials, true
	}
	return profile.Credentials, false
}

// expiration returns when the keys of the environment expire. It is zero for other keys, and where the environment does
// not hold a valid time.
func expiration(environment bool) (until time.Time) {
	if environment {
		until, _ = time.Parse(time.RFC3339, os.Getenv(expirationEnv))
	}
	return until
}
