// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package providerbinary builds the provider for tests that run it as a process of its own.
package providerbinary

import (
	"fmt"
	"os/exec"
	"runtime/debug"
	"slices"
)

// module is the path of the provider's package.
const module = "github.com/dynamoops/terraform-provider-dynamoops"

// Build writes the provider's binary to the path, with the race detector if the calling program has it.
// The error has what the compiler says.
func Build(path string) error {
	arguments := []string{"build", "-o", path}
	info, ok := debug.ReadBuildInfo()
	if ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		arguments = append(arguments, "-race")
	}
	if output, err := exec.Command("go", append(arguments, module)...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the provider: %w\n%s", err, output)
	}
	return nil
}
