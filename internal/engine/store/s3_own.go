// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"path"
	"regexp"
	"strings"
)

// exportID matches the names of exports' folders, both AWS's and ours: milliseconds and a few characters.
var exportID = regexp.MustCompile(`^[0-9]{14}-[a-z0-9]{8}$`)

// ownerMark is how many of the last characters of an export's name are a hash of its run's name.
const ownerMark = 4

// BelongTo gives an export that is not written yet a name by which IsOf recognizes the run.
func (s *S3Sink) BelongTo(run string) {
	s.root.Prefix = s.root.Prefix[:len(s.root.Prefix)-ownerMark] + mark(run)
}

// IsOf reports whether the prefix is that of an export of the run at this export's place.
func (s *S3Sink) IsOf(root, run string) bool {
	return folderOf(root) == folderOf(s.root.Prefix) && exportID.MatchString(path.Base(root)) &&
		strings.HasSuffix(root, mark(run))
}

func mark(run string) string {
	sum := sha256.Sum256([]byte(run))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:ownerMark]
}

// IsExport reports whether the prefix is one of an export at the place.
func IsExport(place S3Place, root string) bool {
	return folderOf(root) == place.At().below(exportFolder) && exportID.MatchString(path.Base(root))
}

// dataName are the names of the data files that this package writes.
var dataName = regexp.MustCompile(`^[a-z0-9]+\.json\.gz$`)

// IsDataFile reports whether the key is one of a data file of the export at the root.
func IsDataFile(root, key string) bool {
	name, ok := strings.CutPrefix(key, root+"/"+dataFolder+"/")
	return ok && root != "" && dataName.MatchString(name)
}

// ErrComplete is the error for an export that has its summary. It is complete and must not be changed.
var ErrComplete = errors.New("the export is complete")

// Completed reports whether the export at the root, in this export's bucket, is complete. It needs s3:ListBucket.
func (s *S3Sink) Completed(ctx context.Context, root string) (bool, error) {
	found, err := list(ctx, s.client, s.root.Bucket, root+"/"+summaryName+manifestSuffix)
	return len(found) > 0, err
}
