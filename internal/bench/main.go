// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures the engine against a plain loop with the AWS SDK, on a server that costs next to nothing. The two
// do the same work in one run, each in a process of its own, and what counts is the ratio of their figures.
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
	delay time.Duration
}

var scenarios = []scenario{
	{"copy 0.2 KB", "0.2KB", 1_000_000, false, 0},
	{"copy 0.5 KB", "0.5KB", 1_000_000, false, 0},
	{"copy 4 KB", "4KB", 200_000, false, 0},
	{"purge", "0.5KB", 1_000_000, true, 0},
	{"copy 0.5 KB, 5 ms away", "0.5KB", 1_000_000, false, 5 * time.Millisecond},
	{"purge, 5 ms away", "0.5KB", 1_000_000, true, 5 * time.Millisecond},
}

func main() {
	log.SetFlags(0)
	subject := flag.String("subject", "", "do the work as this subject and print its figures (for the child processes)")
	job := flag.String("work", "", "the work, as JSON (for the child processes)")
	only := flag.String("only", "", "run this scenario alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if *subject != "" {
		var w work
		if err = json.Unmarshal([]byte(*job), &w); err == nil {
			err = measured(ctx, *subject, w)
		}
	} else {
		err = compare(ctx, *only)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// compare runs every scenario with both subjects and prints a table in Markdown.
func compare(ctx context.Context, only string) error {
	fmt.Println("| | CPU µs/item, engine | plain | ratio | items/s, engine | plain | peak MB, engine | plain |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, s := range scenarios {
		if only != "" && s.name != only {
			continue
		}
		engine, err := s.run(ctx, "engine")
		if err != nil {
			return err
		}
		plain, err := s.run(ctx, "plain")
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %.1f | %.2f | %.0f | %.0f | %.0f | %.0f |\n", s.name, engine.perItem(), plain.perItem(), engine.perItem()/plain.perItem(),
			float64(engine.Items)/engine.Seconds, float64(plain.Items)/plain.Seconds, engine.PeakMB, plain.PeakMB)
	}
	return nil
}

// perItem is the CPU time for one item, in microseconds.
func (f figures) perItem() float64 { return f.CPU * 1e6 / float64(f.Items) }

// run measures one subject against a server of its own.
func (s scenario) run(ctx context.Context, subject string) (figures, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return figures{}, err
	}
	server := &http.Server{Handler: newNullServer(shapes[s.shape], s.items, s.delay), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // Close makes it return.
	defer func() { _ = server.Close() }()
	return measure(ctx, subject, work{Endpoint: "http://" + listener.Addr().String(), Purge: s.purge, Items: s.items})
}
