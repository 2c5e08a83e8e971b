// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package optional reads the pointers with which the AWS SDK says that a value may be missing.
package optional
