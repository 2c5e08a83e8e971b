// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

// MethodExport copies with an export that AWS writes to S3. From there the items go to the destination, unless the
// export is the destination.
const MethodExport = "export_import"

// MethodScan copies with Scan and BatchWriteItem.
const MethodScan = "scan"

// Choice is the method of a run and the reason for it.
type Choice struct{ Method, Reason string }

// ChoosesItself reports whether the engine chooses the method.
func (j Copy) ChoosesItself() bool { return j.Method == "" || j.Method == MethodAuto }

// MayExport reports whether the engine chooses, and would choose an export if the table has point-in-time recovery.
func (j Copy) MayExport() bool {
	return j.ChoosesItself() && j.Source.Table != "" && j.Destination.S3 != nil && j.NeedsScan() == ""
}

// NeedsScan returns what a copy to S3 asks for and AWS's export cannot do, empty if there is nothing.
func (j Copy) NeedsScan() string {
	switch {
	case j.Filter != nil:
		return "there is a filter"
	case j.Transforms():
		return "transform changes the items"
	case j.Samples():
		return "a sample is wanted"
	case j.Source.Index != "":
		return "an index is read"
	case j.Source.ConsistentRead:
		return "consistent_read asks for a strongly consistent one"
	case j.Verifies():
		return "verify reads the export back"
	case !j.Source.Connection.SameCredentials(j.Destination.Connection):
		return "the bucket is reached with other credentials than the table"
	}
	return ""
}

// MethodRestore copies with a backup or point-in-time recovery: AWS creates the destination with the items in it.
const MethodRestore = "backup_restore"

// MethodEMR runs a copy or a purge on many machines, with Spark on Amazon EMR.
const MethodEMR = "emr"

// MethodAuto leaves the choice to the engine. It is the default.
const MethodAuto = "auto"

// MethodDeleteItems purges with Scan and BatchWriteItem, or DeleteItem if the filter is checked again. MethodRecreate
// drops and recreates the table.
const (
	MethodDeleteItems = "delete_items"
	MethodRecreate    = "recreate"
)

// Choose returns the method as far as the job itself decides it.
func (j Purge) Choose() Choice {
	switch {
	case j.Method == MethodRecreate:
		return Choice{MethodRecreate, "recreate is the method asked for"}
	case j.Method == MethodDeleteItems, j.Method == MethodEMR:
		return Choice{j.Method, j.Method + " is the method asked for"}
	case j.Filtered():
		return Choice{MethodDeleteItems, "a filter chooses items, and only delete_items deletes some and leaves others"}
	}
	return Choice{MethodDeleteItems, "delete_items deletes item by item and leaves the table and its settings as they are"}
}

// Recreating returns the choice of a recreate for that reason.
func Recreating(reason string) Choice { return Choice{Method: MethodRecreate, Reason: reason} }
