// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package optional reads values that the AWS SDK gives as pointers, because they may be missing.
package optional
