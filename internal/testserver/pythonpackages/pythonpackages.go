// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package pythonpackages installs what tests need of Python.
package pythonpackages

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Install installs the requirements into the folder. Each names a version and the digest of its distribution, and pip
// refuses any other ("Secure installs" in pip's documentation).
func Install(ctx context.Context, folder string, requirements []byte) (err error) {
	file, err := os.CreateTemp("", "requirements-*.txt")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.Write(requirements)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	// No virtual environment: that would not bear the folder's renaming.
	command := exec.CommandContext(ctx, "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
		"--require-hashes", "--target", folder, "--requirement", file.Name())
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w; its output:\n%s", command, err, output)
	}
	return nil
}
