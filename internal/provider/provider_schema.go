// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	// A table name is made of these ("Naming rules" in the Amazon DynamoDB Developer Guide); * is ours.
	protectedPattern = regexp.MustCompile(`^[A-Za-z0-9_.*-]+$`)
	accountPattern   = regexp.MustCompile(`^[0-9]{12}$`)
)

// endpointServices are the services whose endpoints can be set, by the AWS provider's names where it has them.
var endpointServices = map[string]string{
	"application_autoscaling": "Application Auto Scaling",
	"data_pipeline":           "Data Pipeline",
	"dynamodb":                "DynamoDB; a run's own `endpoint` wins",
	"emr":                     "EMR",
	"emr_serverless":          "EMR Serverless",
	"kinesis":                 "Kinesis",
	"kms":                     "KMS",
	"lambda":                  "Lambda",
	"s3":                      "S3",
	"sts":                     "STS",
}

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Copies and empties DynamoDB tables from `terraform apply`. The arguments that say how to " +
			"connect have the names " +
			"and the meaning of those of the AWS provider; what is left out comes from the AWS environment variables, then " +
			"from the shared AWS files.",
		Attributes: map[string]schema.Attribute{
			"region": optionalString("Region to work in. Default: `AWS_REGION` or `AWS_DEFAULT_REGION`, then the profile's, " +
				"then the EC2 instance's."),
			"profile": optionalString("Profile of the shared AWS files. Default: `AWS_PROFILE`, then `default`."),
			"access_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Access key; needs `secret_key`. Default: `AWS_ACCESS_KEY_ID`. Prefer a profile or a role, " +
					"so that the configuration holds no key.",
			},
			"secret_key": schema.StringAttribute{
				Optional: true, Sensitive: true, MarkdownDescription: "Secret access key; needs `access_key`. Default: " +
					"`AWS_SECRET_ACCESS_KEY`.",
			},
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true, MarkdownDescription: "Session token, if the access key is a temporary one. " +
					"Default: `AWS_SESSION_TOKEN`.",
			},
			"shared_config_files": optionalStrings("Shared AWS configuration files. Default: `AWS_CONFIG_FILE`, then " +
				"`~/.aws/config`."),
			"shared_credentials_files": optionalStrings("Shared AWS credentials files. Default: " +
				"`AWS_SHARED_CREDENTIALS_FILE`, then `~/.aws/credentials`."),
			"max_retries": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "How often a call is retried when AWS throttles it or fails. Default: what " +
					"`AWS_MAX_ATTEMPTS` allows, then 5. " +
					"The limit does not apply to the reads and writes of a run, which are retried until its timeout.",
			},
			"retry_mode": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.OneOf("standard", "adaptive")},
				MarkdownDescription: "`standard` or `adaptive`. Default: `AWS_RETRY_MODE`, then `standard`.",
			},
			"custom_ca_bundle": optionalString("File of the certificates, in PEM form, that are trusted instead of the " +
				"system's. Default: `AWS_CA_BUNDLE`."),
			"http_proxy": optionalString("URL of the proxy for `http` endpoints, and for `https` ones if there is no " +
				"`https_proxy`. Default: `HTTP_PROXY`."),
			"https_proxy": optionalString("URL of the proxy for `https` endpoints; empty for none. Default: " +
				"`HTTPS_PROXY`."),
			"no_proxy": optionalString("Hosts to reach without a proxy, separated by commas. Default: `NO_PROXY`."),
			"insecure": optionalBool("Do not check the certificates of the endpoints."),
			"use_fips_endpoint": optionalBool(
				"Use FIPS endpoints. Default: `AWS_USE_FIPS_ENDPOINT`. Has no effect on a service whose endpoint is set."),
			"use_dualstack_endpoint": optionalBool(
				"Use endpoints that also answer over IPv6. Default: `AWS_USE_DUALSTACK_ENDPOINT`. Has no effect on a service " +
					"whose endpoint is set."),
			"skip_credentials_validation": optionalBool("Do not check the credentials with STS. For servers without STS, " +
				"such as a local DynamoDB, set `skip_requesting_account_id` too."),
			"skip_requesting_account_id": optionalBool("Do not ask STS for the account. Has no effect unless " +
				"`skip_credentials_validation` is set too."),
			"allowed_account_ids": accountIDs("Accounts that the provider's credentials may belong to. With those of " +
				"another account, nothing is planned. Excludes `forbidden_account_ids`."),
			"forbidden_account_ids": accountIDs("Accounts that the provider's credentials must not belong to. Excludes " +
				"`allowed_account_ids`."),
			"protected_tables": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Names of tables that no run may write to, purge or recreate, in any account and Region: " +
					"such a run is refused when it is planned. " +
					"`*` stands for any characters, as in `prod-*`. Reading from these tables is allowed. " +
					"The names must be known when planning.",
				Validators: []validator.List{listvalidator.ValueStringsAre(
					matching(protectedPattern, "must be a table name, in which * stands for any characters"),
				)},
			},
		},
		Blocks: map[string]schema.Block{
			"assume_role":                   assumeRoleBlock(),
			"assume_role_with_web_identity": webIdentitySchemaBlock(),
			"endpoints":                     endpointsBlock(),
			"journal":                       journalSchemaBlock(),
		},
	}
}

func assumeRoleBlock() schema.ListNestedBlock {
	attributes := roleAttributes()
	attributes["external_id"] = optionalString("External ID that the role's trust policy requires.")
	attributes["source_identity"] = optionalString("Source identity of the session.")
	attributes["tags"] = schema.MapAttribute{
		Optional:            true,
		ElementType:         types.StringType,
		MarkdownDescription: "Tags of the session.",
	}
	attributes["transitive_tag_keys"] = optionalStrings("Keys of the tags that are passed on to the next role in the " +
		"chain.")
	return schema.ListNestedBlock{
		MarkdownDescription: "Role to assume. With several blocks, each role is assumed with the credentials of the one " +
			"before it.",
		NestedObject: schema.NestedBlockObject{Attributes: attributes},
	}
}

// webIdentitySchemaBlock is a list because an argument of a single block cannot be required without the block being so.
func webIdentitySchemaBlock() schema.ListNestedBlock {
	attributes := roleAttributes()
	attributes["web_identity_token"] = schema.StringAttribute{
		Optional: true, Sensitive: true, MarkdownDescription: "Token of the identity provider. Give either this or " +
			"`web_identity_token_file`.",
	}
	attributes["web_identity_token_file"] = optionalString("File with the token, read again whenever the credentials " +
		"are renewed.")
	return schema.ListNestedBlock{
		MarkdownDescription: "Role to assume with the token of a web identity provider, instead of other credentials. The " +
			"roles of `assume_role` are assumed after it.",
		Validators:   []validator.List{listvalidator.SizeAtMost(1)},
		NestedObject: schema.NestedBlockObject{Attributes: attributes},
	}
}

// roleAttributes are those of every role to assume.
func roleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"role_arn": schema.StringAttribute{
			Required: true, MarkdownDescription: "ARN of the role.",
			Validators: []validator.String{matching(rolePattern, "must be the ARN of an IAM role, "+
				"arn:aws:iam::ACCOUNT:role/NAME")},
		},
		"session_name": optionalString("Name of the session, as it appears in CloudTrail."),
		"duration": schema.StringAttribute{
			Optional: true, Validators: []validator.String{durationBetween(15*time.Minute, 12*time.Hour)},
			MarkdownDescription: "How long the credentials of the role are valid before they are renewed, such as `1h`; 15 " +
				"minutes to 12 hours.",
		},
		"policy":      optionalString("Session policy in JSON, which narrows what the role may do."),
		"policy_arns": optionalStrings("ARNs of managed policies that narrow what the role may do."),
	}
}

func endpointsBlock() schema.SingleNestedBlock {
	attributes := map[string]schema.Attribute{}
	for name, service := range endpointServices {
		attributes[name] = schema.StringAttribute{
			Optional: true, MarkdownDescription: "Endpoint of " + service + ".",
			Validators: []validator.String{matching(endpointPattern, "must be a URL such as http://localhost:8000")},
		}
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "URLs to use instead of the services' own endpoints, for local servers and VPC endpoints. " +
			"They take precedence over `AWS_ENDPOINT_URL` " +
			"and `AWS_ENDPOINT_URL_` with the service's name.",
		Attributes: attributes,
	}
}

func optionalString(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func optionalBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func optionalStrings(description string) schema.ListAttribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func accountIDs(description string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.List{listvalidator.ValueStringsAre(matching(accountPattern, "must be an account id, 12 "+
			"digits"))},
	}
}
