// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package engine copies and empties DynamoDB tables.
//
// A job goes in, a result comes out: [Engine.Copy] runs a [CopyJob], [Engine.Purge] a [PurgeJob]. [Engine.CheckCopy]
// and [Engine.CheckPurge] find what is wrong with a job before anything is done. [problem.All] returns the problems of
// an error, which may be several joined.
//
// The engine knows nothing of Terraform. Connections, the clock and the observer come from outside.
package engine
