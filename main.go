// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-dynamoops is a Terraform provider that copies and empties DynamoDB tables.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/provider"
)

// version is set by the linker in a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve to a debugger: print how Terraform can attach to this process")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         "registry.terraform.io/dynamoops/dynamoops",
		Debug:           *debug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}
