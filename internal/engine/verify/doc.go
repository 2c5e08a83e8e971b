// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package verify proves that a copy has lost no item: it compares the destination with the source, or counts it, and
// finds items of the source that get one key.
package verify
