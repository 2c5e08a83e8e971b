// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package watch

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

const usage = `Usage: terraform-provider-dynamoops watch [FLAGS]

Shows the running copies and purges with their progress, and those that wait to be resumed. Run it in the directory
where you run Terraform, in a second terminal; Ctrl-C ends it and leaves the runs alone. It only reads the journal.

Flags:
`

// help shows what the command does and which flags it has.
func help(flags *flag.FlagSet, out io.Writer) error {
	var text strings.Builder
	text.WriteString(usage)
	flags.VisitAll(func(f *flag.Flag) {
		value, meaning := flag.UnquoteUsage(f)
		fmt.Fprintf(&text, "  %-20s %s", strings.TrimSpace("--"+f.Name+" "+value), meaning)
		if value != "" && f.DefValue != "" {
			fmt.Fprintf(&text, " (default %s)", f.DefValue)
		}
		text.WriteByte('\n')
	})
	_, err := io.WriteString(out, text.String())
	return err
}
