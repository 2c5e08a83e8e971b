// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// export returns the export in S3 that the movement makes, nil if it makes none. A task has none either: the machine
// that has the whole run makes it.
func (m Movement) export() *store.S3Sink {
	if export, ok := m.Sink.(*store.S3Sink); ok && m.Share == nil {
		return export
	}
	return nil
}

// takeExport puts the place of the export into the record before anything is written there: only the record tells of
// the objects that an attempt leaves if it is killed. What earlier attempts left is removed; Left names what cannot be.
func (l *Log) takeExport(ctx context.Context, export *store.S3Sink) {
	var left []string
	for _, root := range l.Left {
		if err := export.RemoveOther(ctx, root, l.Name); err != nil {
			left = append(left, root)
		}
	}
	l.Left = left
	export.BelongTo(l.Name)
	if l.Export != "" {
		export.Resume(l.Export, l.StartedAt)
	}
	l.Export = export.Root()
}

// BeginExport proves that the export can be written.
func (m Movement) BeginExport() error {
	if export := m.export(); export != nil {
		return export.Begin()
	}
	return nil
}

// CompleteExport makes one export of the files that the tasks have written.
func (m Movement) CompleteExport(files []store.S3File) error {
	export := m.export()
	if export == nil {
		return nil
	}
	export.Adopt(files)
	return export.Close(true)
}

// leftBehind warns of incomplete exports of earlier attempts that could not be removed.
func (m Movement) leftBehind(roots []string) []*problem.Problem {
	if len(roots) == 0 {
		return nil
	}
	return []*problem.Problem{{
		Summary: "Objects Of An Interrupted Copy Are Left", Attribute: m.Outputs, Warning: true,
		Cause: "Earlier attempts at this copy were interrupted, and what they had written to " + m.To +
			" was not removed: the objects below " + strings.Join(roots, ", ") + ". An export that has its manifest-summary.json is complete, and no run removes it. This copy is complete " +
			"without them. AWS Glue and Amazon Athena, which do not read manifests, would take their items for part of a " +
			"table of that folder.",
		Next: "Delete these objects. The next copy does it where the principal of the destination may call s3:ListBucket " +
			"on the bucket and s3:DeleteObject on its objects.",
	}}
}
