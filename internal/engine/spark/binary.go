// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark

import (
	"debug/elf"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// machines are the names of the architectures in ELF files and in Go's, which is that of releases.
var machines = map[string]struct {
	elf     elf.Machine
	release string
}{X86: {elf.EM_X86_64, "amd64"}, ARM64: {elf.EM_AARCH64, "arm64"}}

// Binary returns the path of the program that the tasks run, which is this process's own unless WorkerBinary names
// another one. The program must run on the cluster's machines.
func (c Config) Binary() (string, *problem.Problem) {
	c = c.WithDefaults()
	want := machines[c.Architecture]
	path, next := c.WorkerBinary, fmt.Sprintf("Set emr.worker_binary to the path or the S3 URI of the provider's "+
		"binary for linux_%s: "+
		"each release has it in terraform-provider-dynamoops_VERSION_linux_%s.zip.", want.release, want.release)
	refuse := func(err error, cause string, arguments ...any) *problem.Problem {
		return &problem.Problem{
			Summary:   "Worker Binary Does Not Fit",
			Attribute: "emr",
			Cause:     fmt.Sprintf(cause, arguments...),
			Next:      next,
			Err:       err,
		}
	}
	if path == "" {
		if runtime.GOOS != "linux" || runtime.GOARCH != want.release {
			return "", refuse(
				nil,
				"The tasks run on Linux on %s, and this provider is the one for %s on %s.",
				want.release,
				runtime.GOOS,
				runtime.GOARCH,
			)
		}
		own, err := os.Executable()
		if err != nil {
			return "", refuse(err, "This process's own binary cannot be found.")
		}
		return own, nil
	}
	file, err := elf.Open(path)
	if err != nil {
		return "", refuse(err, "%s cannot be read, or is not a program for Linux.", path)
	}
	machine := file.Machine
	if err := file.Close(); err != nil {
		return "", refuse(err, "%s cannot be read.", path)
	}
	if machine != want.elf {
		return "", refuse(nil, "%s is a program for another architecture (%s) than that of the cluster's machines, "+
			"%s.", path, machine, c.Architecture)
	}
	return path, nil
}

// checkBinary finds out before the run whether there is a binary for it. What is in S3 is not looked at.
func (c Config) checkBinary() *problem.Problem {
	if strings.HasPrefix(c.WorkerBinary, "s3://") {
		return nil
	}
	_, p := c.Binary()
	return p
}
