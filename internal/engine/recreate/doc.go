// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package recreate drops a table and creates it again with every setting put back, and finishes what an earlier attempt
// has begun.
package recreate
