// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package exporting has AWS export a table to S3 and load the items from there into another one.
package exporting
