// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// first and second are the values of the trigger.
const first, second = "-var=release=2026-11", "-var=release=2026-12"

func heading(text string) {
	fmt.Printf("\n=== %s\n\n", text)
}

// story is what the demo shows.
func story(ctx context.Context, terraform *terraform) error {
	heading("Terraform installs the provider")
	if err := terraform.run(ctx, "init"); err != nil {
		return err
	}
	heading("The plan: four runs to create, their outputs known after apply")
	if err := terraform.run(ctx, "plan", "-out=demo.tfplan", first); err != nil {
		return err
	}
	heading("The apply: seed two tables from files, copy the open orders of 100 and more, delete the cancelled ones")
	if err := terraform.run(ctx, "apply", "demo.tfplan"); err != nil {
		return err
	}
	heading("The same plan again: nothing to do, so nothing would run")
	if err := terraform.run(ctx, "plan", "-detailed-exitcode", first); err != nil {
		return fmt.Errorf("the plan after the apply is not empty: %w", err)
	}
	before, err := terraform.outputs(ctx)
	if err != nil {
		return err
	}
	heading("Another release, which is the trigger of one copy: that one is replaced, no other")
	if err := terraform.run(ctx, "plan", "-out=demo.tfplan", second); err != nil {
		return err
	}
	heading("The apply: runs that copy again")
	if err := terraform.run(ctx, "apply", "demo.tfplan"); err != nil {
		return err
	}
	after, err := terraform.outputs(ctx)
	if err != nil {
		return err
	}
	if after["open_orders_run"] == before["open_orders_run"] {
		return errors.New("the copy of the open orders did not run again")
	}
	return nil
}

// expected are how many items each table must hold.
type expected struct {
	countries int
	orderCounts
}

// check destroys the resources, which must change no table. Then it compares how many items a table must hold, how many
// it does by the outputs, and how many the AWS SDK counts.
func check(
	ctx context.Context,
	terraform *terraform,
	server *server,
	tables map[string]string,
	expected expected,
) error {
	outputs, err := terraform.outputs(ctx)
	if err != nil {
		return err
	}
	heading("The destroy: forgets the runs, and touches no table")
	if err := terraform.exec(ctx, io.Discard, "plan", "-destroy", "-out=demo.tfplan", second); err != nil {
		return err
	}
	if err := terraform.run(ctx, "apply", "demo.tfplan"); err != nil {
		return err
	}
	heading("What the tables hold now, counted with the AWS SDK alone")
	output := func(name string) int {
		number, _ := outputs[name].(float64) // A missing output is 0, which none of them is.
		return int(number)
	}
	rows := []struct {
		table     string
		must, say int
	}{
		{"countries", expected.countries, output("countries_seeded")},
		{"orders", expected.all - expected.cancelled, output("orders_seeded") - output("cancelled_orders_deleted")},
		{"open_orders", expected.openOf100, output("open_orders_copied")},
	}
	fmt.Printf("%-12s %10s %13s %8s\n", "table", "expected", "outputs say", "counted")
	wrong := false
	for _, row := range rows {
		counted, err := server.count(ctx, tables[row.table])
		if err != nil {
			return err
		}
		fmt.Printf("%-12s %10d %13d %8d\n", row.table, row.must, row.say, counted)
		wrong = wrong || row.must != row.say || row.say != counted
	}
	if wrong {
		return errors.New("the counts differ")
	}
	return nil
}
