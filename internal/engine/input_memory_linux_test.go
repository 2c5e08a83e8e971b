// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// mostMemory is what a process takes at most, whatever it reads, in KiB.
const mostMemory = 300 << 10

// Whatever a file or objects hold, the memory of the process that plans and runs their copy is bounded.
func TestMemoryOfInput(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	folder := t.TempDir()
	zipped := func(write func(io.Writer) error) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		err := write(w)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	repeated := func(text string, count int) func(io.Writer) error {
		return func(w io.Writer) error {
			block := []byte(strings.Repeat(text, 1<<20/len(text)))
			for range count {
				if _, err := w.Write(block); err != nil {
					return err
				}
			}
			return nil
		}
	}
	list := `{"id":"a","l":[` + strings.Repeat("null,", 150_000) + `null]}` + "\n" // 300 KB as DynamoDB counts, and 2 MB as DynamoDB JSON.
	var names strings.Builder
	names.WriteString(`{"id":"a"`)
	for i := range 380_000 {
		fmt.Fprintf(&names, `,"%d":{}`, i)
	}
	names.WriteString("}\n")
	keys := func(w io.Writer) (err error) {
		for i := 0; i < 1_200_000 && err == nil; i++ {
			_, err = fmt.Fprintf(w, "{\"id\":\"%d\"}\n", i%1_199_999)
		}
		return err
	}
	for name, test := range map[string]struct {
		content string
		says    string // The error, empty if the copy succeeds.
		table   bool   // The destination is one.
		objects int    // How many objects hold it, 0 for a file.
	}{
		"blank lines":             {zipped(repeated("\n", 64)), "", false, 0},
		"one line":                {zipped(repeated("a", 64)), "longer than 5 MiB", false, 0},
		"zstd, 512 MiB of window": {zstdOf(19, 600), "more than 64 MiB", false, 0},
		"zstd, 64 MiB of window":  {zstdOf(16, 600), "", false, 0},
		"zstd, many objects":      {zstdOf(13, 80), "", false, 16},
		"long lists":              {zipped(repeated(list, 30)), "", false, 0},
		"long lists, objects":     {zipped(repeated(list, 3)), "", false, 16},
		"many names":              {names.String(), "Line 1 of", true, 0},
		"many names, objects":     {zipped(func(w io.Writer) error { _, err := io.WriteString(w, names.String()); return err }), "Line 1 of", true, 16},
		"many names, behind":      {names.String(), "Line 1 of", false, 15},
		"deep":                    {strings.Repeat(`{"a":`, 800_000), "Line 1 of", false, 0},
		"many keys":               {zipped(keys), "same key as the one in line 1", true, 0},
	} {
		place := strings.NewReplacer(" ", "-", ",", "").Replace(name)
		j := job.Copy{Destination: job.Destination{File: filepath.Join(folder, place+".out.gz")}}
		if test.table {
			j.Destination = job.Destination{Table: "copy"}
		}
		if test.objects == 0 {
			j.Source.File = filepath.Join(folder, place)
			if err := os.WriteFile(j.Source.File, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for i := range test.objects {
			s.putObject(fmt.Sprintf("%s/%02d", place, i), test.content)
			j.Source.S3 = &job.S3Source{S3Place: store.S3Place{Bucket: "work", Prefix: place}, Format: store.S3FormatLines}
		}
		if name == "many names, behind" { // What the plan reads of objects.
			s.putObject(place+"/-", strings.Repeat(strings.Repeat(" ", 1<<20)+"\n", 17))
		}
		said, peak := s.elsewhere(j)
		if peak > mostMemory || !strings.Contains(said, test.says) || (said == "") != (test.says == "") {
			t.Errorf("%s: %d MiB at the peak; it said %.300q", name, peak>>10, said)
		}
		t.Logf("%s: %d MiB at the peak", name, peak>>10)
	}
}

// zstdOf is blank lines in a frame with a window of 2 to the power of exponent+10 bytes, in so many blocks of 128 KiB that repeat one byte ("Frame_Header"
// and "Blocks" in RFC 8878).
func zstdOf(exponent byte, blocks int) string {
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, exponent << 3}
	for i := range blocks {
		header := uint32(128<<10<<3 | 1<<1)
		if i == blocks-1 {
			header |= 1
		}
		frame = append(frame, byte(header), byte(header>>8), byte(header>>16), '\n')
	}
	return string(frame)
}

// elsewhere runs the job in another process, and returns its error and the most memory that it took in KiB.
func (s *site) elsewhere(j job.Copy) (said string, peak int64) {
	s.t.Helper()
	given, err := json.Marshal(elsewhere{s.settings, s.directory, j, s.config})
	if err != nil {
		s.t.Fatal(err)
	}
	command := exec.CommandContext(s.t.Context(), os.Args[0])
	// What the kernel counts for a child that has ended includes the memory of its parent before exec.
	statusPath := filepath.Join(s.t.TempDir(), "status")
	command.Env = append(os.Environ(), copyElsewhere+"="+string(given), statusElsewhere+"="+statusPath)
	output, err := command.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		s.t.Fatal(err)
	}
	status, err := os.ReadFile(statusPath)
	if err != nil {
		s.t.Fatalf("%v; the process said %s", err, output)
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(line, &peak); err != nil || peak == 0 {
		s.t.Fatalf("the peak of the memory is %d, %v", peak, err)
	}
	return string(output), peak
}
