// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// readAll returns the items of the file, one on each line, each checked for the key where one is given.
func readAll(t *testing.T, path string, key []item.KeyAttribute) (string, error) {
	t.Helper()
	source, err := store.OpenJSONLines(path, key)
	if err != nil {
		return "", err
	}
	defer func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	}()
	judged := store.Judge(source, item.Check)
	var all strings.Builder
	var page store.Page
	for after := []byte(nil); ; after = page.Next {
		if err := judged.Read(t.Context(), store.Segment{Total: 1}, after, &page); err != nil {
			return all.String(), err
		}
		if len(page.Refused) > 0 {
			return all.String(), page.Refused[0].Err
		}
		for _, raw := range page.Items {
			all.Write(raw)
			all.WriteByte('\n')
		}
		if page.Next == nil {
			return all.String(), nil
		}
	}
}

// What is nearly DynamoDB JSON, or an answer or a request that holds it, is never taken for plain JSON, whose attributes would be encoded a second
// time.
func TestNearlyDynamoDBJSON(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, want string }{
		"types in lower case":        {`{"id":{"s":"planted"},"n":{"n":"1"}}`, `attribute "id": the type is written S, not s`},
		"truth value in quotes":      {`{"id":{"S":"planted"},"ok":{"BOOL":"true"}}`, `attribute "ok": the content of type BOOL is true or false, without quotes`},
		"number without quotes":      {`{"id":{"S":"planted"},"n":{"N":5}}`, `attribute "n": the content of type N is a string in quotes`},
		"null as a type":             {`{"id":{"S":"planted"},"n":{"NULL":"x"}}`, `attribute "n": the content of type NULL`},
		"wrapped, number":            {`{"Item":{"id":{"S":"planted"},"n":{"N":1}}}`, `attribute "n": the content of type N`},
		"wrapped, lower case":        {`{"Item":{"id":{"s":"planted"}}}`, `the type is written S`},
		"fault within a map":         {`{"id":{"S":"planted"},"m":{"M":{"x":{"N":1}}}}`, "DynamoDB JSON with a fault"},
		"set of numbers":             {`{"id":{"S":"planted"},"m":{"NS":[1,2]}}`, "DynamoDB JSON with a fault"},
		"half with types":            {`{"id":{"S":"planted"},"n":5}`, "neither plain JSON nor DynamoDB JSON"},
		"plain in an Item":           {`{"Item":{"id":"planted"}}`, "plain JSON in an Item"},
		"beside an Item":             {`{"Item":{"id":{"S":"planted"}},"ConsumedCapacity":{"CapacityUnits":1}}`, "an Item in DynamoDB JSON, with other members"},
		"PutRequest":                 {`{"PutRequest":{"Item":{"id":{"S":"planted"}}}}`, "a PutRequest"},
		"DeleteRequest":              {`{"DeleteRequest":{"Key":{"id":{"S":"planted"}}}}`, "a DeleteRequest"},
		"file of BatchWriteItem":     {`{"orders":[{"PutRequest":{"Item":{"id":{"S":"planted"}}}}]}`, "a request to BatchWriteItem"},
		"RequestItems":               {`{"RequestItems":{"orders":[]}}`, "a request to BatchWriteItem"},
		"answer of Scan":             {`{"Items":[{"id":{"S":"planted"}}],"Count":1,"ScannedCount":1}`, "an answer of Scan"},
		"Items alone":                {`{"Items":[{"id":"planted"}]}`, "an answer of Scan"},
		"answer of BatchGetItem":     {`{"Responses":{"orders":[{"id":{"S":"planted"}}]},"UnprocessedKeys":{}}`, "an answer of BatchGetItem"},
		"incremental export":         {`{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"planted"}},"NewImage":{"id":{"S":"planted"}}}`, "an incremental export"},
		"deletion in such an export": {`{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"planted"}},"OldImage":{"id":{"S":"planted"}}}`, "an incremental export"},
		"record of a stream":         {`{"eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"planted"}},"NewImage":{}}}`, "a record of DynamoDB Streams"},
		"later in plain JSON":        {`{"id":"a"}` + "\n" + `{"id":{"S":"planted"}}`, "the first item is plain JSON"},
		"later in DynamoDB JSON":     {`{"id":{"S":"a"}}` + "\n" + `{"id":{"S":"planted"},"n":{"N":1}}`, `attribute "n"`},
		"wrapped twice":              {`{"Item":{"id":{"S":"planted"}},"\u0049tem":{"id":{"S":"b"}}}`, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(t, write(t, "items.jsonl", []byte(test.content)), nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "planted") {
				t.Errorf("%s was read; the error is %v, want %s", got, err, test.want)
			}
		})
	}
}

// Plain JSON stays plain, whatever its attributes are called. Where it may be either, the key decides.
func TestPlainJSONThatLooksOdd(t *testing.T) {
	t.Parallel()
	id := []item.KeyAttribute{{Name: "id", Type: item.S}}
	for content, want := range map[string]string{
		`{"id":"a","Item":{"x":1}}`:                       `{"id":{"S":"a"},"Item":{"M":{"x":{"N":"1"}}}}`,
		`{"id":"a","Item":{"x":{"S":"y"}}}`:               `{"id":{"S":"a"},"Item":{"M":{"x":{"M":{"S":{"S":"y"}}}}}}`,
		`{"id":"a","size":{"S":"small"}}`:                 `{"id":{"S":"a"},"size":{"M":{"S":{"S":"small"}}}}`,
		`{"id":"a","S":{"S":4},"N":{"N":"1"}}`:            `{"id":{"S":"a"},"S":{"M":{"S":{"N":"4"}}},"N":{"M":{"N":{"S":"1"}}}}`,
		`{"id":"a","Items":[{"x":1}],"Count":1}`:          `{"id":{"S":"a"},"Items":{"L":[{"M":{"x":{"N":"1"}}}]},"Count":{"N":"1"}}`,
		`{"id":"a","Keys":{"x":1},"NewImage":{"x":"a"}}`:  `{"id":{"S":"a"},"Keys":{"M":{"x":{"N":"1"}}},"NewImage":{"M":{"x":{"S":"a"}}}}`,
		`{"id":"a","dynamodb":{"Keys":{"x":1}}}`:          `{"id":{"S":"a"},"dynamodb":{"M":{"Keys":{"M":{"x":{"N":"1"}}}}}}`,
		`{"id":{"S":"a"},"Item":{"M":{"x":{"S":"y"}}}}`:   `{"id":{"S":"a"},"Item":{"M":{"x":{"S":"y"}}}}`,
		`{"id":{"S":"a"},"S":{"M":{"S":{"S":"x"}}}}`:      `{"id":{"S":"a"},"S":{"M":{"S":{"S":"x"}}}}`,
		`{"Item":{"id":{"S":"a"},"M":{"M":{}}}}`:          `{"id":{"S":"a"},"M":{"M":{}}}`,
		"\xef\xbb\xbf" + `{"id":"a"}` + "\r\n\r\n \t\r\n": `{"id":{"S":"a"}}`,
		`{"id":"\ud83d\ude00\u0000","n":-0,"x":1E+2}`:     `{"id":{"S":"\ud83d\ude00\u0000"},"n":{"N":"-0"},"x":{"N":"1E+2"}}`,
	} {
		got, err := readAll(t, write(t, "items.jsonl", []byte(content)), id)
		if err != nil || got != want+"\n" {
			t.Errorf("%s became %s, %v; want %s", content, got, err, want)
		}
	}
	for content, want := range map[string]string{
		`{"a":1,"b":2,"size":{"S":"small"}}`: `{"a":{"N":"1"},"b":{"N":"2"},"size":{"M":{"S":{"S":"small"}}}}`,
		`{"name":"a","Item":{"x":1}}`:        `{"name":{"S":"a"},"Item":{"M":{"x":{"N":"1"}}}}`,
		`{"Item":"a"}`:                       `{"Item":{"S":"a"}}`,
		`{"Items":["a"]}`:                    `{"Items":{"L":[{"S":"a"}]}}`,
		`{"Item":{"M":{"x":{"S":"y"}}}}`:     `{"Item":{"M":{"x":{"S":"y"}}}}`,
		"{}\n" + `{"id":"a"}`:                "{}\n" + `{"id":{"S":"a"}}`,
		"{}\n" + `{"id":{"S":"a"}}`:          "{}\n" + `{"id":{"S":"a"}}`,
		"\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"a\":2}\n\xef\xbb\xbf": `{"a":{"N":"1"}}` + "\n" + `{"a":{"N":"2"}}`,
	} {
		got, err := readAll(t, write(t, "items.jsonl", []byte(content)), nil)
		if err != nil || got != want+"\n" {
			t.Errorf("%s became %s, %v; want %s", content, got, err, want)
		}
	}
}

// Names and values that decoding would make equal, or change, are refused with their line.
func TestLossyText(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]error{
		`{"id":"a","x":1,"x":2}`:                                   item.ErrTwice,
		`{"id":"a","m":[{"x":1,"\u0078":2}]}`:                      item.ErrTwice,
		`{"id":{"S":"a"},"m":{"M":{"x":{"N":"1"},"x":{"N":"2"}}}}`: item.ErrTwice,
		`{"id":"a","x":"\ud800"}`:                                  item.ErrSurrogate,
		`{"id":"\udfff"}`:                                          item.ErrSurrogate,
		`{"id":"a","\ud800":1}`:                                    item.ErrSurrogate,
		`{"id":{"S":"\ud800"}}`:                                    item.ErrSurrogate,
		`{"id":{"S":"a"},"l":{"L":[{"S":"\ud800"}]}}`:              item.ErrSurrogate,
		"{\"id\":\"a\xff\"}":                                       item.ErrNotText,
		"{\"id\":\"a\",\"x\xc0\xaf\":1}":                           item.ErrNotText,
		`{"id":"a","n":1e400}`:                                     item.ErrNumberRange,
		`{"id":"a","n":1e99999999999999999999}`:                    item.ErrNumberRange,
	} {
		_, err := readAll(t, write(t, "items.jsonl", []byte("\n"+content)), nil)
		var line *store.LineError
		if !errors.As(err, &line) || line.Line != 2 || !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v in line 2", content, err, want)
		}
	}
}

// A text that is something else as a whole is named, with what makes items of it.
func TestOtherTexts(t *testing.T) {
	t.Parallel()
	utf16Of := func(order binary.AppendByteOrder, mark bool, text string) []byte {
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return b
	}
	for name, test := range map[string]struct {
		content  []byte
		is, next string
	}{
		"UTF-16, little":        {utf16Of(binary.LittleEndian, true, `{"id":"a"}`+"\n"), "UTF-16", "iconv"},
		"UTF-16, big":           {utf16Of(binary.BigEndian, true, `{"id":"a"}`+"\n"), "UTF-16", "iconv"},
		"UTF-16 without mark":   {utf16Of(binary.LittleEndian, false, `{"id":"a"}`), "UTF-16", "iconv"},
		"an array":              {[]byte(` [{"id":"a"},{"id":"b"}]`), "a JSON array", "jq -c '.[]' FILE"},
		"an array, indented":    {[]byte("[\n  {\"id\": \"a\"}\n]\n"), "a JSON array", "jq -c '.[]' FILE"},
		"an object, indented":   {[]byte("{\n  \"Items\": [\n"), "over several lines", "jq -c '.' FILE"},
		"an object, half of it": {[]byte("\n{\"id\": {\n\"S\": \"a\"}}"), "over several lines", "'.Items[]'"},
		"Ion":                   {[]byte("$ion_1_0 {Item:{id:\"a\"}}\n"), "Ion", "JSON"},
		"bzip2":                 {[]byte("BZh91AY&SY"), "compressed with bzip2", "gzip or zstd"},
		"Parquet":               {[]byte("PAR1\x15\x04"), "Parquet", "JSON lines"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readAll(t, write(t, "items", test.content), nil)
			form, ok := errors.AsType[*store.FormError](err)
			if !ok || !strings.Contains(form.Is, test.is) || !strings.Contains(form.Do, test.next) {
				t.Errorf("the error is %v, %+v", err, form)
			}
		})
	}
	if _, err := readAll(t, write(t, "items", []byte(`{"id":"a`)), nil); err == nil || !strings.Contains(err.Error(), "does not end") {
		t.Errorf("a text that is cut off: %v", err)
	}
}

// Every way in which gzip and zstd divide what they compress is read as one text.
func TestCompressedInParts(t *testing.T) {
	t.Parallel()
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	one, two := []byte(`{"id":"a"}`+"\n"+`{"id":`), []byte(`"b"}`)
	zip := func(part []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(part)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	// As pzstd writes it: before each frame one to be skipped that holds its length.
	skippable := func(length int) []byte {
		return append([]byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0}, binary.LittleEndian.AppendUint32(nil, uint32(length))...)
	}
	frame := func(part []byte) []byte { return encoder.EncodeAll(part, nil) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, content := range map[string][]byte{
		"gzip, two members": join(zip(one), zip(two)),
		"gzip, one empty":   join(zip(nil), zip(one), zip(nil), zip(two)),
		"zstd, two frames":  join(frame(one), frame(two)),
		"pzstd":             join(skippable(len(frame(one))), frame(one), skippable(len(frame(two))), frame(two)),
		"zstd, skip at end": join(frame(one), frame(two), skippable(7)),
	} {
		got, err := readAll(t, write(t, "items", content), nil)
		if want := `{"id":{"S":"a"}}` + "\n" + `{"id":{"S":"b"}}` + "\n"; err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, content := range map[string][]byte{"gzip": zip(one)[:20], "zstd": frame(one)[:12], "behind gzip": append(zip(append(one, two...)), "rest"...)} {
		if got, err := readAll(t, write(t, "items", content), nil); err == nil {
			t.Errorf("%s, cut off: %q was read without an error", name, got)
		}
	}
}

// A window that takes too much memory is refused before it is allocated.
func TestLargeWindow(t *testing.T) {
	t.Parallel()
	// A frame with a window of 512 MiB (exponent 19) and one raw block, the last.
	text := `{"id":"a"}` + "\n"
	content := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 19 << 3}
	header := uint32(len(text)<<3 | 1)
	content = append(append(content, byte(header), byte(header>>8), byte(header>>16)), text...)
	_, err := readAll(t, write(t, "items.zst", content), nil)
	if form, ok := errors.AsType[*store.FormError](err); !ok || !strings.Contains(form.Is, "more than 64 MiB") || !strings.Contains(form.Do, "--long") {
		t.Errorf("the error is %v", err)
	}
	content[5] = 16 << 3
	if got, err := readAll(t, write(t, "items.zst", content), nil); err != nil || got == "" {
		t.Errorf("a window of 64 MiB: %q, %v", got, err)
	}
}

// blank is a text of blank lines that goes on for ever.
type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

// Reading ends with its context, also in a text of blank lines, which fills no page; and a page has an end there.
func TestBlankLinesEnd(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.CopyN(w, blank{}, 256<<20)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	path := write(t, "blank.gz", b.Bytes())
	source, err := store.OpenJSONLines(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = source.Close() }()
	var page store.Page
	if err := source.Read(t.Context(), store.Segment{Total: 1}, nil, &page); err != nil || page.Next == nil || len(page.Items) > 0 {
		t.Errorf("the first page: %d items, next %s, %v", len(page.Items), page.Next, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := source.Read(ctx, store.Segment{Total: 1}, page.Next, &page); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v", err)
	}
	if err := source.Read(ctx, store.Segment{Total: 1}, []byte("200000000"), &page); !errors.Is(err, context.Canceled) {
		t.Errorf("Read, far behind = %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 1<<20 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}
