// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package awsconn connects to AWS: one [Connections] for a provider, one set of credentials for each side of a run that
// differs.
//
// [Settings] mean what the arguments of the same names mean to the Terraform AWS provider. What a setting leaves open
// comes from the AWS environment variables and the shared AWS files. An endpoint in the settings wins over
// AWS_ENDPOINT_URL and its kin, and a side's endpoint over all.
//
// Every error is a *problem.Problem. That of [New] names an argument of the provider block; that of
// [Connections.Config] and [Connections.DynamoDB] an argument of the side, such as "profile" or "assume_role.role_arn".
package awsconn

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Connections makes the configurations and clients for the sides of runs. It is safe for concurrent use.
type Connections struct {
	settings Settings
	// transport makes the HTTP clients that fetch credentials, which have time-outs of their own; shared, built from it,
	// serves all others, so that they use one pool of connections.
	transport *awshttp.BuildableClient
	shared    aws.HTTPClient
	provider  aws.Config
	accountID string
	// base has the credentials with which the first of the provider's roles is assumed.
	base aws.Config

	mu    sync.Mutex
	sides map[string]*sideConfig
}

// sideConfig is the configuration of one side, nil until its credentials have been fetched. Other sides do not wait for
// that.
type sideConfig struct {
	mu  sync.Mutex
	cfg *aws.Config
}

// New finds the provider's credentials, assumes its roles and asks STS whose they are, unless the settings say not to.
// Whatever is wrong is found within seconds: each call to AWS is given up after 15 s or three attempts.
func New(ctx context.Context, settings Settings) (*Connections, error) {
	if p := settings.check(); p != nil {
		return nil, p
	}
	c := &Connections{
		settings:  settings,
		transport: newTransport(settings),
		sides:     map[string]*sideConfig{},
	}
	if p := c.connect(ctx); p != nil {
		return nil, p
	}
	if settings.anonymous() {
		return c, nil
	}
	var p *problem.Problem
	if c.accountID, p = c.callerAccount(ctx, c.provider); p != nil {
		return nil, p
	}
	if p := settings.checkAccount(c.accountID); p != nil {
		return nil, p
	}
	return c, nil
}

// connect sets the provider's own configuration.
func (c *Connections) connect(ctx context.Context) *problem.Problem {
	s := c.settings
	var given []func(*config.LoadOptions) error
	if s.AccessKey != "" {
		given = append(
			given,
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, s.Token)),
		)
	}
	cfg, p := c.load(ctx, s.Profile, s.Region, given...)
	if p != nil {
		return p
	}
	if cfg.Region == "" {
		if cfg.Region = c.instanceRegion(ctx, cfg); cfg.Region == "" {
			return &problem.Problem{
				Summary: "Region Missing", Attribute: "region",
				Cause: "Neither the provider block nor the environment nor the profile says which Region to use.",
				Next: "Set region in the provider block, or the environment variable AWS_REGION, or region in the profile of " +
					"the shared AWS configuration file.",
			}
		}
	}
	if s.WebIdentity != nil {
		cfg.Credentials = c.webIdentity(cfg, *s.WebIdentity)
	}
	if _, err := retrieve(ctx, cfg.Credentials); err != nil {
		return c.noCredentials(ctx, err)
	}
	c.base = cfg
	c.provider, p = c.assumeAll(ctx, cfg, s.AssumeRole)
	return p
}

// AccountOf is the account of a side's credentials: that of its role, or of its profile, or the provider's; empty if
// STS is not to be asked.
func (c *Connections) AccountOf(ctx context.Context, side Connection) (string, error) {
	switch {
	case side.AssumeRole != nil:
		role, err := arn.Parse(side.AssumeRole.ARN)
		return role.AccountID, err
	case side.Profile == "" || c.settings.anonymous():
		return c.accountID, nil
	}
	cfg, err := c.Config(ctx, side)
	if err != nil {
		return "", err
	}
	account, p := c.callerAccount(ctx, cfg)
	if p != nil {
		return "", p
	}
	return account, nil
}

// WorkerSettings are the settings with which a process on another machine reaches the same services, with the
// credentials that it finds there: no credentials, roles, files or proxies of this machine are among them. Such
// processes may be many, and do not ask STS whose their credentials are.
func (c *Connections) WorkerSettings() Settings {
	s := c.settings
	return Settings{
		Region: c.provider.Region, MaxRetries: s.MaxRetries, RetryMode: s.RetryMode, UseFIPSEndpoint: s.UseFIPSEndpoint,
		UseDualStackEndpoint:      s.UseDualStackEndpoint,
		SkipCredentialsValidation: true, SkipRequestingAccountID: true, Endpoints: s.Endpoints,
	}
}

// Config returns the configuration of a side; the side's endpoint is not part of it. If the side has a profile or a
// role, its credentials have been fetched.
func (c *Connections) Config(ctx context.Context, side Connection) (aws.Config, error) {
	side.Endpoint = ""
	of := c.side(side.key())
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.cfg == nil {
		cfg, p := c.config(ctx, side)
		if p != nil {
			return aws.Config{}, p
		}
		of.cfg = &cfg
	}
	return of.cfg.Copy(), nil
}

func (c *Connections) side(key string) *sideConfig {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sides[key] == nil {
		c.sides[key] = &sideConfig{}
	}
	return c.sides[key]
}

func (c *Connections) config(ctx context.Context, side Connection) (aws.Config, *problem.Problem) {
	region := side.Region
	if region == "" {
		region = c.provider.Region
	}
	cfg := c.provider.Copy()
	if side.Profile != "" {
		var p *problem.Problem
		// The side's Region, not the provider's: the profile may belong to another partition.
		if cfg, p = c.load(ctx, side.Profile, region); p != nil {
			return aws.Config{}, p
		}
		if _, err := retrieve(ctx, cfg.Credentials); err != nil {
			return aws.Config{}, credentialsProblem(ctx, "profile", err)
		}
	}
	if side.AssumeRole != nil {
		const attribute = "assume_role.role_arn"
		if p := checkRole(side.AssumeRole.ARN, attribute); p != nil {
			return aws.Config{}, p
		}
		var p *problem.Problem
		if cfg, p = c.assume(ctx, cfg, *side.AssumeRole, attribute); p != nil {
			return aws.Config{}, p
		}
	}
	cfg.Region = region
	return cfg, nil
}

// key is equal for equal sides.
func (s Connection) key() string {
	external := "" // It is left out of a side's JSON form.
	if s.AssumeRole != nil {
		external = s.AssumeRole.ExternalID
	}
	key, err := json.Marshal([]any{s, external})
	if err != nil {
		panic(err) // A Side holds nothing that JSON could not.
	}
	return string(key)
}

// SameCredentials reports whether both sides are reached with the same credentials.
func (s Connection) SameCredentials(other Connection) bool {
	s.Region, s.Endpoint, other.Region, other.Endpoint = "", "", "", ""
	return s.key() == other.key()
}
