// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-cli builds the Terraform CLI from its Go module, for acceptance tests on machines that have none.
//
// The module cannot be built as it is: its go.mod replaces some modules by folders that are not part of it, the backends
// for remote state above all. Stubs stand in for them, so the CLI that is built keeps its state in local files only.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

const terraform = "github.com/hashicorp/terraform"

func main() {
	version := flag.String("version", "", "version of Terraform to build, such as 1.16.0")
	out := flag.String("out", "", "folder to put the file terraform into")
	flag.Parse()
	if *version == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run("v"+*version, *out); err != nil {
		fmt.Fprintln(os.Stderr, "terraform-cli:", err)
		os.Exit(1)
	}
}

func run(version, out string) (err error) {
	out, err = filepath.Abs(out)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "terraform-cli-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	source, err := download(work, version)
	if err != nil {
		return err
	}
	if err := writeModule(work, source, version); err != nil {
		return err
	}
	_, err = goCommand(work, "build", "-mod=mod", "-trimpath",
		// Without this it is a development build, which says so in its version.
		"-ldflags", "-s -w -X "+terraform+"/version.dev=no",
		"-o", filepath.Join(out, "terraform"), terraform)
	return err
}

// download returns the folder with the source of Terraform's module.
func download(work, version string) (string, error) {
	output, err := goCommand(work, "mod", "download", "-json", terraform+"@"+version)
	if err != nil {
		return "", err
	}
	var module struct{ Dir string }
	return module.Dir, json.Unmarshal(output, &module)
}

// writeModule writes a module that requires Terraform and everything as Terraform requires it.
func writeModule(work, source, version string) error {
	text, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return err
	}
	module, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return err
	}
	for _, replace := range module.Replace {
		if replace.New.Version != "" {
			continue // by another module, not by a folder
		}
		if err := writeStub(filepath.Join(work, replace.New.Path), replace.Old.Path, module.Go.Version); err != nil {
			return err
		}
	}
	if err := errors.Join(module.AddModuleStmt("terraform-cli"), module.AddRequire(terraform, version)); err != nil {
		return err
	}
	text, err = module.Format()
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(source, "go.sum"))
	return errors.Join(err,
		os.WriteFile(filepath.Join(work, "go.mod"), text, 0o600),
		os.WriteFile(filepath.Join(work, "go.sum"), sums, 0o600))
}

// writeStub writes a module in place of one of Terraform's: a backend is the one in memory, and everything else is empty.
func writeStub(folder, module, goVersion string) error {
	code := "package " + path.Base(module) + "\n"
	if strings.HasPrefix(module, terraform+"/internal/backend/remote-state/") {
		code += `
import (
	"` + terraform + `/internal/backend"
	"` + terraform + `/internal/backend/remote-state/inmem"
)

func New() backend.Backend { return inmem.New() }
`
	}
	return errors.Join(
		os.MkdirAll(folder, 0o700),
		os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module "+module+"\n\ngo "+goVersion+"\n"), 0o600),
		os.WriteFile(filepath.Join(folder, "stub.go"), []byte(code), 0o600))
}

// goCommand runs the go command in the folder and returns its standard output. The error contains its standard error.
func goCommand(folder string, arguments ...string) ([]byte, error) {
	var output, complaint bytes.Buffer
	command := exec.Command("go", arguments...)
	command.Dir, command.Stdout, command.Stderr = folder, &output, &complaint
	command.Env = append(os.Environ(), "GOWORK=off")
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w:\n%s%s", arguments[0], err, complaint.Bytes(), output.Bytes())
	}
	return output.Bytes(), nil
}
