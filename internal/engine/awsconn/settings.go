// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Settings say how the provider connects. A zero field takes its value from the AWS environment variables, then from
// the shared AWS files, then from the SDK's defaults. File names may begin with ~/ and contain $VARIABLES.
type Settings struct {
	Region, Profile                           string
	AccessKey, SecretKey, Token               string
	SharedConfigFiles, SharedCredentialsFiles []string
	// MaxRetries is how often a call is repeated after its first attempt. The engine's data path does not use it.
	MaxRetries *int
	// RetryMode is "standard" or "adaptive".
	RetryMode string
	// CustomCABundle is a file of PEM certificates that are trusted instead of the system's.
	CustomCABundle string
	// HTTPProxy and HTTPSProxy are URLs. Nil means the proxy of the environment; empty means no proxy. HTTPProxy alone
	// serves https requests too, unless the environment has a proxy for them.
	HTTPProxy, HTTPSProxy *string
	NoProxy               string
	// Insecure switches off the check of server certificates.
	Insecure                              bool
	UseFIPSEndpoint, UseDualStackEndpoint bool
	// SkipCredentialsValidation and SkipRequestingAccountID together keep New from asking STS who the caller is. Either
	// one alone does not.
	SkipCredentialsValidation, SkipRequestingAccountID bool
	// AllowedAccountIDs and ForbiddenAccountIDs restrict the provider's own credentials, not those of a Connection.
	AllowedAccountIDs, ForbiddenAccountIDs []string
	// AssumeRole is a chain: each role is assumed with the credentials of the one before.
	AssumeRole  []Role
	WebIdentity *WebIdentity
	// Endpoints are the URLs of services by their names in the provider block.
	Endpoints map[string]string
	// UserAgent is the product in the User-Agent header of requests, as NAME/VERSION.
	UserAgent string
}

// Role is a role to assume ("AssumeRole" in the AWS STS API Reference). Only ARN is required.
type Role struct {
	ARN, SessionName string
	// ExternalID is sent to STS and written to no file: the account that trusts the caller may treat it as a secret.
	ExternalID string `json:"-"`
	// Duration is how long the credentials last before they are renewed. Zero means 15 minutes.
	Duration time.Duration
	// Policy is a session policy in JSON; PolicyARNs are managed session policies.
	Policy            string
	PolicyARNs        []string
	SourceIdentity    string
	Tags              map[string]string
	TransitiveTagKeys []string
}

// WebIdentity is a role to assume with the token of an identity provider ("AssumeRoleWithWebIdentity" in the AWS STS
// API Reference). Exactly one of Token and TokenFile is set. Of Role, only the ARN, the session name, the duration and
// the policies are used.
type WebIdentity struct {
	Role
	Token, TokenFile string
}

// Connection says how one end of a run connects. A zero field means the provider's own value.
type Connection struct {
	Region string
	// Profile is the profile whose credentials replace the provider's.
	Profile string
	// Endpoint is the URL of DynamoDB alone. Other services have theirs in the settings.
	Endpoint string
	// AssumeRole is assumed with the credentials of Profile, or else with the provider's.
	AssumeRole *Role
}

// check returns what is wrong with the settings themselves, or nil. It asks no service.
func (s Settings) check() *problem.Problem {
	if (s.AccessKey == "") != (s.SecretKey == "") || (s.Token != "" && s.AccessKey == "") {
		return &problem.Problem{
			Summary: "Incomplete Credentials", Attribute: "access_key",
			Cause: "access_key and secret_key go together, and token needs both of them.",
			Next:  "Set both access_key and secret_key, or neither, so that profile or the environment provides credentials.",
		}
	}
	if s.AccessKey != "" && s.WebIdentity != nil {
		return &problem.Problem{
			Summary: "Two Sources Of Credentials", Attribute: "assume_role_with_web_identity",
			Cause: "Both access_key and assume_role_with_web_identity are set, and only one can provide the credentials.",
			Next:  "Remove one of them.",
		}
	}
	if s.RetryMode != "" {
		if _, err := aws.ParseRetryMode(s.RetryMode); err != nil {
			return &problem.Problem{
				Summary: "Unknown Retry Mode", Attribute: "retry_mode",
				Cause: fmt.Sprintf("There is no retry mode %q.", s.RetryMode),
				Next:  `Use "standard" or "adaptive".`,
			}
		}
	}
	for attribute, proxy := range map[string]*string{"http_proxy": s.HTTPProxy, "https_proxy": s.HTTPSProxy} {
		// The error of url.Parse quotes the URL, which may hold a password.
		if _, err := url.Parse(aws.ToString(proxy)); err != nil {
			return &problem.Problem{
				Summary: "Invalid Proxy URL", Attribute: attribute,
				Cause: "The value is not a URL.", Next: "Write it as http://HOST:PORT.",
			}
		}
	}
	if s.CustomCABundle != "" {
		pem, err := os.ReadFile(expand(s.CustomCABundle))
		if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
			return &problem.Problem{
				Summary: "Unusable CA Bundle", Attribute: "custom_ca_bundle", Err: err,
				Cause: "The file cannot be read, or it contains no certificate.",
				Next:  "Name a file of one or more certificates in PEM form.",
			}
		}
	}
	if p := s.checkPins(); p != nil {
		return p
	}
	return s.checkRoles()
}

func (s Settings) checkRoles() *problem.Problem {
	for i, role := range s.AssumeRole {
		if p := checkRole(role.ARN, fmt.Sprintf("assume_role.%d.role_arn", i)); p != nil {
			return p
		}
	}
	if s.WebIdentity == nil {
		return nil
	}
	if (s.WebIdentity.Token == "") == (s.WebIdentity.TokenFile == "") {
		return &problem.Problem{
			Summary: "Web Identity Token Missing Or Given Twice", Attribute: "assume_role_with_web_identity",
			Cause: "The role is assumed with exactly one token.",
			Next:  "Set either web_identity_token or web_identity_token_file.",
		}
	}
	if s.WebIdentity.TokenFile != "" {
		if _, err := os.ReadFile(expand(s.WebIdentity.TokenFile)); err != nil {
			return &problem.Problem{
				Summary:   "Web Identity Token Cannot Be Read",
				Attribute: "assume_role_with_web_identity.0.web_identity_token_file",
				Cause:     "The file with the token cannot be read.",
				Next:      "Name the file that the identity provider writes the token to.",
				Err:       err,
			}
		}
	}
	return checkRole(s.WebIdentity.ARN, "assume_role_with_web_identity.0.role_arn")
}

// anonymous reports whether STS is never asked whose credentials these are.
func (s Settings) anonymous() bool { return s.SkipCredentialsValidation && s.SkipRequestingAccountID }

// pins returns the argument that restricts the account, or "" if none does.
func (s Settings) pins() string {
	switch {
	case len(s.AllowedAccountIDs) > 0:
		return "allowed_account_ids"
	case len(s.ForbiddenAccountIDs) > 0:
		return "forbidden_account_ids"
	}
	return ""
}

func (s Settings) checkPins() *problem.Problem {
	pins := s.pins()
	switch {
	case len(s.AllowedAccountIDs) > 0 && len(s.ForbiddenAccountIDs) > 0:
		return &problem.Problem{
			Summary: "Conflicting Account Lists", Attribute: "forbidden_account_ids",
			Cause: "allowed_account_ids and forbidden_account_ids exclude each other.",
			Next:  "Keep one of them. allowed_account_ids is safer: it refuses every account that is not listed.",
		}
	case pins != "" && s.anonymous():
		return &problem.Problem{
			Summary: "Account Unknown", Attribute: "skip_requesting_account_id",
			Cause: pins + " cannot be enforced: skip_credentials_validation and skip_requesting_account_id are both set, " +
				"so AWS is not asked for the account.",
			Next: "Remove skip_requesting_account_id, or " + pins + ".",
		}
	}
	return nil
}

// checkAccount returns a problem if the provider's credentials may not belong to the account.
func (s Settings) checkAccount(account string) *problem.Problem {
	allowed := len(s.AllowedAccountIDs) == 0 || slices.Contains(s.AllowedAccountIDs, account)
	if allowed && !slices.Contains(s.ForbiddenAccountIDs, account) {
		return nil
	}
	return &problem.Problem{
		Summary: "Account Not Allowed", Attribute: s.pins(), Account: account,
		Cause: "The provider's credentials belong to an account that " + s.pins() + " rules out.",
		Next:  "Use credentials of the intended account, or correct " + s.pins() + ".",
	}
}

// accountPattern is the form of account ids ("View AWS account identifiers" in the AWS Account Management Reference
// Guide).
var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

// checkRole returns a problem unless the value is a role's ARN ("IAM identifiers" in the AWS IAM User Guide).
func checkRole(value, attribute string) *problem.Problem {
	role, err := arn.Parse(value)
	if err == nil && strings.HasPrefix(role.Partition, "aws") && role.Service == "iam" && role.Region == "" &&
		accountPattern.MatchString(role.AccountID) &&
		len(role.Resource) > len("role/") && strings.HasPrefix(role.Resource, "role/") {
		return nil
	}
	return &problem.Problem{
		Summary: "Not A Role ARN", Attribute: attribute,
		Cause: fmt.Sprintf("%q is not the ARN of an IAM role.", value),
		Next:  "Write it as arn:aws:iam::ACCOUNT:role/NAME.",
	}
}

// expand replaces variables and a leading ~/ in a file name.
func expand(name string) string {
	name = os.ExpandEnv(name)
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return name
}

func expandAll(names []string) []string {
	expanded := make([]string, len(names))
	for i, name := range names {
		expanded[i] = expand(name)
	}
	return expanded
}
