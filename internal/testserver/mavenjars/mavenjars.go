// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package mavenjars has Maven download what tests run on a JVM.
package mavenjars

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/usercache"
)

// Folder returns the folder with the jars that the project file names, and with those that they need, downloading them
// if that has not happened yet. The name is the folder's, with the version of what is in it.
func Folder(ctx context.Context, name string, pom []byte) (string, error) {
	return usercache.Folder(ctx, name, func(folder string) error { return download(ctx, pom, folder) })
}

func download(ctx context.Context, pom []byte, folder string) (err error) {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return fmt.Errorf("%w; install Maven, which downloads the jars once", err)
	}
	project, err := os.MkdirTemp("", "dynamoops-maven-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(project)) }()
	if err := os.WriteFile(filepath.Join(project, "pom.xml"), pom, 0o600); err != nil {
		return err
	}
	// Strict: a jar whose checksum is wrong is refused, where Maven by default only warns.
	command := exec.CommandContext(
		ctx,
		mvn,
		"-q",
		"-B",
		"--strict-checksums",
		"dependency:copy-dependencies",
		"-DincludeScope=runtime",
		"-DoutputDirectory="+folder,
	)
	command.Dir = project
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w; its output:\n%s", mvn, err, output[max(0, len(output)-4096):])
	}
	return nil
}
