// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-dynamoops is a Terraform provider that copies and empties DynamoDB tables.
//
// Terraform starts it. A user may start it as "terraform-provider-dynamoops watch", in a terminal beside terraform apply, to see
// the runs that are going on. Spark starts it as "terraform-provider-dynamoops worker", as one task of a distributed run.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/provider"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/watch"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/worker"
)

// version is set by the linker in a release.
var version = "dev"

const usage = `Terraform starts this program. To see the runs that are going on, in a terminal beside terraform apply:
  terraform-provider-dynamoops watch
What else it takes is said by watch --help. What serves Terraform takes:
`

func main() {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(worker.Main(version))
	}
	if len(os.Args) > 1 && os.Args[1] == "watch" {
		log.SetFlags(0)
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := watch.Run(ctx, os.Args[2:], provider.DefaultJournal(), os.Stdout); err != nil {
			stop()
			log.Fatal(err)
		}
		return
	}
	serve()
}

func serve() {
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage) // Nobody is there to hear that it failed.
		flag.PrintDefaults()
	}
	debug := flag.Bool("debug", false, "serve to a debugger: print how Terraform can attach to this process")
	flag.Parse()
	if err := provider.Serve(version, *debug); err != nil {
		log.Fatal(err)
	}
}
