// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"errors"
	"io/fs"
)

// A plan reads what exists before the apply. A table, a file or an index that the same apply creates is missing then.
// Terraform's depends_on does not delay the plan's check; only a value that is unknown until the apply does. These
// texts say which value to use.

// ChangedFirst says what to do if a property of an existing table is missing.
func ChangedFirst(what string) string {
	return " If this same apply " + what + ", the plan cannot see it yet, and depends_on does not change that: apply " +
		"the table first with -target, " +
		"or delay the check as \"What a plan checks\" in the provider's documentation shows."
}

// writtenFirst says how to refer to a source file that the same apply writes.
func writtenFirst(attribute string, err error) string {
	if attribute != "source.file" || !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return " If this same apply writes the file, refer to what is unknown until it is there, as in source = { file = " +
		"dynamoops_table_copy.NAME.destination_file }: " +
		"depends_on alone does not keep the plan from looking for it. \"What a plan checks\" in the provider's " +
		"documentation shows how for other files."
}

// madeFirst says how to refer to objects in S3 that the same apply creates.
const madeFirst = " If this same apply makes them, refer to what is unknown until they are there, as in prefix = " +
	"dynamoops_table_copy.NAME.destination_s3_prefix: " +
	"depends_on alone does not keep the plan from looking for them."
