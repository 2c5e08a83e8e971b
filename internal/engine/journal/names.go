// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Kind is a kind of record. The name of a record is its kind, a hyphen, and what tells it apart from others of that
// kind: for most kinds a hash, which makes the next apply of the same run find the record again.
type Kind string

const (
	// KindCopy and KindPurge are the kinds of runs that move items.
	KindCopy  Kind = "copy"
	KindPurge Kind = "purge"
	// KindExport is the kind of copies by way of an export.
	KindExport Kind = "export"
	// KindCreate is the kind of tables that copies create or restore.
	KindCreate Kind = "create"
	// KindRecreate is the kind of tables that are dropped and created again.
	KindRecreate Kind = "recreate"
	// KindSegment and KindFailure are the kinds of a Spark job's own journal: its tasks, and what made them fail.
	KindSegment Kind = "segment"
	KindFailure Kind = "failure"
)

// KindOf returns the kind that a record's name begins with, empty for a name that no kind of record has.
func KindOf(name string) Kind {
	kind, _, ok := strings.Cut(name, "-")
	switch k := Kind(kind); k {
	case KindCopy, KindPurge, KindExport, KindCreate, KindRecreate, KindSegment, KindFailure:
		if ok {
			return k
		}
	}
	return ""
}

// CopyName returns the name of a copy's record. The definition is all that makes two copies the same run.
func CopyName(definition []byte) string { return hashed(KindCopy, definition) }

// PurgeName returns the name of a purge's record. The definition is all that makes two purges the same run.
func PurgeName(definition []byte) string { return hashed(KindPurge, definition) }

// ExportName returns the name of the record of a copy by way of an export. The definition is as that of CopyName.
func ExportName(definition []byte) string { return hashed(KindExport, definition) }

// CreateName returns the name of the record of a table that a copy creates: its Region, its name or ARN, and the
// profile, the role and the endpoint of its connection. The account of a name is not known without asking STS; the
// table's id in the record tells tables of the same name apart.
func CreateName(region, table, profile, role, endpoint string) string {
	return hashed(KindCreate, fmt.Appendf(nil, "%q %q %q %q %q", region, table, profile, role, endpoint))
}

// RecreateName returns the name of the record of the table's recreate: a table has one. The Region is empty unless
// the table is on DynamoDB Local, where the ARN does not tell it.
func RecreateName(arn, region string) string { return hashed(KindRecreate, []byte(arn+region)) }

// SegmentName returns the name of the record of the task with that number.
func SegmentName(number int) string { return fmt.Sprintf("%s-%06d", KindSegment, number) }

// FailureName returns the name of the record of why the task with that number failed.
func FailureName(number int) string { return fmt.Sprintf("%s-%06d", KindFailure, number) }

// JobFailureName returns the name of the record of why the whole Spark job failed.
func JobFailureName() string { return string(KindFailure) + "-job" }

func hashed(kind Kind, definition []byte) string {
	sum := sha256.Sum256(definition)
	return string(kind) + "-" + hex.EncodeToString(sum[:16])
}
