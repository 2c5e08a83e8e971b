// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package awsconn connects to AWS. A provider has one [Connections], from which the two ends of a run get their clients.
// A [Connection] says what one end has of its own, such as a role. Ends with equal connections share their credentials.
//
// [Settings] mean what the arguments of the same names mean to the Terraform AWS provider. A setting that is left out
// comes from the AWS environment variables and the shared AWS files. An endpoint in the settings takes precedence over
// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_SERVICE, and the endpoint of a connection over all of these.
//
// Every error is a *problem.Problem. The errors of [New] name an argument of the provider block. Those of
// [Connections.Config] and of the clients name an argument of the connection, such as "profile" or
// "assume_role.role_arn".
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

// Connections makes the configurations and clients for the ends of runs. It is safe for concurrent use.
type Connections struct {
	settings Settings
	// transport makes the HTTP clients that fetch credentials, which have their own time-outs. shared is built from it
	// and serves all other calls, so that they use one pool of TCP connections.
	transport *awshttp.BuildableClient
	shared    aws.HTTPClient
	provider  aws.Config
	accountID string
	// base has the credentials with which the first of the provider's roles is assumed.
	base aws.Config

	mu   sync.Mutex
	ends map[string]*endConfig
}

// endConfig holds the configuration for one [Connection]. Its own lock lets the other ends go ahead while the
// credentials of this one are fetched.
type endConfig struct {
	mu  sync.Mutex
	cfg *aws.Config // Nil until the credentials have been fetched.
}

// New finds the provider's credentials, assumes its roles and asks STS whose they are, unless the settings skip this
// question. An error appears within seconds: each call to AWS ends after 15 s or three attempts.
func New(ctx context.Context, settings Settings) (*Connections, error) {
	if p := settings.check(); p != nil {
		return nil, p
	}
	c := &Connections{
		settings:  settings,
		transport: newTransport(settings),
		ends:      map[string]*endConfig{},
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

// connect sets the provider's own configuration, whose credentials have been fetched.
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
				Cause: "The provider block, the environment and the profile do not say which Region to use.",
				Next: "Set region in the provider block, the environment variable AWS_REGION, or region in the profile of the " +
					"shared AWS configuration file.",
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

// AccountOf returns the account of the connection's credentials: that of its role, of its profile, or the provider's.
// It is empty if the settings keep STS from being asked.
func (c *Connections) AccountOf(ctx context.Context, conn Connection) (string, error) {
	switch {
	case conn.AssumeRole != nil:
		role, err := arn.Parse(conn.AssumeRole.ARN)
		return role.AccountID, err
	case conn.Profile == "" || c.settings.anonymous():
		return c.accountID, nil
	}
	cfg, err := c.Config(ctx, conn)
	if err != nil {
		return "", err
	}
	account, p := c.callerAccount(ctx, cfg)
	if p != nil {
		return "", p
	}
	return account, nil
}

// WorkerSettings returns the settings with which a process on another machine reaches the same services. That process
// uses the credentials it finds there, so the settings hold no credentials, roles, files or proxies of this machine.
// There may be many such processes, so none of them asks STS whose credentials it has.
func (c *Connections) WorkerSettings() Settings {
	s := c.settings
	return Settings{
		Region:                    c.provider.Region,
		MaxRetries:                s.MaxRetries,
		RetryMode:                 s.RetryMode,
		UseFIPSEndpoint:           s.UseFIPSEndpoint,
		UseDualStackEndpoint:      s.UseDualStackEndpoint,
		SkipCredentialsValidation: true,
		SkipRequestingAccountID:   true,
		Endpoints:                 s.Endpoints,
	}
}

// Config returns the configuration for a connection, without its endpoint. The credentials of its profile or role, if
// it has one, have been fetched.
func (c *Connections) Config(ctx context.Context, conn Connection) (aws.Config, error) {
	conn.Endpoint = ""
	end := c.end(conn.key())
	end.mu.Lock()
	defer end.mu.Unlock()
	if end.cfg == nil {
		cfg, p := c.config(ctx, conn)
		if p != nil {
			return aws.Config{}, p
		}
		end.cfg = &cfg
	}
	return end.cfg.Copy(), nil
}

func (c *Connections) end(key string) *endConfig {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends[key] == nil {
		c.ends[key] = &endConfig{}
	}
	return c.ends[key]
}

func (c *Connections) config(ctx context.Context, conn Connection) (aws.Config, *problem.Problem) {
	region := conn.Region
	if region == "" {
		region = c.provider.Region
	}
	cfg := c.provider.Copy()
	if conn.Profile != "" {
		var p *problem.Problem
		// The connection's Region, not the provider's: the profile may belong to another partition.
		if cfg, p = c.load(ctx, conn.Profile, region); p != nil {
			return aws.Config{}, p
		}
		if _, err := retrieve(ctx, cfg.Credentials); err != nil {
			return aws.Config{}, credentialsProblem(ctx, "profile", err)
		}
	}
	if conn.AssumeRole != nil {
		const attribute = "assume_role.role_arn"
		if p := checkRole(conn.AssumeRole.ARN, attribute); p != nil {
			return aws.Config{}, p
		}
		var p *problem.Problem
		if cfg, p = c.assume(ctx, cfg, *conn.AssumeRole, attribute); p != nil {
			return aws.Config{}, p
		}
	}
	cfg.Region = region
	return cfg, nil
}

// key is the same for equal connections, and different for others.
func (c Connection) key() string {
	externalID := "" // The JSON form of a role leaves it out.
	if c.AssumeRole != nil {
		externalID = c.AssumeRole.ExternalID
	}
	key, err := json.Marshal([]any{c, externalID})
	if err != nil {
		panic(err) // Every field of a Connection has a JSON form.
	}
	return string(key)
}

// SameCredentials reports whether both connections use the same credentials.
func (c Connection) SameCredentials(other Connection) bool {
	c.Region, c.Endpoint, other.Region, other.Endpoint = "", "", "", ""
	return c.key() == other.key()
}
