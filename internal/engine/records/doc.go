// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package records has the records that the journal keeps of interrupted runs, and what other runs make of them.
//
// A record of the journal is input, not truth: others may be able to write to the journal. Each kind of record has a
// method Foreign, or a function of that name, which finds what the run that loads it cannot have written. It is called
// where the record is loaded, before anything of it is used, and what it finds ends the run. What the configuration
// says is never taken from a record. Where a record names something that AWS keeps, and the run would use or delete
// that, AWS is asked first whether it is the run's (the packages managed, spark and store).
package records
