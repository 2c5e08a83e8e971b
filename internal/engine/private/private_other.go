// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package private

func check(string) error { return nil }
