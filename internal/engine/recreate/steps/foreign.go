// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package steps

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// Foreign returns what the state, which the record of that name holds, says and no recreate can have left; empty for
// nothing. The record's name is the one that belongs to the table of its snapshot. What the settings of the snapshot
// are, nothing but the record says once the table is gone.
func (s *State) Foreign(record string, now time.Time) (why string) {
	switch {
	case !journal.IsID(s.ID, record):
		return "its id is not one of its table"
	case !slices.Contains([]Step{stepBackUp, stepProve, stepSuspend, stepUnlock, stepDrop, stepCreate, stepPutBack, stepCompare}, s.Step):
		return "a recreate has no such step"
	case s.StartedAt.After(now.Add(time.Hour)):
		return "it began at a time that is still to come"
	case !slices.Equal(s.Restored, known(s.Restored)) || !slices.Equal(s.Snapshot.NotKept, known(s.Snapshot.NotKept)):
		return "a table has no such settings"
	}
	table := s.Snapshot.Table
	parsed, err := arn.Parse(table.ARN)
	switch {
	case err != nil || parsed.Service != "dynamodb" || parsed.Resource != "table/"+table.Name || strings.ContainsAny(table.Name, "/:*#") || table.ID == "":
		return "its table's name is not that of the ARN"
	case table.StreamARN != "" && !strings.HasPrefix(table.StreamARN, table.ARN+"/stream/"):
		return "its stream is not one of its table"
	}
	for name := range s.Snapshot.Settings {
		if !slices.Contains(settings.Names(), name) {
			return "a table has no such settings"
		}
	}
	return ""
}

// known are those of the names that are names of settings.
func known(names []string) []string {
	return slices.DeleteFunc(
		slices.Clone(names),
		func(name string) bool { return !slices.Contains(settings.Names(), name) },
	)
}
