// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package newtable makes the destination of a copy: with CreateTable, with ImportTable, or by a restore.
package newtable
