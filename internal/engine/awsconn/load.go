// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/net/http/httpproxy"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

const (
	// defaultRetries is small because the SDK's retries serve single calls. The engine's data path has its own.
	defaultRetries = 5
	maxBackoff     = 5 * time.Second
	// idleConnections is above the number of requests that a run sends at once, so that all of them reuse connections.
	idleConnections = 256
	// writeBuffer holds most requests whole, so that each is sent in one piece.
	writeBuffer = 64 << 10
	dialTimeout = 10 * time.Second
	// readTimeout ends a connection on which nothing arrives, so that one that died silently does not hold up a run. It
	// is longer than DynamoDB works on any request, and longer than a large request takes to be sent.
	readTimeout = time.Minute
)

// load reads the environment and the shared files for a profile. An empty name means the default profile.
func (c *Connections) load(
	ctx context.Context,
	profile, region string,
	more ...func(*config.LoadOptions) error,
) (aws.Config, *problem.Problem) {
	s := c.settings
	product, version, _ := strings.Cut(s.UserAgent, "/")
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(c.transport),
		config.WithAPIOptions([]func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue(product, version)}),
		config.WithRegion(region),
		config.WithSharedConfigProfile(profile),
		config.WithRetryMode(aws.RetryMode(s.RetryMode)),
		config.WithCredentialsCacheOptions(renewEarly),
		// The SDK itself makes the STS clients for profiles and for AWS_ROLE_ARN. The settings apply to them too.
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			if client, ok := o.Client.(*sts.Client); ok {
				o.Client = sts.New(client.Options(), c.stsOptions)
			}
		}),
		config.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) {
			if client, ok := o.Client.(*sts.Client); ok {
				o.Client = sts.New(client.Options(), c.stsOptions)
			}
		}),
	}
	if len(s.SharedConfigFiles) > 0 {
		options = append(options, config.WithSharedConfigFiles(expandAll(s.SharedConfigFiles)))
	}
	if len(s.SharedCredentialsFiles) > 0 {
		options = append(options, config.WithSharedCredentialsFiles(expandAll(s.SharedCredentialsFiles)))
	}
	if s.UseFIPSEndpoint {
		options = append(options, config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled))
	}
	if s.UseDualStackEndpoint {
		options = append(options, config.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled))
	}
	if s.CustomCABundle != "" {
		pem, err := os.ReadFile(expand(s.CustomCABundle))
		if err != nil {
			return aws.Config{}, loadProblem(profile, err)
		}
		options = append(options, config.WithCustomCABundle(bytes.NewReader(pem)))
	}
	cfg, err := config.LoadDefaultConfig(ctx, append(options, more...)...)
	if err != nil {
		return aws.Config{}, loadProblem(profile, err)
	}
	if c.shared == nil {
		c.shared = freeze(cfg.HTTPClient)
	}
	cfg.HTTPClient = c.shared
	setRetries(&cfg, s.MaxRetries)
	return cfg, nil
}

// freeze makes all service clients share the HTTP client. The SDK copies one that is not frozen for each service
// client, and every copy has its own pool of connections.
func freeze(client aws.HTTPClient) aws.HTTPClient {
	if buildable, ok := client.(*awshttp.BuildableClient); ok {
		return buildable.Freeze()
	}
	return client
}

// setRetries takes the token bucket out of the clients' retries. With it, the SDK stops retrying when many requests of
// a client fail at once, as they do when a table is throttled, even if each of them could still wait.
func setRetries(cfg *aws.Config, retries *int) {
	switch {
	case retries != nil:
		cfg.RetryMaxAttempts = *retries + 1
	case cfg.RetryMaxAttempts == 0:
		cfg.RetryMaxAttempts = defaultRetries + 1
	}
	adaptive := cfg.RetryMode == aws.RetryModeAdaptive
	cfg.Retryer = func() aws.Retryer {
		unlimited := func(o *retry.StandardOptions) {
			o.RateLimiter = ratelimit.None
			o.MaxBackoff = maxBackoff
		}
		if adaptive {
			return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
				o.StandardOptions = append(o.StandardOptions, unlimited)
			})
		}
		return retry.NewStandard(unlimited)
	}
}

func newTransport(s Settings) *awshttp.BuildableClient {
	proxies := httpproxy.FromEnvironment()
	if s.HTTPProxy != nil {
		proxies.HTTPProxy = *s.HTTPProxy
		if proxies.HTTPSProxy == "" {
			proxies.HTTPSProxy = *s.HTTPProxy
		}
	}
	if s.HTTPSProxy != nil {
		proxies.HTTPSProxy = *s.HTTPSProxy
	}
	if s.NoProxy != "" {
		proxies.NoProxy = s.NoProxy
	}
	proxyOf := proxies.ProxyFunc()
	return awshttp.NewBuildableClient().
		WithReadTimeout(readTimeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = idleConnections
			t.MaxIdleConnsPerHost = idleConnections
			t.MaxConnsPerHost = 0
			t.WriteBufferSize = writeBuffer
			t.TLSClientConfig.InsecureSkipVerify = s.Insecure
			t.Proxy = func(r *http.Request) (*url.URL, error) { return proxyOf(r.URL) }
		})
}

// instanceRegion returns the Region of the EC2 instance that the credentials come from. It is empty if they come from
// elsewhere.
func (c *Connections) instanceRegion(ctx context.Context, cfg aws.Config) string {
	found, err := retrieve(ctx, cfg.Credentials)
	if err != nil || found.Source != ec2rolecreds.ProviderName {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, credentialTimeout)
	defer cancel()
	cfg.HTTPClient = c.transport // The metadata client sets shorter time-outs on it.
	answer, err := imds.NewFromConfig(cfg).GetRegion(ctx, nil)
	if err != nil {
		return ""
	}
	return answer.Region
}
