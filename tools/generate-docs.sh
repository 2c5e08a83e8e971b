#!/usr/bin/env bash
# Writes docs/ with tfplugindocs, from the schema that a Terraform CLI reads out of the provider as it is built here.
set -euo pipefail
cd "$(dirname "$0")/.."

terraform=$(go run ./internal/testserver/terraformcli/print)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

go build -o "$work/terraform-provider-dynamoops" .
# tfplugindocs looks for the schema of hashicorp/NAME, which is also what a provider block alone means.
cat >"$work/cli.tfrc" <<END
provider_installation {
  dev_overrides {
    "hashicorp/dynamoops" = "$work"
  }
  direct {}
}
END
echo 'provider "dynamoops" {}' >"$work/main.tf"

"$terraform" fmt -recursive examples
TF_CLI_CONFIG_FILE="$work/cli.tfrc" CHECKPOINT_DISABLE=1 \
  "$terraform" -chdir="$work" providers schema -json >"$work/schema.json"
go tool -modfile=tools/go.mod tfplugindocs generate \
  --provider-name dynamoops --providers-schema "$work/schema.json"
