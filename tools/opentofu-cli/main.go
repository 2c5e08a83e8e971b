// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command opentofu-cli builds the OpenTofu CLI from its Go module, for acceptance tests on machines that have none.
//
// It builds inside the module's own folder: "go install" refuses a module whose go.mod replaces others.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const openTofu = "github.com/opentofu/opentofu"

func main() {
	version := flag.String("version", "", "version of OpenTofu to build, such as 1.12.6")
	out := flag.String("out", "", "folder to put the file tofu into")
	flag.Parse()
	if *version == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run("v"+*version, *out); err != nil {
		fmt.Fprintln(os.Stderr, "opentofu-cli:", err)
		os.Exit(1)
	}
}

func run(version, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	// "go mod download" of a version needs no module around it, and must not change one.
	output, err := goCommand(os.TempDir(), "mod", "download", "-json", openTofu+"@"+version)
	if err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(output, &module); err != nil {
		return err
	}
	_, err = goCommand(module.Dir, "build", "-mod=readonly", "-trimpath",
		// Without this it is a development build, which says so in its version.
		"-ldflags", "-s -w -X "+openTofu+"/version.dev=no",
		"-o", filepath.Join(out, "tofu"), "./cmd/tofu")
	return err
}

// goCommand runs the go command in the folder and returns its standard output. The error contains its standard error.
func goCommand(folder string, arguments ...string) ([]byte, error) {
	command := exec.Command("go", arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOWORK=off")
	output, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go %s: %w:\n%s", arguments[0], err, exit.Stderr)
	}
	return output, err
}
