// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
)

// providerModel is the provider block. What is needed to connect is known when it is read, so plain Go types hold it.
type providerModel struct {
	Region                    types.String `tfsdk:"region"`
	Profile                   types.String `tfsdk:"profile"`
	AccessKey                 types.String `tfsdk:"access_key"`
	SecretKey                 types.String `tfsdk:"secret_key"`
	Token                     types.String `tfsdk:"token"`
	SharedConfigFiles         []string     `tfsdk:"shared_config_files"`
	SharedCredentialsFiles    []string     `tfsdk:"shared_credentials_files"`
	MaxRetries                *int         `tfsdk:"max_retries"`
	RetryMode                 types.String `tfsdk:"retry_mode"`
	CustomCABundle            types.String `tfsdk:"custom_ca_bundle"`
	HTTPProxy                 *string      `tfsdk:"http_proxy"`
	HTTPSProxy                *string      `tfsdk:"https_proxy"`
	NoProxy                   types.String `tfsdk:"no_proxy"`
	Insecure                  types.Bool   `tfsdk:"insecure"`
	UseFIPSEndpoint           types.Bool   `tfsdk:"use_fips_endpoint"`
	UseDualStackEndpoint      types.Bool   `tfsdk:"use_dualstack_endpoint"`
	SkipCredentialsValidation types.Bool   `tfsdk:"skip_credentials_validation"`
	SkipRequestingAccountID   types.Bool   `tfsdk:"skip_requesting_account_id"`
	AllowedAccountIDs         []string     `tfsdk:"allowed_account_ids"`
	ForbiddenAccountIDs       []string     `tfsdk:"forbidden_account_ids"`

	AssumeRole  []roleBlock        `tfsdk:"assume_role"`
	WebIdentity []webIdentityBlock `tfsdk:"assume_role_with_web_identity"` // One at most.
	Endpoints   types.Object       `tfsdk:"endpoints"`

	ProtectedTables []string     `tfsdk:"protected_tables"`
	Journal         types.Object `tfsdk:"journal"`
}

type roleBlock struct {
	RoleARN           types.String      `tfsdk:"role_arn"`
	ExternalID        types.String      `tfsdk:"external_id"`
	SessionName       types.String      `tfsdk:"session_name"`
	Duration          types.String      `tfsdk:"duration"`
	Policy            types.String      `tfsdk:"policy"`
	PolicyARNs        []string          `tfsdk:"policy_arns"`
	SourceIdentity    types.String      `tfsdk:"source_identity"`
	Tags              map[string]string `tfsdk:"tags"`
	TransitiveTagKeys []string          `tfsdk:"transitive_tag_keys"`
}

type webIdentityBlock struct {
	RoleARN     types.String `tfsdk:"role_arn"`
	Token       types.String `tfsdk:"web_identity_token"`
	TokenFile   types.String `tfsdk:"web_identity_token_file"`
	SessionName types.String `tfsdk:"session_name"`
	Duration    types.String `tfsdk:"duration"`
	Policy      types.String `tfsdk:"policy"`
	PolicyARNs  []string     `tfsdk:"policy_arns"`
}

// settings are the arguments that say how to connect.
func (m *providerModel) settings() awsconn.Settings {
	s := awsconn.Settings{
		Region: m.Region.ValueString(), Profile: m.Profile.ValueString(),
		AccessKey: m.AccessKey.ValueString(), SecretKey: m.SecretKey.ValueString(), Token: m.Token.ValueString(),
		SharedConfigFiles: m.SharedConfigFiles, SharedCredentialsFiles: m.SharedCredentialsFiles,
		MaxRetries: m.MaxRetries, RetryMode: m.RetryMode.ValueString(),
		CustomCABundle: m.CustomCABundle.ValueString(), Insecure: m.Insecure.ValueBool(),
		HTTPProxy: m.HTTPProxy, HTTPSProxy: m.HTTPSProxy, NoProxy: m.NoProxy.ValueString(),
		UseFIPSEndpoint: m.UseFIPSEndpoint.ValueBool(), UseDualStackEndpoint: m.UseDualStackEndpoint.ValueBool(),
		SkipCredentialsValidation: m.SkipCredentialsValidation.ValueBool(),
		SkipRequestingAccountID:   m.SkipRequestingAccountID.ValueBool(),
		AllowedAccountIDs:         m.AllowedAccountIDs, ForbiddenAccountIDs: m.ForbiddenAccountIDs,
		Endpoints: map[string]string{},
	}
	for _, role := range m.AssumeRole {
		s.AssumeRole = append(s.AssumeRole, awsconn.Role{
			ARN: role.RoleARN.ValueString(), ExternalID: role.ExternalID.ValueString(),
			SessionName: role.SessionName.ValueString(),
			Duration:    validDuration(role.Duration), Policy: role.Policy.ValueString(), PolicyARNs: role.PolicyARNs,
			SourceIdentity: role.SourceIdentity.ValueString(), Tags: role.Tags, TransitiveTagKeys: role.TransitiveTagKeys,
		})
	}
	for _, web := range m.WebIdentity {
		s.WebIdentity = &awsconn.WebIdentity{
			Role: awsconn.Role{
				ARN: web.RoleARN.ValueString(), SessionName: web.SessionName.ValueString(),
				Duration: validDuration(web.Duration), Policy: web.Policy.ValueString(), PolicyARNs: web.PolicyARNs,
			},
			Token: web.Token.ValueString(), TokenFile: web.TokenFile.ValueString(),
		}
	}
	for service, endpoint := range m.Endpoints.Attributes() {
		if url, ok := endpoint.(types.String); ok && !url.IsNull() {
			s.Endpoints[service] = url.ValueString()
		}
	}
	return s
}

// validDuration is the duration that a validator has accepted, zero if it is left out.
func validDuration(value types.String) time.Duration {
	d, _ := time.ParseDuration(value.ValueString())
	return d
}

// refuseUnknownArguments refuses a provider block of which something that a plan needs is not known yet: what says how
// to connect, and which tables are protected.
func refuseUnknownArguments(config tftypes.Value, diags *diag.Diagnostics) {
	_ = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		where := frameworkPath(at)
		if where.Equal(path.Root("journal")) {
			return false, nil
		}
		if value.IsKnown() {
			return true, nil
		}
		diags.AddAttributeError(where, "Provider Argument Not Known Yet",
			"The provider needs it while planning, to connect to AWS and to check runs before they are announced, and its "+
				"value is known only after an apply.\n\n"+
				"Set it to a value that is known, such as a variable; or leave it out and set it in the environment, as "+
				"AWS_PROFILE or AWS_REGION; "+
				"or apply first what the value comes from, with terraform apply -target=..., and then the rest.")
		return false, nil
	})
}

// frameworkPath is the same path in the framework's terms. The provider block has no sets.
func frameworkPath(at *tftypes.AttributePath) path.Path {
	where := path.Empty()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			where = where.AtName(string(step))
		case tftypes.ElementKeyInt:
			where = where.AtListIndex(int(step))
		case tftypes.ElementKeyString:
			where = where.AtMapKey(string(step))
		}
	}
	return where
}
