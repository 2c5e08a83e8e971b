// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package e2e_test runs the provider as users do: the real binary, started by a real Terraform, with signals and faults.
package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/providerbinary"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/terraformcli"
)

// binaries is the folder of the provider's binary; terraform the path of the CLI.
var binaries, terraform string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	// Terraform, servers and pauses are waited for most of the time.
	_ = flag.Set("test.parallel", "6") // The flag is there in every test.
	var err error
	if binaries, err = os.MkdirTemp("", "dynamoops-e2e-"); err == nil {
		defer func() { _ = os.RemoveAll(binaries) }()
		if terraform, err = terraformcli.Path(); err == nil {
			err = providerbinary.Build(filepath.Join(binaries, "terraform-provider-dynamoops"))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return dynamodblocal.Main(m)
}

// region is that of all tests here. Each test has an account of its own, a random access key, and so its own tables.
const region = "eu-west-1"

// workspace is a folder with a configuration that Terraform runs in.
type workspace struct {
	t      *testing.T
	folder string
}

// newWorkspace writes a configuration whose provider connects to the endpoint as the account.
func newWorkspace(t *testing.T, endpoint, account, configuration string) *workspace {
	t.Helper()
	return newWorkspaceOf(t, []string{"dynamodb"}, endpoint, account, configuration)
}

// newWorkspaceOf is one in which several services are at the endpoint.
func newWorkspaceOf(t *testing.T, services []string, endpoint, account, configuration string) *workspace {
	t.Helper()
	var endpoints strings.Builder
	for _, service := range services {
		fmt.Fprintf(&endpoints, "    %s = %q\n", service, endpoint)
	}
	w := &workspace{t: t, folder: t.TempDir()}
	w.write("main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    dynamoops = { source = "dynamoops/dynamoops" }
  }
}

provider "dynamoops" {
  region                      = %q
  access_key                  = %q
  secret_key                  = "secret"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  endpoints {
%s  }
}
`, region, account, &endpoints)+configuration)
	w.write("cli.tfrc", fmt.Sprintf(`provider_installation {
  dev_overrides { "dynamoops/dynamoops" = %q }
  direct {}
}`, binaries))
	return w
}

func (w *workspace) write(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// hung is when a test takes an apply for one that will never end. It is far longer than any apply takes on a busy machine.
const hung = 20 * time.Minute

// command is Terraform with the arguments, not started yet. Its environment has no AWS settings but the test's.
func (w *workspace) command(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, terraform, arguments...)
	command.Dir = w.folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "TF_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, "TF_CLI_CONFIG_FILE="+filepath.Join(w.folder, "cli.tfrc"), "AWS_EC2_METADATA_DISABLED=true")
	return command
}

// apply applies the configuration and returns the attributes of each resource in the state, by its address.
func (w *workspace) apply() map[string]map[string]any {
	w.t.Helper()
	if output, err := w.command(w.t.Context(), "apply", "-auto-approve", "-no-color").CombinedOutput(); err != nil {
		w.t.Fatalf("terraform apply: %v\n%s", err, output)
	}
	return w.state()
}

func (w *workspace) state() map[string]map[string]any {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes map[string]any }
		}
	}
	if err == nil {
		err = json.Unmarshal(content, &state)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for _, r := range state.Resources {
		for _, instance := range r.Instances {
			found[r.Type+"."+r.Name] = instance.Attributes
		}
	}
	return found
}

// unwrapped is what Terraform has written, without the frame and the line ends that it adds.
func unwrapped(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "╵", "", "╷", "").Replace(output)), " ")
}

// create makes a table with the key id (S).
func create(t *testing.T, client *dynamodb.Client, table string) {
	t.Helper()
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
