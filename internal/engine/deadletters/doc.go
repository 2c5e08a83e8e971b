// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package deadletters keeps the file of the items that a copy has set aside.
package deadletters
