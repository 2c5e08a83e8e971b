// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command print prints the path of the Terraform CLI that the tests use, for scripts.
package main

import (
	"fmt"
	"os"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/terraformcli"
)

func main() {
	path, err := terraformcli.Path()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(path)
}
