// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

const (
	provider = "github.com/dynamoops/terraform-provider-dynamoops"
	// version is what terraform init takes the provider as it is built here for.
	version = "0.0.1"
	// stopGrace is how long Terraform may take to stop by itself: Ctrl-C in a terminal reaches it too, and a second
	// interrupt would make it give up its state.
	stopGrace = 3 * time.Second
	// killDelay is how long it may take in all.
	killDelay = 15 * time.Second
)

//go:embed testdata/main.tf
var configuration []byte

// terraform runs a Terraform CLI, with the provider as it is built here, in a folder of its own.
type terraform struct {
	cli         string
	folder      string
	environment []string
	plain       bool // without colours
}

// newTerraform builds the provider and writes the configuration and the values of its variables into the folder.
func newTerraform(ctx context.Context, cli, folder string, variables map[string]any) (*terraform, error) {
	// A folder with the layout of a registry, from which terraform init installs the provider as it is built here.
	mirror := filepath.Join(folder, "mirror")
	binary := filepath.Join(
		mirror,
		"registry.terraform.io",
		"dynamoops",
		"dynamoops",
		version,
		runtime.GOOS+"_"+runtime.GOARCH,
	)
	if err := os.MkdirAll(binary, 0o700); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", binary+string(filepath.Separator), provider)
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the provider: %w\n%s", err, output)
	}
	values, err := json.Marshal(variables)
	if err != nil {
		return nil, err
	}
	settings := filepath.Join(folder, "cli.tfrc")
	for name, content := range map[string][]byte{
		filepath.Join(folder, "main.tf"):               configuration,
		filepath.Join(folder, "terraform.tfvars.json"): values,
		settings: fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror { path = %q }\n}\n", mirror),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
	}
	stdout, err := os.Stdout.Stat()
	if err != nil {
		return nil, err
	}
	return &terraform{
		cli: cli, folder: folder, environment: environment(settings), plain: stdout.Mode()&os.ModeCharDevice == 0,
	}, nil
}

// environment is that of the demo, less what would point Terraform or the provider elsewhere.
func environment(settings string) []string {
	list := []string{
		"TF_CLI_CONFIG_FILE=" + settings, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		// A local DynamoDB takes any access key of letters and digits.
		"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + dynamodblocal.SecretKey,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "TF_") &&
			!strings.HasPrefix(variable, "CHECKPOINT_DISABLE=") {
			list = append(list, variable)
		}
	}
	return list
}

// run shows a command and what Terraform says.
func (t *terraform) run(ctx context.Context, command string, arguments ...string) error {
	fmt.Printf("$ terraform %s\n", strings.Join(append([]string{command}, arguments...), " "))
	if t.plain {
		arguments = append([]string{"-no-color"}, arguments...)
	}
	return t.exec(ctx, os.Stdout, append([]string{command}, arguments...)...)
}

func (t *terraform) exec(ctx context.Context, stdout io.Writer, arguments ...string) error {
	command := exec.CommandContext(ctx, t.cli, arguments...)
	command.Dir, command.Env, command.Stdout, command.Stderr = t.folder, t.environment, stdout, os.Stderr
	command.Cancel = func() error {
		time.Sleep(stopGrace)
		return command.Process.Signal(os.Interrupt)
	}
	command.WaitDelay = killDelay
	if err := command.Run(); err != nil {
		return fmt.Errorf("terraform %s: %w", arguments[0], err)
	}
	return nil
}

// outputs are the numbers and texts that the configuration puts out.
func (t *terraform) outputs(ctx context.Context) (map[string]any, error) {
	var text strings.Builder
	if err := t.exec(ctx, &text, "output", "-json"); err != nil {
		return nil, err
	}
	var answer map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(text.String()), &answer); err != nil {
		return nil, fmt.Errorf("terraform output: %w", err)
	}
	values := make(map[string]any, len(answer))
	for name, output := range answer {
		values[name] = output.Value
	}
	return values, nil
}
