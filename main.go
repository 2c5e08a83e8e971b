// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-dynamoops is a Terraform provider that copies and empties DynamoDB tables.
//
// Terraform starts it. A user may start it as "terraform-provider-dynamoops watch", in a terminal beside terraform
// apply, to see the running jobs. Spark starts it as "terraform-provider-dynamoops worker", as one task of a
// distributed run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/provider"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/watch"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/worker"
)

// version is set by the linker in a release.
var version = "dev"

// pluginCookie is the environment variable that Terraform and OpenTofu set for the providers they start
// (hashicorp/go-plugin: HandshakeConfig.MagicCookieKey). They give no arguments.
const pluginCookie = "TF_PLUGIN_MAGIC_COOKIE"

const program = "terraform-provider-dynamoops"

const usage = `Usage: terraform-provider-dynamoops COMMAND [FLAGS]

This is the dynamoops provider. It copies and empties DynamoDB tables.
Terraform and OpenTofu install and start it by themselves: there is no need to run it, except to watch what it does.

Commands:
  watch           show the running copies and purges, in a terminal beside terraform apply
  worker          do one task of a run on a Spark cluster; Spark starts this, not you
  help [COMMAND]  show this text, or the flags of a command

Flags:
  --help          show this text
  --version       show the version of the provider
  --debug         serve to Terraform from a debugger: print the variable by which Terraform finds this process

After terraform init the provider is below .terraform. To watch from the directory where you run Terraform:
  in sh, bash or zsh
    .terraform/providers/*/dynamoops/dynamoops/*/*/terraform-provider-dynamoops* watch
  in PowerShell
    & (Resolve-Path .terraform/providers/*/dynamoops/dynamoops/*/*/terraform-provider-dynamoops*).Path watch
If several versions are there, write the one to run in place of the star after dynamoops/dynamoops.
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program. It returns its exit status: 0, or 1 if what was asked for failed or was not understood.
func run(arguments []string, stdout, stderr io.Writer) int {
	if len(arguments) == 0 && os.Getenv(pluginCookie) == "" {
		_, _ = io.WriteString(stderr, usage)
		return 1
	}
	err := dispatch(arguments, stdout)
	if status := exitStatus(0); errors.As(err, &status) {
		return int(status)
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "%s: %v\n", program, err)
		return 1
	}
	return 0
}

// exitStatus ends the program with this status, after the command has said what there is to say.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func dispatch(arguments []string, stdout io.Writer) error {
	if len(arguments) == 0 || strings.HasPrefix(arguments[0], "-") {
		return serve(arguments, stdout)
	}
	command, rest := arguments[0], arguments[1:]
	switch command {
	case "watch":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		return watch.Run(ctx, rest, provider.DefaultJournal(), stdout)
	case "worker":
		return work(rest, stdout)
	case "help":
		return help(rest, stdout)
	}
	return fmt.Errorf("there is no command %q: run %s help for the list of commands", command, program)
}

// help shows how to use the program, or the one command that is named.
func help(arguments []string, stdout io.Writer) error {
	if len(arguments) > 1 {
		return fmt.Errorf("help takes the name of one command, not %q", arguments)
	}
	if len(arguments) == 0 || arguments[0] == "help" {
		_, err := io.WriteString(stdout, usage)
		return err
	}
	return dispatch([]string{arguments[0], "--help"}, stdout)
}

// serve serves Terraform, unless a flag asks for something else.
func serve(arguments []string, stdout io.Writer) error {
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	debugger := flags.Bool("debug", false, "")
	showVersion := flags.Bool("version", false, "")
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return help(nil, stdout)
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("there are no commands after flags: %q", flags.Args())
	}
	if err != nil {
		return fmt.Errorf("%w; run %s --help for the list of commands and flags", err, program)
	}
	if *showVersion {
		_, err := fmt.Fprintf(stdout, "%s %s %s/%s\n", program, shownVersion(), runtime.GOOS, runtime.GOARCH)
		return err
	}
	return provider.Serve(version, *debugger)
}

func work(arguments []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		_, err := io.WriteString(stdout, worker.Usage)
		return err
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("worker takes no argument %q", flags.Arg(0))
	}
	if err != nil {
		return fmt.Errorf("%w; run %s worker --help", err, program)
	}
	if status := worker.Main(version); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// shownVersion is the version of a release, also of one that go install has built. The version that is served stays
// what the linker has set: a run gives tasks only to workers of its own version, and a worker may come from a working
// tree.
func shownVersion() string {
	if version != "dev" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return version
}
