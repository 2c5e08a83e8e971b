// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"context"
	_ "embed"
	"fmt"
	"os/exec"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/mavenjars"
)

// version is the one that pom.xml names. It is part of the cache folder's name.
const version = "3.1.0"

//go:embed pom.xml
var pom []byte

// jarFolder returns the folder with the jars of DynamoDB Local, downloading them if that has not happened yet.
func jarFolder(ctx context.Context) (string, error) {
	return mavenjars.Folder(ctx, "dynamodb-local-"+version, pom)
}

// lookUp finds a program on PATH. The error says what must be installed.
func lookUp(program, what string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%w; install %s", err, what)
	}
	return path, nil
}
