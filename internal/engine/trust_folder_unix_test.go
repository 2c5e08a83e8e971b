// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package engine_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// Neither records nor locks and refused items are kept in a folder that others can write to, wherever the records are.
func TestSharedFolder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inS3 bool
		job  func(p *plane) error
	}{
		"a recreate": {false, func(p *plane) error {
			_, err := p.purge(t, "orders", job.MethodRecreate)
			return err
		}},
		"a purge": {false, func(p *plane) error {
			_, err := p.purge(t, "orders", job.MethodDeleteItems)
			return err
		}},
		"a purge with its journal in S3": {true, func(p *plane) error {
			_, err := p.purge(t, "orders", job.MethodDeleteItems)
			return err
		}},
		"a copy to a file": {true, func(p *plane) error {
			_, err := p.engine.Copy(t.Context(), job.Copy{
				Source: job.Source{Table: "orders"}, Destination: job.Destination{File: filepath.Join(t.TempDir(), "file")}, SkipRefused: true,
			}, engine.Observer{})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "orders", 2)
			if test.inS3 {
				store := s3local.New(t)
				p.engine.Journal = journal.S3(store.Client(), store.Bucket(t), "j", time.Now)
			}
			for path, mode := range map[string]os.FileMode{filepath.Dir(p.directory): 0o755, p.directory: 0o777} {
				if err := os.Chmod(path, mode); err != nil {
					t.Fatal(err)
				}
			}
			calls := len(p.Calls())
			saying(t, test.job(p), "Journal Folder Is Not Private", p.directory, "chmod", "journal.path", "journal.s3")
			if found := p.writesBeside(calls, ""); len(found) > 0 {
				t.Errorf("%q were called", found)
			}
			if err := os.Chmod(p.directory, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := test.job(p); err != nil {
				t.Error(err)
			}
		})
	}
}
