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

// expirationEnv is the variable in which the AWS CLI hands over when the keys beside it expire ("export-credentials" in
// the AWS CLI Command Reference).
const expirationEnv = "AWS_CREDENTIAL_EXPIRATION"

// NonRenewable reports whether the side's credentials, or those with which its first role is assumed, are temporary and
// were given as keys with a session token, or as the token of an identity provider: there is nowhere to get new ones
// from when they expire. The time is when that is, zero if nobody has said so. An error is that of Config.
func (c *Connections) NonRenewable(ctx context.Context, side Connection) (until time.Time, ends bool, err error) {
	first := c.base
	switch {
	case side.Profile != "":
		side.AssumeRole = nil
		if first, err = c.Config(ctx, side); err != nil {
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

// profileKeys are the keys with which the role of the configuration's profile is assumed, and whether they are the
// environment's; none if it is assumed with other credentials ("source_profile" and "credential_source" in the AWS SDKs
// and Tools Reference Guide).
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

// expiration is what the environment says of its keys, zero for other ones. What is not a time says nothing.
func expiration(environment bool) (until time.Time) {
	if environment {
		until, _ = time.Parse(time.RFC3339, os.Getenv(expirationEnv))
	}
	return until
}
