// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package tablecopy plans and runs copies.
package tablecopy
