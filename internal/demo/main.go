// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command demo seeds, copies and purges tables of a local DynamoDB by real applies of Terraform, and then counts with
// the plain AWS SDK what the tables hold.
//
// It starts DynamoDB Local, or uses the server at DYNAMODB_ENDPOINT, and removes what it made when it ends.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/terraformcli"
)

const (
	orders = 50_000
	// fixture has one country on each line.
	fixture = "examples/seed-test-environment/fixtures/countries.jsonl"
	// cleanupTimeout bounds the removal of the tables.
	cleanupTimeout = 30 * time.Second
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	start := time.Now()
	err := demo(ctx)
	switch {
	case ctx.Err() != nil:
		log.Fatalf("\nStopped: %v", err)
	case err != nil:
		log.Fatalf("\nThe demo failed: %v", err)
	}
	fmt.Printf("\nDone in %s. Everything that the demo made is removed.\n", time.Since(start).Round(time.Second))
}

func demo(ctx context.Context) (err error) {
	heading("Getting ready; the first time, some things are downloaded and built")
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	cli, err := terraformcli.Path()
	if err != nil {
		return err
	}
	fmt.Println("Terraform:", cli)
	folder, err := os.MkdirTemp("", "dynamoops-demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// After Ctrl-C, too.
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		err = errors.Join(err, server.close(cleanup))
	}()
	tables, err := createTables(ctx, server)
	if err != nil {
		return err
	}
	fmt.Println("DynamoDB: ", server.url, "with three empty tables, in place of aws_dynamodb_table")
	countriesFile := filepath.Join(strings.TrimSpace(string(root)), filepath.FromSlash(fixture))
	countries, err := os.ReadFile(countriesFile)
	if err != nil {
		return err
	}
	ordersFile := filepath.Join(folder, "orders.jsonl")
	counts, err := writeOrders(ordersFile, orders)
	if err != nil {
		return err
	}
	fmt.Printf("Files:     %d countries and %d orders, as JSON lines\n", bytes.Count(countries, []byte("\n")), counts.all)
	terraform, err := newTerraform(ctx, cli, folder, map[string]any{
		"endpoint": server.url, "tables": tables, "countries_file": countriesFile, "orders_file": ordersFile,
	})
	if err != nil {
		return err
	}
	if err := story(ctx, terraform); err != nil {
		return err
	}
	return check(ctx, terraform, server, tables, expected{bytes.Count(countries, []byte("\n")), counts})
}

// createTables makes what aws_dynamodb_table makes elsewhere.
func createTables(ctx context.Context, server *server) (map[string]string, error) {
	tables := map[string]string{}
	for variable, key := range map[string][]string{
		"countries": {"code"}, "orders": {"customer_id", "order_id"}, "open_orders": {"customer_id", "order_id"},
	} {
		name, err := server.createTable(ctx, variable, key...)
		if err != nil {
			return nil, err
		}
		tables[variable] = name
	}
	return tables, nil
}
