// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// workspace is a folder in which tests run Terraform by themselves, with this test binary as the provider's.
type workspace struct {
	t           *testing.T
	cli         string
	folder      string
	environment []string
}

func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	binaries, folder := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(binaries, "terraform-provider-dynamoops")); err != nil {
		t.Fatal(err)
	}
	settings := writeFile(t, filepath.Join(binaries, "terraformrc"),
		fmt.Sprintf("provider_installation {\n  dev_overrides { \"dynamoops/dynamoops\" = %q }\n  direct {}\n}\n", binaries))
	w := &workspace{t: t, cli: os.Getenv("TF_ACC_TERRAFORM_PATH"), folder: folder, environment: []string{
		"TF_CLI_CONFIG_FILE=" + settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1", serveProvider + "=1",
	}}
	w.write("required.tf", `
terraform {
  required_providers {
    dynamoops = { source = "dynamoops/dynamoops" }
  }
}`)
	return w
}

func (w *workspace) write(name, content string) {
	w.t.Helper()
	writeFile(w.t, filepath.Join(w.folder, name), content)
}

// command is Terraform with the arguments, not started yet.
func (w *workspace) command(arguments ...string) *exec.Cmd {
	command := exec.CommandContext(w.t.Context(), w.cli, arguments...)
	command.Dir = w.folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AWS_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, w.environment...)
	return command
}

// terraform runs a command and returns what it says on both of its channels.
func (w *workspace) terraform(arguments ...string) (string, error) {
	w.t.Helper()
	output, err := w.command(arguments...).CombinedOutput()
	return string(output), err
}

// must is terraform for commands that succeed.
func (w *workspace) must(arguments ...string) string {
	w.t.Helper()
	output, err := w.terraform(arguments...)
	if err != nil {
		w.t.Fatalf("terraform %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return output
}
