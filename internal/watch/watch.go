// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package watch shows running jobs, from the journal, in a terminal beside terraform apply. It only reads.
package watch

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// interval is the least time between two looks at the journal.
const interval = 500 * time.Millisecond

// Run is the command: it shows the runs of a journal in a folder or in S3, by default the one that the provider keeps
// for a configuration in this folder, until ctx ends; with --once what there is now. The error says what is wrong with
// the arguments or the journal.
func Run(ctx context.Context, arguments []string, defaultPath string, out io.Writer) error {
	flags := flag.NewFlagSet("watch", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // The caller prints the error.
	place := flags.String("journal", defaultPath, "the journal's `folder`, or s3://BUCKET/PREFIX")
	once := flags.Bool("once", false, "show what there is now, a line for each run, and end")
	asJSON := flags.Bool("json", false, "print JSON for scripts: one array, or without --once one array a line")
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return help(flags, out)
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("watch takes no argument %q", flags.Arg(0))
	}
	if err != nil {
		return fmt.Errorf("%w; run terraform-provider-dynamoops watch --help for its flags", err)
	}
	j, err := open(ctx, *place, *once)
	if err != nil {
		return err
	}
	var show display
	switch {
	case *asJSON:
		show = jsonLines{json.NewEncoder(out)}
	case *once:
		show = lines{out}
	default:
		show = newBars(out)
	}
	pause := max(interval, j.SaveInterval()/2)
	for {
		found, err := jobs(ctx, j, time.Now())
		if err == nil {
			err = show.show(found)
		}
		if err != nil || *once {
			return errors.Join(err, show.close())
		}
		select {
		case <-ctx.Done():
			return show.close()
		case <-time.After(pause):
		}
	}
}

// display is a way to show jobs.
type display interface {
	show(found []job) error
	close() error
}

// jsonLines shows jobs to programs.
type jsonLines struct{ *json.Encoder }

func (l jsonLines) show(found []job) error { return l.Encode(found) }

func (l jsonLines) close() error { return nil }

// resumes is what becomes of a job that was interrupted.
const resumes = "the next apply of it, within a day, resumes there"

// lines shows jobs as text, a line each.
type lines struct{ out io.Writer }

func (l lines) show(found []job) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(l.out, "No run is in progress, and none waits to resume.")
		return err
	}
	for _, j := range found {
		if j.Error != "" {
			if _, err := fmt.Fprintln(l.out, j.unreadable()); err != nil {
				return err
			}
			continue
		}
		state := "is running"
		if !j.Running {
			state = "was interrupted at " + j.UpdatedAt.UTC().Format(time.RFC3339) + "; " + resumes
		}
		if _, err := fmt.Fprintf(l.out, "%s: %s; %s.\n", j.title(), j.progress(), state); err != nil {
			return err
		}
	}
	return nil
}

func (l lines) close() error { return nil }
