// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package tablepurge plans and runs purges.
package tablepurge
