// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/pythonpackages"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/usercache"
)

// Versions of Spark: the newest, and that of EMR 7.11.
const (
	Spark4  = "4.3.0"
	Spark35 = "3.5.6"
)

//go:embed requirements-*.txt
var requirements embed.FS

// installation is a PySpark with the Python that has it.
type installation struct{ version, home, python string }

// install returns PySpark of that version, downloading it if that has not happened yet.
func install(ctx context.Context, version string) (installation, error) {
	folder, err := usercache.Folder(ctx, "pyspark-"+version, func(folder string) error {
		content, err := requirements.ReadFile("requirements-" + version + ".txt")
		if err != nil {
			return err
		}
		return pythonpackages.Install(ctx, folder, content)
	})
	if err != nil {
		return installation{}, fmt.Errorf("install PySpark %s: %w", version, err)
	}
	python, err := exec.LookPath("python3")
	return installation{version, filepath.Join(folder, "pyspark"), python}, err
}

// ownHome makes a home of Spark with the content of another one. Spark's standalone workers write into it.
func ownHome(home, folder string) error {
	entries, err := os.ReadDir(home)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.Symlink(filepath.Join(home, entry.Name()), filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
