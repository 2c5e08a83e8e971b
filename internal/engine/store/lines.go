// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

const (
	// maxLine is the longest line that is read: an item and what may surround it.
	maxLine = maxItem + 1<<20
	// maxItem is the longest DynamoDB JSON of an item. An item has at most 400 KB ("Quotas in Amazon DynamoDB"). A list of
	// empty strings needs the most JSON, nine bytes for each.
	maxItem = 4 << 20
	// filePage is how many bytes of items make a page of a file: as many as DynamoDB puts into one.
	filePage = 1 << 20
	// pageText bounds the text that is read for one page: compressed text may be blank lines for very long.
	pageText = 16 << 20
)

// largeLine is the length from which a line takes much memory to be checked: up to 150 MB if it consists of short
// names. Such lines of all texts are checked one after the other.
const largeLine = 1 << 20

var large sync.Mutex

// LineError is what is wrong with one line of a file.
type LineError struct {
	File string
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("%s, line %d: %v", e.File, e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Errors of lines.
var (
	// ErrLineTooLong is the error for a line that is too long for any item.
	ErrLineTooLong = errors.New("the line is longer than 5 MiB; one item stands on one line")
	// ErrItemTooLong is the error for an item that is too large for any table.
	ErrItemTooLong = errors.New("the item is longer than 4 MiB as DynamoDB JSON, which one of 400 KB never is")
)

// lines reads the items of a text that has one on each line, plain or compressed.
type lines struct {
	name    string // What errors call the text.
	key     []item.KeyAttribute
	input   *interruptible
	scanner *bufio.Scanner
	text    []byte // The current line.
	line    int
	items   int // Lines so far that are not blank.
	form    form
}

// newLines reads the beginning of the text. Its decompressed form may look back that far.
func newLines(ctx context.Context, name string, text io.Reader, key []item.KeyAttribute, window int) (*lines, error) {
	input := &interruptible{ctx, text}
	plain, err := decompress(input, window)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	scanner := bufio.NewScanner(plain)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	return &lines{name: name, key: key, input: input, scanner: scanner}, nil
}

// interruptible is a reader that stops with the context of the current call.
type interruptible struct {
	ctx  context.Context
	text io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.text.Read(p)
}

// skip goes to the line after the one with that number.
func (l *lines) skip(ctx context.Context, to int) error {
	l.input.ctx = ctx
	for l.line < to && l.scan() {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// fill fills the page with items. It reports false at the end of the text.
func (l *lines) fill(ctx context.Context, page *Page) (more bool, err error) {
	l.input.ctx = ctx
	page.begin()
	page.memory, page.text = page.memory[:0], l.name
	var ends []int
	for len(page.memory) < filePage && page.read < pageText {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if !l.scan() {
			page.Items = cut(page.Items, page.memory, ends)
			return false, l.end()
		}
		page.read += len(l.scanner.Bytes()) + 1
		memory, err := l.item(page.memory)
		if err != nil {
			return false, &LineError{l.name, l.line, err}
		}
		if len(memory) > len(page.memory) {
			page.memory = memory
			ends = append(ends, len(memory))
			page.lines = append(page.lines, l.line)
		}
	}
	page.Items = cut(page.Items, page.memory, ends)
	return true, nil
}

// cut appends the items to the page once their memory does not move any more.
func cut(items [][]byte, memory []byte, ends []int) [][]byte {
	start := 0
	for _, end := range ends {
		items = append(items, memory[start:end])
		start = end
	}
	return items
}

// byteOrderMark is what some editors write at the beginning of a file. It may also stand inside, where such files were
// joined.
var byteOrderMark = []byte("\xef\xbb\xbf")

// scan goes to the next line. Text before an unreadable place is not a line.
func (l *lines) scan() bool {
	if !l.scanner.Scan() || l.scanner.Err() != nil {
		return false
	}
	l.line++
	if l.text = bytes.TrimSpace(bytes.TrimPrefix(l.scanner.Bytes(), byteOrderMark)); len(l.text) > 0 {
		l.items++
	}
	return true
}

// end reports whether the text ended well.
func (l *lines) end() error {
	err := l.scanner.Err()
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, bufio.ErrTooLong) {
		err = ErrLineTooLong
	}
	if err != nil {
		return &LineError{l.name, l.line + 1, err}
	}
	return nil
}

// item appends the current line's item to dst; nothing for a blank line.
func (l *lines) item(dst []byte) ([]byte, error) {
	if len(l.text) == 0 {
		return dst, nil
	}
	if len(l.text) > largeLine {
		large.Lock()
		defer large.Unlock()
	}
	if err := item.CheckText(l.text); err != nil {
		return nil, l.explain(err)
	}
	whole, err := l.convert(dst)
	if err != nil {
		return nil, l.explain(err)
	}
	if len(whole)-len(dst) > maxItem {
		return nil, ErrItemTooLong
	}
	return whole, nil // Whether it fits is for Judge to say.
}

// convert appends the item of the current line to dst as DynamoDB JSON.
func (l *lines) convert(dst []byte) ([]byte, error) {
	if l.form != plainJSON {
		raw, err := fromDynamoDB(l.text)
		if err == nil {
			if len(fieldsOf(raw)) > 0 { // An item without attributes is the same in both forms.
				l.form = dynamoDBJSON
			}
			return append(dst, raw...), nil
		}
		if l.form == dynamoDBJSON {
			return nil, cmp.Or(notPlain(l.text, nil), err)
		}
	}
	whole, err := item.FromPlain(dst, l.text)
	if err != nil {
		return nil, err
	}
	if err := notPlain(l.text, l.key); err != nil {
		return nil, err
	}
	l.form = plainJSON
	return whole, nil
}

// explain says what the text is as a whole if its first line is not an item.
func (l *lines) explain(err error) error {
	if l.items > 1 {
		return err
	}
	ended, cut := errors.AsType[*item.TextError](err)
	switch {
	case isUTF16(l.text):
		return &FormError{Is: "UTF-16, and JSON is UTF-8", Do: "Convert it, for example with iconv -f UTF-16 -t UTF-8 " +
			"FILE > items.jsonl."}
	case l.text[0] == '[':
		return &FormError{Is: "a JSON array, and not items, one on each line", Do: jq(".[]")}
	case bytes.HasPrefix(l.text, []byte("$ion_1_0")):
		return &FormError{Is: "Amazon Ion", Do: "Export the table in DynamoDB JSON."}
	case cut && ended.Ended && l.text[0] == '{' && l.scanner.Scan(): // Or else the text has been cut off.
		return &FormError{
			Is: "JSON that goes on over several lines, and not items, one on each line",
			Do: jq(".") + " The Items of an answer of Scan or Query, such as that of aws dynamodb scan, take '.Items[]' in " +
				"its place, and an array '.[]'.",
		}
	}
	return err
}

// isUTF16 reports whether the beginning of a text is UTF-16 or UTF-32: it has the mark of it, or NUL beside its first
// character.
func isUTF16(text []byte) bool {
	head := text[:min(len(text), 4)]
	return bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) ||
		len(head) > 1 && bytes.IndexByte(head, 0) >= 0
}
