// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// sdkItems returns what the SDK's client decodes from that response to a Scan. Its decoder panics if a single
// bracket, brace or digit takes the place of a name (as of smithy-go 1.28.8), which counts as a refusal too.
func sdkItems(ctx context.Context, answer []byte) (_ []map[string]types.AttributeValue, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the SDK panics: %v", reason)
		}
	}()
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://localhost"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
		HTTPClient: smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
				ContentLength: int64(len(answer)), Body: io.NopCloser(bytes.NewReader(answer)),
			}, nil
		}),
	})
	output, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("t")})
	if err != nil {
		return nil, err
	}
	return output.Items, nil
}

// rawItems finds the items as a copy does.
func rawItems(array []byte) (items [][]byte, err error) {
	n, err := item.Items(array, func(raw []byte) { items = append(items, raw) })
	if err == nil && n != len(array) {
		err = errors.New("there is more after the array")
	}
	return items, err
}

// scanAnswer returns the response to a Scan with these items, separated by commas.
func scanAnswer(items []byte) []byte { return fmt.Appendf(nil, `{"Items":[%s],"Count":1}`, items) }

// verdict is the result of decoding a response with and without this package.
type verdict int

const (
	equal         verdict = iota // Both accept the items, with the same values.
	refused                      // The SDK refuses the items, also after this package has found them.
	refusedByOurs                // The SDK accepts the items, this package does not.
)

// compare has the SDK decode the items of a response, and decode them again after this package has found them
// and they were put into another response. Any difference is an error, except for items that only this package
// refuses: none of them is lost, or mistaken for another item.
func compare(ctx context.Context, items []byte) (verdict, error) {
	want, sdk := sdkItems(ctx, scanAnswer(items))
	raw, ours := rawItems(fmt.Appendf(nil, "[%s]", items))
	if ours != nil {
		//nolint:nilerr // A refusal is a verdict.
		return map[bool]verdict{true: refused, false: refusedByOurs}[sdk != nil], nil
	}
	got, again := sdkItems(ctx, scanAnswer(bytes.Join(raw, []byte(","))))
	switch {
	case (sdk == nil) != (again == nil):
		//nolint:errorlint // Either may be nil.
		return 0, fmt.Errorf("the SDK's verdict on the response is %v, and on the items found in it %v", sdk, again)
	case sdk != nil:
		return refused, nil //nolint:nilerr // As above.
	case len(want) == 0 && len(got) == 0, reflect.DeepEqual(got, want):
		return equal, nil
	}
	return 0, fmt.Errorf("the items differ:\n got %v\nwant %v", got, want)
}

// author writes random DynamoDB JSON in all ways that JSON allows.
type author struct {
	*rand.Rand
	bytes.Buffer
	kinds map[item.Kind]int // The number of values of each type that it has written.
}

func newAuthor(seed uint64) *author {
	return &author{Rand: rand.New(rand.NewPCG(seed, 1)), kinds: map[item.Kind]int{}}
}

// everyKind holds all types, those of maps and lists at the end.
var everyKind = []item.Kind{item.S, item.N, item.B, item.BOOL, item.NULL, item.SS, item.NS, item.BS, item.M, item.L}

// write appends the tokens, with random whitespace before each.
func (a *author) write(tokens ...string) {
	for _, token := range tokens {
		for a.IntN(6) == 0 {
			a.WriteByte(" \n\t\r"[a.IntN(4)])
		}
		a.WriteString(token)
	}
}

// quoted returns a random JSON string: plain text, Unicode, escapes of every kind, and text that looks like
// JSON.
func (a *author) quoted() string {
	pieces := []string{
		"a", "pk", " ", "é", "日本", "😀", `\"`, `\\`, `\/`, `\b\f\n\r\t`, `\u0041`, `\u00e9`, `\ud83d\ude00`, `\u2028`,
		"{", "}", "[", "]", ":", ",", "\u007f", `\u0000`,
	}
	var b strings.Builder
	b.WriteByte('"')
	for range a.IntN(1 << a.IntN(6)) {
		b.WriteString(pieces[a.IntN(len(pieces))])
	}
	b.WriteByte('"')
	return b.String()
}

// number returns a random number of up to 38 digits, as a JSON string.
func (a *author) number() string {
	digits := make([]byte, 1+a.IntN(38))
	for i := range digits {
		digits[i] = byte('0' + a.IntN(10))
	}
	text := []string{"", "-"}[a.IntN(2)] + string(digits[:1])
	if len(digits) > 1 {
		text += "." + string(digits[1:])
	}
	if a.IntN(3) == 0 {
		text += fmt.Sprintf("E%+d", a.IntN(200)-100)
	}
	return `"` + text + `"`
}

func (a *author) binary() string {
	content := make([]byte, a.IntN(20))
	for i := range content {
		content[i] = byte(a.Uint32())
	}
	return `"` + base64.StdEncoding.EncodeToString(content) + `"`
}

// list writes up to most elements.
func (a *author) list(opening, closing string, most int, element func()) {
	a.write(opening)
	for i := range a.IntN(most + 1) {
		if i > 0 {
			a.write(",")
		}
		element()
	}
	a.write(closing)
}

func (a *author) item(depth int) {
	a.list("{", "}", 5, func() {
		a.write(a.quoted(), ":")
		a.value(depth)
	})
}

// value writes an attribute value of any type with up to depth levels of maps and lists.
func (a *author) value(depth int) {
	kind := everyKind[a.IntN(len(everyKind))]
	if depth == 0 {
		kind = item.S
	} else if depth > 5 && a.IntN(8) > 0 {
		kind = everyKind[8+a.IntN(2)] // Otherwise hardly any value would be nested this deeply.
	}
	a.kinds[kind]++
	name := `"` + string(kind) + `"`
	if a.IntN(20) == 0 {
		name = fmt.Sprintf(`"\u%04x%s"`, kind[0], kind[1:])
	}
	a.write("{", name, ":")
	set := func(member func() string) { a.list("[", "]", 4, func() { a.write(member()) }) }
	switch kind {
	case item.S:
		a.write(a.quoted())
	case item.N:
		a.write(a.number())
	case item.B:
		a.write(a.binary())
	case item.BOOL, item.NULL:
		a.write([]string{"true", "false"}[a.IntN(2)])
	case item.SS:
		set(a.quoted)
	case item.NS:
		set(a.number)
	case item.BS:
		set(a.binary)
	case item.M:
		a.list("{", "}", 2, func() {
			a.write(a.quoted(), ":")
			a.value(depth - 1)
		})
	case item.L:
		a.list("[", "]", 2, func() { a.value(depth - 1) })
	}
	a.write("}")
}

// items returns random items, separated by commas.
func (a *author) items() []byte {
	a.Reset()
	for i := range 1 + a.IntN(4) {
		if i > 0 {
			a.write(",")
		}
		a.item(1 + a.IntN(32))
	}
	return bytes.Clone(a.Bytes())
}

// damage removes, flips, duplicates, replaces or truncates bytes.
func (a *author) damage(items []byte) []byte {
	for range 1 + a.IntN(3) {
		at := a.IntN(len(items))
		end := min(len(items), at+1+a.IntN(8))
		switch a.IntN(5) {
		case 0:
			items = append(items[:at:at], items[end:]...)
		case 1:
			items[at] ^= 1 << a.IntN(8)
		case 2:
			items = append(items[:end:end], items[at:]...)
		case 3:
			items[at] = "{}[]\",:\\ 0tn"[a.IntN(12)]
		case 4:
			items = items[:at]
		}
		if len(items) == 0 {
			break
		}
	}
	return items
}

// The SDK's decoder decodes the same items from a response and from the bytes that this package finds in it.
// What it refuses in the response it also refuses then.
func TestItemsAreTheSDKs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			a := newAuthor(seed)
			verdicts := map[verdict]int{}
			for range 500 {
				items := a.items()
				if v, err := compare(t.Context(), items); v != equal || err != nil {
					t.Fatalf("verdict %d, %v, of\n%q", v, err, items)
				}
				damaged := a.damage(items)
				v, err := compare(t.Context(), damaged)
				if err != nil {
					t.Fatalf("%v\nof %q", err, damaged)
				}
				verdicts[v]++
			}
			for _, kind := range everyKind {
				if a.kinds[kind] == 0 {
					t.Errorf("no item has a value of type %s", kind)
				}
			}
			t.Logf("of 500 damaged responses %d were decoded alike, %d were refused by both, %d by this package alone",
				verdicts[equal], verdicts[refused], verdicts[refusedByOurs])
			if verdicts[equal] == 0 || verdicts[refused] == 0 {
				t.Errorf("all damage has the same result: %v", verdicts)
			}
		})
	}
}

// FuzzItemsAreTheSDKs is TestItemsAreTheSDKs for arbitrary bytes.
func FuzzItemsAreTheSDKs(f *testing.F) {
	f.Add([]byte(everyType))
	f.Add([]byte(" { \"\\u0061\" :\n{ \"S\" : \"\\\\\\\"\" } } , {}"))
	f.Add([]byte(`{"a":{"S":"x"},"a":{"N":"1"}}`))
	f.Add([]byte(`{"a":{"S":"\ud800"}},{"b":{"B":"not base64"}}`))
	f.Add([]byte(`{"a":{"L":[{"M":{}},{"SS":[]}]}}]}{"Items":[{"b":{"S":"x"}}`))
	f.Add([]byte("{\"a\":{\"S\":\"\xff\x00\"}}"))
	f.Add([]byte(`{"a":null},null`))
	f.Add([]byte(`{"a":{"\u0053":"x"}}`))
	a := newAuthor(1)
	for range 20 {
		f.Add(a.items())
	}
	f.Fuzz(func(t *testing.T, items []byte) {
		if _, err := compare(t.Context(), items); err != nil {
			t.Errorf("%v\nof %q", err, items)
		}
	})
}
