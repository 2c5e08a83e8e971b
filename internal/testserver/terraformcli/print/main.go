// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command print prints the path of a CLI that the tests use, for scripts: of a Terraform that knows actions, or with
// the argument "tofu" of OpenTofu.
package main

import (
	"fmt"
	"os"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/terraformcli"
)

func main() {
	find := terraformcli.WithActions
	if len(os.Args) > 1 && os.Args[1] == "tofu" {
		find = terraformcli.OpenTofu
	}
	path, err := find()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(path)
}
