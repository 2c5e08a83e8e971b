// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package tables has what every run needs of its tables: the environment of a process, and tables as they are opened.
package tables
