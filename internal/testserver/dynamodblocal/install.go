// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/usercache"
)

// version is the one that pom.xml names. It is part of the cache folder's name.
const version = "3.1.0"

//go:embed pom.xml
var pom []byte

// jarFolder returns the folder with the jars of DynamoDB Local, downloading them if that has not happened yet.
func jarFolder(ctx context.Context) (string, error) {
	return usercache.Folder(ctx, "dynamodb-local-"+version, func(folder string) error { return download(ctx, folder) })
}

func download(ctx context.Context, folder string) (err error) {
	mvn, err := lookUp("mvn", "Maven, which downloads DynamoDB Local once")
	if err != nil {
		return err
	}
	project, err := os.MkdirTemp("", "dynamoops-maven-*")
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := os.RemoveAll(project); err == nil {
			err = removeErr
		}
	}()
	if err := os.WriteFile(filepath.Join(project, "pom.xml"), pom, 0o600); err != nil {
		return err
	}

	command := exec.CommandContext(ctx, mvn, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime",
		"-DoutputDirectory="+folder)
	command.Dir = project
	log := &tail{}
	command.Stdout, command.Stderr = log, log
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w; its output ends:\n%s", mvn, err, log)
	}
	return nil
}

// lookUp finds a program on PATH. The error says what must be installed.
func lookUp(program, what string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%w; install %s", err, what)
	}
	return path, nil
}
