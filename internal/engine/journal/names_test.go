// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
)

// Names are a format: with other ones, a new version of the provider would not find the records of interrupted runs.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind      journal.Kind
		got, want string
	}{
		{journal.KindCopy, journal.CopyName([]byte(`["copy"]`)), "copy-c9729e45ebc837d4d96812c0787148e9"},
		{journal.KindPurge, journal.PurgeName([]byte(`["copy"]`)), "purge-c9729e45ebc837d4d96812c0787148e9"},
		{journal.KindExport, journal.ExportName([]byte(`["copy"]`)), "export-c9729e45ebc837d4d96812c0787148e9"},
		{
			journal.KindCreate, journal.CreateName("eu-west-1", "orders", "", "", ""),
			"create-741175bfebe2779d784b3a2f08fddc7e",
		},
		{
			journal.KindRecreate, journal.RecreateName("arn:aws:dynamodb:eu-west-1:123456789012:table/orders", ""),
			"recreate-d362cced715ec3eba4ea7ee1f219dbaf",
		},
		{
			journal.KindRecreate, journal.RecreateName("arn:aws:dynamodb:ddblocal:000000000000:table/orders", "eu-west-1"),
			"recreate-d14df27680164c2597abcb1ad66d7701",
		},
		{journal.KindSegment, journal.SegmentName(7), "segment-000007"},
		{journal.KindFailure, journal.FailureName(12), "failure-000012"},
		{journal.KindFailure, journal.JobFailureName(), "failure-job"},
	} {
		if test.got != test.want {
			t.Errorf("the name is %s, want %s", test.got, test.want)
		}
		if kind := journal.KindOf(test.got); kind != test.kind {
			t.Errorf("%s is of the kind %q, want %q", test.got, kind, test.kind)
		}
	}
}

func TestKindOfOtherNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "copy", "copies-1", "-copy", "recreated-1"} {
		if kind := journal.KindOf(name); kind != "" {
			t.Errorf("%q is of the kind %q", name, kind)
		}
	}
}
