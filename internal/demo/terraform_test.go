// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"
	"testing"
)

// What the user has set for AWS and Terraform does not reach the demo's Terraform; the rest does.
func TestEnvironment(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_ACCESS_KEY_ID", "real")
	t.Setenv("TF_VAR_endpoint", "elsewhere")
	t.Setenv("DEMO_TEST", "kept")
	list := environment("settings")
	for _, name := range []string{"AWS_PROFILE=", "TF_VAR_endpoint="} {
		if slices.ContainsFunc(list, func(v string) bool { return strings.HasPrefix(v, name) }) {
			t.Errorf("%s is set", name)
		}
	}
	for _, variable := range []string{"AWS_ACCESS_KEY_ID=" + accessKey, "TF_CLI_CONFIG_FILE=settings", "DEMO_TEST=kept"} {
		if !slices.Contains(list, variable) {
			t.Errorf("%s is not set", variable)
		}
	}
	if slices.Contains(list, "AWS_ACCESS_KEY_ID=real") {
		t.Error("the user's access key is passed on")
	}
}
