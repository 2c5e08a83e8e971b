// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures the engine against a plain loop with the AWS SDK, on a server that costs next to nothing. The
// two do the same work in one run, each in a process of its own, and what counts is the ratio of their figures.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

// scenario is one line of the table of results.
type scenario struct {
	name  string
	shape string
	items int
	purge bool
	edit  string
	// keep is for a copy that replaces no item.
	keep  bool
	delay time.Duration
	// partitions and units limit the table written: so many partitions that take so many units a second each; 0 for no
	// limit.
	partitions int
	units      float64
}

var scenarios = []scenario{
	{name: "copy 0.2 KB", shape: "0.2KB", items: 1_000_000},
	{name: "copy 0.2 KB, one string", shape: "0.2KB string", items: 1_000_000},
	{name: "copy 0.5 KB", shape: "0.5KB", items: 1_000_000},
	{name: "copy 4 KB", shape: "4KB", items: 200_000},
	{name: "copy 4 KB, one string", shape: "4KB string", items: 200_000},
	{name: "copy, rename + remove", shape: "0.5KB", items: 1_000_000, edit: "rename + remove"},
	{name: "copy, one CEL set", shape: "0.5KB", items: 1_000_000, edit: "set"},
	{name: "copy 0.5 KB, keeping items", shape: "0.5KB", items: 200_000, keep: true},
	{name: "purge", shape: "0.5KB", items: 1_000_000, purge: true},
	{name: "copy 0.5 KB, 5 ms away", shape: "0.5KB", items: 1_000_000, delay: 5 * time.Millisecond},
	{name: "purge, 5 ms away", shape: "0.5KB", items: 1_000_000, purge: true, delay: 5 * time.Millisecond},
	{
		name:       "copy 0.5 KB, 20,000 WCU, 5 s",
		shape:      "0.5KB",
		items:      100_000,
		delay:      5 * time.Millisecond,
		partitions: 1,
		units:      20_000,
	},
	{
		name:       "copy 0.5 KB, 20,000 WCU, 15 s",
		shape:      "0.5KB",
		items:      300_000,
		delay:      5 * time.Millisecond,
		partitions: 1,
		units:      20_000,
	},
	{
		name:       "copy 0.5 KB, 16 x 1,000 WCU",
		shape:      "0.5KB",
		items:      240_000,
		delay:      5 * time.Millisecond,
		partitions: 16,
		units:      1_000,
	},
}

func main() {
	log.SetFlags(0)
	subject := flag.String("subject", "", "do the work as this subject and print its figures (for the child processes)")
	j := flag.String("work", "", "the work, as JSON (for the child processes)")
	only := flag.String("only", "", "run this scenario alone; also memory, journal")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if *subject != "" {
		var w work
		if err = json.Unmarshal([]byte(*j), &w); err == nil {
			err = measured(ctx, *subject, w)
		}
	} else {
		err = run(ctx, *only)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run measures everything, or the scenario of that name.
func run(ctx context.Context, only string) error {
	switch only {
	case "memory":
		return memory(ctx)
	case "journal":
		return journalCost(ctx)
	}
	if err := compare(ctx, only); err != nil || only != "" {
		return err
	}
	if err := memory(ctx); err != nil {
		return err
	}
	return journalCost(ctx)
}

// compare runs every scenario with both subjects and prints a table in Markdown.
func compare(ctx context.Context, only string) error {
	fmt.Println("| | CPU µs/item, engine | plain | ratio | items/s, engine | plain | peak MB, engine | plain | " +
		"capacity used, engine | plain | requests throttled, engine | plain | items sent back, engine | plain |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, s := range scenarios {
		if only != "" && s.name != only {
			continue
		}
		engine, engineLimit, err := s.run(ctx, "engine")
		if err != nil {
			return err
		}
		plain, plainLimit, err := s.run(ctx, "plain")
		if err != nil {
			return err
		}
		fmt.Printf(
			"| %s | %.1f | %.1f | %.2f | %.0f | %.0f | %.0f | %.0f |",
			s.name,
			engine.perItem(),
			plain.perItem(),
			engine.perItem()/plain.perItem(),
			float64(engine.Items)/engine.Seconds,
			float64(plain.Items)/plain.Seconds,
			engine.PeakMB,
			plain.PeakMB,
		)
		if s.partitions > 0 {
			e, p := engineLimit.shares(), plainLimit.shares()
			fmt.Printf(
				" %.1f %% | %.1f %% | %.2f %% | %.2f %% | %.2f %% | %.2f %% |\n",
				e.used,
				p.used,
				e.throttled,
				p.throttled,
				e.sentBack,
				p.sentBack,
			)
		} else {
			fmt.Println(" | | | | | |")
		}
	}
	return nil
}

// perItem is the CPU time for one item, in microseconds.
func (f figures) perItem() float64 { return f.CPU * 1e6 / float64(f.Items) }

// run measures one subject against a server of its own, and returns what reached the server's limit, if it has one.
func (s scenario) run(ctx context.Context, subject string) (figures, *capacity, error) {
	var limit *capacity
	if s.partitions > 0 {
		limit = newCapacity(s.partitions, s.units)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return figures{}, nil, err
	}
	server := &http.Server{
		Handler:           newNullServer(shapes[s.shape], s.items, s.delay, limit),
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = server.Serve(listener) }() // Close makes it return.
	defer func() { _ = server.Close() }()
	f, err := measure(
		ctx,
		subject,
		work{Endpoint: "http://" + listener.Addr().String(), Purge: s.purge, Edit: s.edit, Items: s.items, Keep: s.keep},
	)
	return f, limit, err
}
