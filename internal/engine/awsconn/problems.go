// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// cancelled returns the problem of an interrupted connection, or nil if ctx has not ended.
func cancelled(ctx context.Context, err error) *problem.Problem {
	if ctx.Err() == nil {
		return nil
	}
	return &problem.Problem{
		Summary: "Connecting To AWS Was Interrupted",
		Cause:   "Nothing had been done yet.",
		Next:    "Apply again.",
		Err:     err,
	}
}

// loadProblem says why the environment and the shared files could not be read.
func loadProblem(profile string, err error) *problem.Problem {
	attribute := ""
	if profile != "" {
		attribute = "profile"
	}
	var missing config.SharedConfigProfileNotExistError
	var mfa config.AssumeRoleTokenProviderNotSetError
	switch {
	case errors.As(err, &missing):
		cause := fmt.Sprintf("There is no profile %q in the shared AWS files.", missing.Profile)
		if profile == "" {
			cause += " The name comes from the environment variable AWS_PROFILE or AWS_DEFAULT_PROFILE."
		}
		return &problem.Problem{
			Summary: "Profile Not Found", Attribute: "profile", Cause: cause, Err: err,
			Next: "Correct the name, or set the paths of the files: in the provider's shared_config_files and " +
				"shared_credentials_files, or in AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.",
		}
	case errors.As(err, &mfa):
		return &problem.Problem{
			Summary: "Profile Asks For An MFA Code", Attribute: "profile", Err: err,
			Cause: "The profile has an mfa_serial, but Terraform cannot ask for the code while it runs.",
			Next: "Get a session beforehand, for example with aws sts get-session-token, and set its credentials in the " +
				"environment.",
		}
	}
	return &problem.Problem{
		Summary: "AWS Configuration Cannot Be Read", Attribute: attribute, Err: err,
		Cause: "An AWS environment variable or a shared AWS file holds a value that cannot be used.",
		Next:  "Correct what the original error names.",
	}
}

// noCredentials says why the provider has no credentials.
func (c *Connections) noCredentials(ctx context.Context, err error) *problem.Problem {
	switch {
	case c.settings.WebIdentity != nil:
		return roleProblem(ctx, "assume_role_with_web_identity.0.role_arn", c.settings.WebIdentity.ARN, err)
	case c.settings.Profile != "":
		return credentialsProblem(ctx, "profile", err)
	}
	if p := cancelled(ctx, err); p != nil {
		return p
	}
	return &problem.Problem{
		Summary: "No AWS Credentials", Err: err,
		Cause: "No usable credentials were found in the provider block, the environment, the shared AWS files, the " +
			"container or the instance.",
		Next: "In the provider block, set profile, or access_key and secret_key. Or, in the environment, set AWS_PROFILE, " +
			"or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
	}
}

// credentialsProblem says that the profile, named by the attribute, gives no credentials.
func credentialsProblem(ctx context.Context, attribute string, err error) *problem.Problem {
	if p := cancelled(ctx, err); p != nil {
		return p
	}
	return &problem.Problem{
		Summary: "No Credentials From The Profile", Attribute: attribute, Err: err,
		Cause: "The profile exists, but no credentials could be obtained with it.",
		Next: "Check the profile. If it uses single sign-on, log in with aws sso login. aws sts get-caller-identity with " +
			"this profile must succeed.",
	}
}

// roleProblem says why a role, named by the attribute, could not be assumed.
func roleProblem(ctx context.Context, attribute, role string, err error) *problem.Problem {
	if p := cancelled(ctx, err); p != nil {
		return p
	}
	p := &problem.Problem{Summary: "Cannot Assume Role", Attribute: attribute, Err: err}
	switch code := awserr.Code(err); {
	case awserr.CredentialsRefused(err):
		p.Cause = fmt.Sprintf("AWS does not accept the credentials used to assume %s (%s).", role, code)
		p.Next = "Check these credentials and the clock of this machine, and renew credentials that have expired."
	case awserr.AccessDenied(err):
		p.Cause = "The caller may not assume " + role + "."
		p.Next = "Check that the role exists, that its trust policy names the caller, that external_id is what that policy " +
			"asks for, and that the caller may call sts:AssumeRole on the role."
	case code != "":
		p.Cause = fmt.Sprintf("STS refused the request to assume %s (%s).", role, code)
		p.Next = "Correct what the original error names."
	default:
		p.Cause = fmt.Sprintf("%s could not be assumed: there was no usable answer from STS.", role)
		p.Next = "See the original error. Check the network, the proxy settings and endpoints.sts."
	}
	return p
}

// identityProblem says why GetCallerIdentity failed.
func (c *Connections) identityProblem(ctx context.Context, err error) *problem.Problem {
	if p := cancelled(ctx, err); p != nil {
		return p
	}
	if awserr.CredentialsRefused(err) {
		return &problem.Problem{
			Summary: "AWS Credentials Refused", Attribute: c.source(), Err: err,
			Cause: "AWS does not accept the provider's credentials (" + awserr.Code(err) + ").",
			Next:  "Check the credentials and the clock of this machine, and renew credentials that have expired.",
		}
	}
	return &problem.Problem{
		Summary: "AWS Credentials Cannot Be Checked", Err: err,
		Cause: "STS gave no usable answer to GetCallerIdentity.",
		Next: "Check the Region, the network, the proxy settings and endpoints.sts. Where there is no STS, as with a " +
			"local DynamoDB, set skip_credentials_validation and skip_requesting_account_id.",
	}
}

// source returns the argument that the credentials come from. It is empty if they come from the environment.
func (c *Connections) source() string {
	switch s := c.settings; {
	case len(s.AssumeRole) > 0:
		return "assume_role"
	case s.WebIdentity != nil:
		return "assume_role_with_web_identity"
	case s.AccessKey != "":
		return "access_key"
	case s.Profile != "":
		return "profile"
	}
	return ""
}
