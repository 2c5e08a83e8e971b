// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package cluster has a Spark job on Amazon EMR do a run, and does the task of one of its machines.
package cluster
