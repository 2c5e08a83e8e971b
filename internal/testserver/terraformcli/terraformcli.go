// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package terraformcli finds the Terraform and OpenTofu CLIs for acceptance tests.
package terraformcli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/usercache"
)

const (
	// pathEnv is the variable by which terraform-plugin-testing is told which CLI to use.
	pathEnv = "TF_ACC_TERRAFORM_PATH"
	// buildVersion is built where no usable CLI is installed.
	buildVersion = "1.16.0"
	// openTofuVersion is built for the tests with OpenTofu.
	openTofuVersion = "1.12.6"
	// buildTimeout bounds the build: some minutes on two cores, more on a busy machine.
	buildTimeout = 30 * time.Minute
)

// The oldest usable versions: the first with write-only arguments, and the first with actions.
var (
	minimum     = version{1, 11, 0}
	withActions = version{1, 14, 0}
)

type version [3]int

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// Path returns the CLI to test with: the one that the environment variable TF_ACC_TERRAFORM_PATH names; else the
// terraform on PATH, if it is 1.11.0 or newer; else one that is built from source. The build takes some minutes,
// happens once, and goes to the user's cache folder. It needs the source tree of this repository, so Path must run
// inside of it.
func Path() (string, error) {
	if named := os.Getenv(pathEnv); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("environment variable %s: %w", pathEnv, err)
		}
		return path, nil
	}
	return installedOrBuilt(minimum)
}

// WithActions is Path for what needs actions, which Terraform has from 1.14.0 on and OpenTofu has not: it does not heed
// the variable.
func WithActions() (string, error) { return installedOrBuilt(withActions) }

func installedOrBuilt(least version) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	path, err := installed(ctx, least)
	if err == nil {
		return path, nil
	}
	folder, buildErr := usercache.Folder(ctx, "terraform-"+buildVersion, func(folder string) error {
		// Standard output belongs to the scripts that ask for the path.
		fmt.Fprintf(os.Stderr, "building Terraform %s once, which takes some minutes: %v\n", buildVersion, err)
		return build(ctx, "./terraform-cli", "-version", buildVersion, "-out", folder)
	})
	if buildErr != nil {
		return "", fmt.Errorf("build Terraform %s (%w): %w", buildVersion, err, buildErr)
	}
	return filepath.Join(folder, "terraform"), nil
}

// OpenTofu returns the OpenTofu CLI to test with, which is built as Path builds Terraform.
func OpenTofu() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	folder, err := usercache.Folder(ctx, "opentofu-"+openTofuVersion, func(folder string) error {
		fmt.Fprintf(os.Stderr, "building OpenTofu %s once, which takes some minutes\n", openTofuVersion)
		return build(ctx, "./opentofu-cli", "-version", openTofuVersion, "-out", folder)
	})
	if err != nil {
		return "", fmt.Errorf("build OpenTofu %s: %w", openTofuVersion, err)
	}
	return filepath.Join(folder, "tofu"), nil
}

// installed returns the terraform on PATH, or an error that says why it is of no use.
func installed(ctx context.Context, least version) (string, error) {
	path, err := exec.LookPath("terraform")
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, path, "version", "-json")
	command.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1") // no look for newer versions
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	var v version
	if _, err := fmt.Sscanf(answer.Version, "%d.%d.%d", &v[0], &v[1], &v[2]); err != nil {
		return "", fmt.Errorf("%s: version %q: %w", path, answer.Version, err)
	}
	if slices.Compare(v[:], least[:]) < 0 {
		return "", fmt.Errorf("%s is version %s, older than %s", path, answer.Version, least)
	}
	return path, nil
}

// build runs one of the commands in tools/, which puts a CLI into a folder.
func build(ctx context.Context, arguments ...string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return fmt.Errorf("find the repository: %w: %s", err, exit.Stderr)
		}
		return fmt.Errorf("find the repository: %w", err)
	}
	command := exec.CommandContext(ctx, "go", append([]string{"run"}, arguments...)...)
	command.Dir = filepath.Join(strings.TrimSpace(string(root)), "tools")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w:\n%s", err, output)
	}
	return nil
}
