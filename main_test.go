// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asProgram, when it is set in the environment, makes this test binary the program.
const asProgram = "DYNAMOOPS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// start is the program with the arguments and with nothing on its standard input, as a user would start it.
func start(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, arguments...)
	command.Dir = t.TempDir()
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "PLUGIN_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, asProgram+"=1")
	return command
}

func TestByHand(t *testing.T) {
	t.Parallel()
	const (
		programUsage = "Usage: terraform-provider-dynamoops COMMAND"
		watchUsage   = "Usage: terraform-provider-dynamoops watch"
		workerUsage  = "Usage: terraform-provider-dynamoops worker"
	)
	tests := map[string]struct {
		status         int
		stdout, stderr string // what is there; nothing may be on the other one
	}{
		"":                           {1, "", programUsage},
		"help":                       {0, programUsage, ""},
		"help help":                  {0, programUsage, ""},
		"--help":                     {0, programUsage, ""},
		"-h":                         {0, programUsage, ""},
		"help watch":                 {0, watchUsage, ""},
		"watch --help":               {0, watchUsage, ""},
		"watch -h":                   {0, watchUsage, ""},
		"help worker":                {0, workerUsage, ""},
		"worker --help":              {0, workerUsage, ""},
		"worker":                     {1, "", workerUsage},
		"worker orders":              {1, "", `worker takes no argument "orders"`},
		"worker --orders":            {1, "", "worker --help"},
		"watch --once --orders":      {1, "", "watch --help"},
		"watch orders":               {1, "", `watch takes no argument "orders"`},
		"watch --once":               {1, "", "there is no journal at .terraform"},
		"help wach":                  {1, "", `there is no command "wach"`},
		"help watch worker":          {1, "", "the name of one command"},
		"wach":                       {1, "", `there is no command "wach"`},
		"--wach":                     {1, "", "--help for the list"},
		"--version watch":            {1, "", "no commands after flags"},
		"--version":                  {0, "terraform-provider-dynamoops ", ""},
		"-version":                   {0, "terraform-provider-dynamoops ", ""},
		"serve":                      {1, "", `there is no command "serve"`},
		"watch --once --journal s3:": {1, "", "there is no journal at s3:"},
	}
	for line, test := range tests {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			command := start(t, strings.Fields(line)...)
			var stdout, stderr bytes.Buffer
			command.Stdout, command.Stderr = &stdout, &stderr
			var exit *exec.ExitError
			if err := command.Run(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := command.ProcessState.ExitCode(); got != test.status {
				t.Errorf("exit status %d, want %d", got, test.status)
			}
			for name, got := range map[string][2]string{
				"standard output": {stdout.String(), test.stdout}, "standard error": {stderr.String(), test.stderr},
			} {
				if !strings.Contains(got[0], got[1]) || got[1] == "" && got[0] != "" {
					t.Errorf("%s is\n%s\nwant %q", name, got[0], got[1])
				}
			}
		})
	}
}

// Every command and every flag is in the usage, and the flags of watch are in that of watch.
func TestUsageIsComplete(t *testing.T) {
	t.Parallel()
	for arguments, wants := range map[string][]string{
		"help":       {"watch ", "worker ", "help ", "--help ", "--version ", "--debug "},
		"help watch": {"--journal folder", "--once ", "--json ", "(default .terraform", "Ctrl-C"},
	} {
		output, err := start(t, strings.Fields(arguments)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(output), want) {
				t.Errorf("%s: no %q in\n%s", arguments, want, output)
			}
		}
	}
}

// Terraform gives no arguments, only the environment: it is served. The line is hashicorp/go-plugin's handshake.
func TestTerraformIsServed(t *testing.T) {
	t.Parallel()
	command := start(t)
	command.Env = append(command.Env, "PLUGIN_PROTOCOL_VERSIONS=6",
		pluginCookie+"=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	_ = command.Process.Kill()
	_ = command.Wait()
	if !strings.HasPrefix(line, "1|6|") {
		t.Errorf("got %q, %v; want the handshake of protocol 6", line, err)
	}
}
