// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package engine copies and empties DynamoDB tables.
//
// A job goes in, a result comes out: [Engine.Copy] runs a [job.Copy], [Engine.Purge] a [job.Purge]. [Engine.CheckCopy]
// and [Engine.CheckPurge] find what is wrong with a job before anything is done. [problem.All] returns the problems of
// an error, which may be several joined.
//
// The package is a façade: the packages below it do the work. None of them knows anything of Terraform. Connections,
// the clock and the observer come from outside.
package engine
