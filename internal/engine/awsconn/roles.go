// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	// credentialTimeout bounds each step on the way to credentials.
	credentialTimeout = 15 * time.Second
	// credentialAttempts bounds the attempts of a call to STS. The retries in the settings are for other calls.
	credentialAttempts = 3
	// renewal is how long before they expire credentials are renewed, so that none expires while a request is sent.
	renewal = 2 * time.Minute
)

func (c *Connections) stsOptions(o *sts.Options) {
	o.RetryMaxAttempts = credentialAttempts
	o.Retryer = retry.AddWithMaxBackoffDelay(o.Retryer, time.Second)
	if endpoint := c.settings.Endpoints["sts"]; endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
		o.APIOptions = append(slices.Clone(o.APIOptions), hiding(endpoint))
		o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
		o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
	}
}

// assumeAll assumes the roles of the provider block, each with the credentials of the one before.
func (c *Connections) assumeAll(ctx context.Context, cfg aws.Config, roles []Role) (aws.Config, *problem.Problem) {
	for i, role := range roles {
		var p *problem.Problem
		if cfg, p = c.assume(ctx, cfg, role, fmt.Sprintf("assume_role.%d.role_arn", i)); p != nil {
			return aws.Config{}, p
		}
	}
	return cfg, nil
}

// assume returns the configuration with the credentials of the role, and fetches them. attribute is the argument that
// names the role.
func (c *Connections) assume(
	ctx context.Context,
	cfg aws.Config,
	role Role,
	attribute string,
) (aws.Config, *problem.Problem) {
	provider := stscreds.NewAssumeRoleProvider(
		sts.NewFromConfig(cfg, c.stsOptions),
		role.ARN,
		func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = role.SessionName
			o.Duration = role.Duration
			o.ExternalID = optional(role.ExternalID)
			o.Policy = optional(role.Policy)
			o.PolicyARNs = role.policies()
			o.SourceIdentity = optional(role.SourceIdentity)
			o.TransitiveTagKeys = role.TransitiveTagKeys
			for key, value := range role.Tags {
				o.Tags = append(o.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
			}
		},
	)
	cfg.Credentials = cached(provider)
	if _, err := retrieve(ctx, cfg.Credentials); err != nil {
		return aws.Config{}, roleProblem(ctx, attribute, role.ARN, err)
	}
	return cfg, nil
}

func (c *Connections) webIdentity(cfg aws.Config, identity WebIdentity) aws.CredentialsProvider {
	var token stscreds.IdentityTokenRetriever = stscreds.IdentityTokenFile(expand(identity.TokenFile))
	if identity.Token != "" {
		token = givenToken(identity.Token)
	}
	client := sts.NewFromConfig(cfg, c.stsOptions)
	return cached(
		stscreds.NewWebIdentityRoleProvider(client, identity.ARN, token, func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName = identity.SessionName
			o.Duration = identity.Duration
			o.Policy = optional(identity.Policy)
			o.PolicyARNs = identity.policies()
		}),
	)
}

// givenToken is a web identity token from the provider block.
type givenToken string

func (t givenToken) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

func (r Role) policies() []types.PolicyDescriptorType {
	var policies []types.PolicyDescriptorType
	for _, policy := range r.PolicyARNs {
		policies = append(policies, types.PolicyDescriptorType{Arn: aws.String(policy)})
	}
	return policies
}

func cached(provider aws.CredentialsProvider) aws.CredentialsProvider {
	return aws.NewCredentialsCache(provider, renewEarly)
}

func renewEarly(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewal }

func retrieve(ctx context.Context, provider aws.CredentialsProvider) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, credentialTimeout)
	defer cancel()
	return provider.Retrieve(ctx)
}

// callerAccount asks STS which account the credentials belong to.
func (c *Connections) callerAccount(ctx context.Context, cfg aws.Config) (string, *problem.Problem) {
	limited, cancel := context.WithTimeout(ctx, credentialTimeout)
	defer cancel()
	answer, err := sts.NewFromConfig(cfg, c.stsOptions).GetCallerIdentity(limited, nil)
	if err != nil {
		return "", c.identityProblem(ctx, err)
	}
	return aws.ToString(answer.Account), nil
}

// optional returns a pointer to the value, or nil for the empty string.
func optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
