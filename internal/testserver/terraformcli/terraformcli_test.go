// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package terraformcli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program writes an executable script that prints the text, and returns its path.
func program(t *testing.T, folder, text string) string {
	t.Helper()
	path := filepath.Join(folder, "terraform")
	script := "#!/bin/sh\necho 'a warning' >&2\ncat <<'END'\n" + text + "\nEND\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// pathTo is a PATH of the folder and of what a script needs.
func pathTo(folder string) string { return folder + string(os.PathListSeparator) + "/bin" }

func TestInstalled(t *testing.T) {
	tests := map[string]struct {
		output string
		error  string // "" where it is usable
	}{
		"oldest usable":  {`{"terraform_version": "1.11.0"}`, ""},
		"newer":          {`{"terraform_version": "1.16.2", "platform": "linux_amd64"}`, ""},
		"next major":     {`{"terraform_version": "2.0.0"}`, ""},
		"pre-release":    {`{"terraform_version": "1.14.0-beta1"}`, ""},
		"too old":        {`{"terraform_version": "1.10.9"}`, "version 1.10.9, older than 1.11.0"},
		"not by letters": {`{"terraform_version": "1.9.0"}`, "version 1.9.0, older than 1.11.0"},
		"no version":     {`{}`, `version ""`},
		"no JSON":        {`Terraform v1.16.0`, "invalid character"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			want := program(t, folder, test.output)
			t.Setenv("PATH", pathTo(folder))

			got, err := installed(t.Context(), minimum)
			switch {
			case test.error == "" && (got != want || err != nil):
				t.Errorf("got %q, %v; want %q", got, err, want)
			case test.error != "" && (err == nil || !strings.Contains(err.Error(), test.error)):
				t.Errorf("got %q, %v; want an error with %q", got, err, test.error)
			}
		})
	}
}

func TestPath(t *testing.T) {
	onPath, named := t.TempDir(), t.TempDir()
	wantOnPath := program(t, onPath, `{"terraform_version": "1.12.0"}`)
	wantNamed := program(t, named, "nobody asks")
	t.Setenv("PATH", pathTo(onPath))
	tests := map[string]struct {
		env, want, error string
	}{
		"on PATH":            {"", wantOnPath, ""},
		"the variable wins":  {wantNamed, wantNamed, ""},
		"names nothing":      {filepath.Join(named, "missing"), "", "TF_ACC_TERRAFORM_PATH"},
		"names a plain file": {plainFile(t), "", "TF_ACC_TERRAFORM_PATH"},
		"names it on PATH":   {"terraform", wantOnPath, ""},
		"names a folder":     {named, "", "TF_ACC_TERRAFORM_PATH"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(pathEnv, test.env)
			got, err := Path()
			if got != test.want || (err == nil) != (test.error == "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), test.error) {
				t.Errorf("error %v does not name %s", err, test.error)
			}
		})
	}
}

// What needs actions takes the terraform on PATH if it has them, whichever CLI the other tests use.
func TestWithActions(t *testing.T) {
	onPath := t.TempDir()
	want := program(t, onPath, `{"terraform_version": "1.14.0"}`)
	t.Setenv("PATH", pathTo(onPath))
	t.Setenv(pathEnv, program(t, t.TempDir(), `{"terraform_version": "1.15.0"}`))
	if got, err := WithActions(); got != want || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	program(t, onPath, `{"terraform_version": "1.13.9"}`)
	if got, err := installed(t.Context(), withActions); err == nil || !strings.Contains(err.Error(), "older than 1.14.0") {
		t.Errorf("got %q, %v; want an error", got, err)
	}
}

func plainFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "terraform")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUnfinishedBuildIsNoCLI lets the build fail at once: there is no go on PATH.
func TestUnfinishedBuildIsNoCLI(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv(pathEnv, "")
	t.Setenv("PATH", t.TempDir())

	for range 2 {
		path, err := Path()
		if err == nil {
			t.Fatalf("got %q", path)
		}
		for _, part := range []string{"build Terraform 1.16.0", `"terraform": executable file not found`, `"go": executable file not found`} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("no %q in: %v", part, err)
			}
		}
	}
}
