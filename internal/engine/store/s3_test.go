// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/klauspost/compress/zstd"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/s3local"
)

// bucket is a bucket of a server of its own.
type bucket struct {
	t      *testing.T
	server *s3local.Server
	client *s3.Client
	name   string
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	server := s3local.New(t)
	return &bucket{t, server, server.Client(), server.Bucket(t)}
}

func (b *bucket) put(key, content string) {
	b.t.Helper()
	if _, err := b.client.PutObject(b.t.Context(), &s3.PutObjectInput{Bucket: aws.String(b.name), Key: aws.String(key), Body: strings.NewReader(content)}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bucket) get(key string) []byte {
	b.t.Helper()
	answer, err := b.client.GetObject(b.t.Context(), &s3.GetObjectInput{Bucket: aws.String(b.name), Key: aws.String(key)})
	if err != nil {
		b.t.Fatal(err)
	}
	content, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		b.t.Fatal(err)
	}
	return content
}

func (b *bucket) place(prefix string) store.S3Place {
	return store.S3Place{Bucket: b.name, Prefix: prefix}
}

// source opens what is at the prefix, and reads all of it, each part for itself. limit is how many pages to read of each part
// before another source goes on, as after an interruption; 0 for no interruption.
func (b *bucket) read(client *s3.Client, prefix, format string, parts, limit int) (items []string, err error) {
	b.t.Helper()
	open := func() (*store.S3Source, error) {
		return store.OpenS3(b.t.Context(), client, b.place(prefix), format, key)
	}
	source, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	definition := string(source.Definition())
	after := make([][]byte, parts)
	left := make([]bool, parts)
	for i := range left {
		left[i] = true
	}
	for slices.Contains(left, true) {
		for number := range parts {
			for pages := 0; left[number] && (limit == 0 || pages < limit); pages++ {
				var page store.Page
				if err := fitting(source).Read(b.t.Context(), store.Segment{Number: number, Total: parts}, after[number], &page); err != nil {
					return items, err
				}
				if len(page.Refused) > 0 {
					return items, page.Refused[0].Err
				}
				for _, raw := range page.Items {
					items = append(items, string(raw))
				}
				after[number] = page.Next
				left[number] = page.Next != nil
			}
		}
		if limit > 0 {
			if err := source.Close(); err != nil {
				return items, err
			}
			if source, err = open(); err != nil {
				return items, err
			}
			if again := string(source.Definition()); again != definition {
				b.t.Errorf("the definition was %s and is %s", definition, again)
			}
		}
	}
	return items, nil
}

// numbered are items of about 10 KB, so that a hundred of them make a page.
func numbered(count int) []string {
	var items []string
	for n := range count {
		items = append(items, fmt.Sprintf(`{"pk":{"S":"%06d"},"text":{"S":"%s"}}`, n, strings.Repeat("é", 5000)))
	}
	return items
}

// save writes items to the prefix with the sink, in batches of several at the same time.
func save(ctx context.Context, client *s3.Client, place store.S3Place, items []string) (*store.S3Sink, error) {
	sink := store.CreateS3(ctx, client, place, store.S3Origin{TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", TableID: "id-1"}, time.Now)
	if err := sink.Begin(); err != nil {
		return nil, err
	}
	var group sync.WaitGroup
	failures := make(chan error, len(items))
	for batch := range slices.Chunk(items, 50) {
		group.Go(func() {
			raw := make([][]byte, len(batch))
			for i := range batch {
				raw[i] = []byte(batch[i])
			}
			outcomes := make([]store.Outcome, len(raw))
			if _, err := sink.Write(ctx, raw, outcomes); err != nil {
				failures <- err
			} else if slices.Contains(outcomes, store.Pending) {
				failures <- errors.New("an item is pending")
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return nil, errors.Join(err, sink.Close(false))
	default:
		return sink, sink.Close(true)
	}
}

func sorted(items []string) []string { return slices.Sorted(slices.Values(items)) }

func expectItems(t *testing.T, got, want []string) {
	t.Helper()
	if got, want := sorted(got), sorted(want); !slices.Equal(got, want) {
		t.Errorf("%d items, want %d, or others", len(got), len(want))
	}
}

// What the sink writes is, read by other means than the source, an export as AWS makes it.
func TestS3SinkLayout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		items  []string
		prefix string
		root   string
	}{
		"items":     {numbered(1000), "backups/2026", "backups/2026/AWSDynamoDB/"},
		"slashes":   {numbered(3), "/backups/", "backups/AWSDynamoDB/"},
		"no prefix": {numbered(3), "", "AWSDynamoDB/"},
		"no items":  {nil, "p", "p/AWSDynamoDB/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBucket(t)
			sink, err := save(t.Context(), b.client, b.place(test.prefix), test.items)
			if err != nil {
				t.Fatal(err)
			}
			root := sink.Root()
			if !strings.HasPrefix(root, test.root) {
				t.Fatalf("the export is at %s, want it below %s", root, test.root)
			}
			var summary struct {
				ManifestFilesS3Key, S3Bucket, OutputFormat, TableArn, ExportArn, StartTime, EndTime, ExportTime string
				ItemCount                                                                                       int
			}
			text := b.get(root + "/manifest-summary.json")
			if err := json.Unmarshal(text, &summary); err != nil {
				t.Fatal(err)
			}
			if summary.ItemCount != len(test.items) || summary.S3Bucket != b.name || summary.OutputFormat != "DYNAMODB_JSON" ||
				summary.ExportArn != summary.TableArn+"/export/"+path.Base(root) {
				t.Errorf("the summary is %s", text)
			}
			for _, at := range []string{summary.StartTime, summary.EndTime, summary.ExportTime} {
				// Readers take times to be as AWS writes them.
				if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(at) {
					t.Errorf("a time is %q", at)
				}
			}
			files := b.get(summary.ManifestFilesS3Key)
			for name, content := range map[string][]byte{"manifest-summary": text, "manifest-files": files} {
				if sum := string(b.get(root + "/" + name + ".md5")); sum != checksum(content) {
					t.Errorf("the MD5 of %s is %s, and the file has %s", name, checksum(content), sum)
				}
			}
			var got []string
			keys := []string{root + "/_started", root + "/manifest-files.json", root + "/manifest-files.md5", root + "/manifest-summary.json", root + "/manifest-summary.md5"}
			for line := range strings.Lines(string(files)) {
				var file struct {
					ItemCount                        int
					Md5Checksum, Etag, DataFileS3Key string
				}
				if err := json.Unmarshal([]byte(line), &file); err != nil {
					t.Fatal(err)
				}
				keys = append(keys, file.DataFileS3Key)
				packed := b.get(file.DataFileS3Key)
				if checksum(packed) != file.Md5Checksum || file.Etag == "" || strings.Contains(file.Etag, `"`) {
					t.Errorf("%s does not fit %s", file.DataFileS3Key, line)
				}
				items := exportedItems(t, packed)
				if len(items) != file.ItemCount {
					t.Errorf("%s holds %d items, the manifest says %d", file.DataFileS3Key, len(items), file.ItemCount)
				}
				got = append(got, items...)
			}
			expectItems(t, got, test.items)
			if there := b.server.Keys(t.Context(), t, b.name, ""); !slices.Equal(there, sorted(keys)) {
				t.Errorf("the bucket holds %q, want %q", there, sorted(keys))
			}
		})
	}
}

func checksum(content []byte) string {
	sum := md5.Sum(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func exportedItems(t *testing.T, packed []byte) []string {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	var items []string
	for line := range strings.Lines(string(text)) {
		var item struct{ Item json.RawMessage }
		if err := json.Unmarshal([]byte(line), &item); err != nil {
			t.Fatal(err)
		}
		items = append(items, string(item.Item))
	}
	return items
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// export puts an export of the items at the root, a file for each group of them, with the keys that AWS gives.
func (b *bucket) export(root string, groups ...[]string) {
	b.t.Helper()
	var files strings.Builder
	count := 0
	for i, items := range groups {
		var text strings.Builder
		for _, raw := range items {
			fmt.Fprintf(&text, "{\"Item\":%s}\n", raw)
		}
		content := packed(b.t, text.String())
		name := fmt.Sprintf("%s/data/%026d.json.gz", root, i)
		b.put(name, content)
		fmt.Fprintf(&files, "{\"itemCount\":%d,\"md5Checksum\":%q,\"etag\":\"0123-1\",\"dataFileS3Key\":%q}\n", len(items), checksum([]byte(content)), name)
		count += len(items)
	}
	b.put(root+"/_started", "")
	b.manifests(root, files.String(), fmt.Sprintf(`{"version":"2020-06-30","exportArn":"arn:aws:dynamodb:us-east-1:123456789012:table/ProductCatalog/export/%s",`+
		`"startTime":"2020-11-04T07:28:34.028Z","endTime":"2020-11-04T07:33:43.897Z","tableArn":"arn:aws:dynamodb:us-east-1:123456789012:table/ProductCatalog",`+
		`"tableId":"12345a12-abcd-123a-ab12-1234abc12345","exportTime":"2020-11-04T07:28:34.028Z","s3Bucket":"other","s3Prefix":null,"s3SseAlgorithm":"AES256",`+
		`"s3SseKmsKeyId":null,"manifestFilesS3Key":"%s/manifest-files.json","billedSizeBytes":4096,"itemCount":%d,"outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT"}`, path.Base(root), root, count))
}

func (b *bucket) manifests(root, files, summary string) {
	b.t.Helper()
	for name, content := range map[string]string{"manifest-files": files, "manifest-summary": summary} {
		b.put(root+"/"+name+".json", content)
		b.put(root+"/"+name+".md5", checksum([]byte(content)))
	}
}

// Exports are read whole, in any number of parts, and on from any page.
func TestS3SourceExport(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	all := numbered(700)
	b.export(root, all[:300], nil, all[300:301], all[301:])
	b.put(root+"/data/empty.json.gz", "") // That of a partition without items, not even compressed.
	b.manifests(root, fmt.Sprintf("%s{\"itemCount\":0,\"md5Checksum\":%q,\"etag\":\"0123-1\",\"dataFileS3Key\":%q}\n", b.get(root+"/manifest-files.json"),
		checksum(nil), root+"/data/empty.json.gz"), string(b.get(root+"/manifest-summary.json")))
	for _, prefix := range []string{"p", "/p/", "p/AWSDynamoDB", "p/AWSDynamoDB/", "p/AWSDynamoDB/01693685827463-2d8752fd", "p/AWSDynamoDB/01693685827463-2d8752fd/"} {
		source, err := store.OpenS3(t.Context(), b.client, b.place(prefix), store.S3FormatExport, key)
		if err != nil {
			t.Fatalf("%s: %v", prefix, err)
		}
		if items, bytes := source.Size(); items != 700 || bytes != 4096 || source.Segments() != 5 {
			t.Errorf("%s: %d items of %d bytes in %d parts", prefix, items, bytes, source.Segments())
		}
		if unfit, err := source.Probe(t.Context(), fitting); err != nil || unfit.Count != 0 {
			t.Errorf("%d items are refused, %v", unfit.Count, err)
		}
	}
	for _, parts := range []int{1, 3, 4, 9} {
		for _, limit := range []int{0, 1, 2} {
			got, err := b.read(b.client, "p", store.S3FormatExport, parts, limit)
			if err != nil {
				t.Fatalf("%d parts, interrupted after %d pages: %v", parts, limit, err)
			}
			expectItems(t, got, all)
		}
	}
}

// Objects of lines are told apart by their content, each for itself.
func TestS3SourceLines(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.put("in/plain.jsonl", `{"pk":"a","n":1}`+"\n")
	b.put("in/deeper/dynamodb.json.gz", packed(t, `{"Item":{"pk":{"S":"b"}}}`+"\n"+`{"Item":{"pk":{"S":"c"}}}`+"\n"))
	b.put("in/packed", string(encoder.EncodeAll([]byte(`{"pk":"d"}`), nil)))
	b.put("in/empty", "")
	b.put("in/folder/", "")
	b.put("in-other/file", `{"pk":"not this one"}`)
	want := []string{`{"pk":{"S":"a"},"n":{"N":"1"}}`, `{"pk":{"S":"b"}}`, `{"pk":{"S":"c"}}`, `{"pk":{"S":"d"}}`}
	for prefix, want := range map[string][]string{"in": want, "in/": want, "in/plain.jsonl": want[:1], "in/deeper": want[1:3]} {
		got, err := b.read(b.client, prefix, store.S3FormatLines, 2, 0)
		if err != nil {
			t.Fatal(err)
		}
		expectItems(t, got, want)
	}
}

// Another content is another source.
func TestS3SourceDefinition(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	define := func() string {
		t.Helper()
		source, err := store.OpenS3(t.Context(), b.client, b.place("in"), store.S3FormatLines, key)
		if err != nil {
			t.Fatal(err)
		}
		return string(source.Definition())
	}
	b.put("in/a", `{"pk":"a"}`)
	first := define()
	if define() != first {
		t.Error("the definition changes by itself")
	}
	b.put("in/a", `{"pk":"b"}`)
	second := define()
	b.put("in/b", `{"pk":"b"}`)
	if third := define(); first == second || second == third {
		t.Error("another content has the same definition")
	}
}

const root = "p/AWSDynamoDB/01693685827463-2d8752fd"

// What is damaged or not what it is taken for is refused, and the error names where, and no value.
func TestS3SourceRefuses(t *testing.T) {
	t.Parallel()
	files := func(b *bucket) string { return string(b.get(root + "/manifest-files.json")) }
	summary := func(b *bucket) string { return string(b.get(root + "/manifest-summary.json")) }
	data := root + "/data/00000000000000000000000001.json.gz"
	for name, test := range map[string]struct {
		damage func(*bucket)
		format string
		is     error
		says   string
	}{
		"nothing there":      {func(b *bucket) { b.remove(root) }, store.S3FormatExport, store.ErrNoExport, "s3://BUCKET/p"},
		"not complete":       {func(b *bucket) { b.remove(root + "/manifest-summary") }, store.S3FormatExport, store.ErrNoExport, ""},
		"two exports":        {func(b *bucket) { b.export("p/AWSDynamoDB/02", numbered(1)) }, store.S3FormatExport, store.ErrManyExports, "p/AWSDynamoDB/02"},
		"no file manifest":   {func(b *bucket) { b.remove(root + "/manifest-files.json") }, store.S3FormatExport, store.ErrDamagedExport, "manifest-files.json"},
		"a changed summary":  {func(b *bucket) { b.put(root+"/manifest-summary.json", strings.Replace(summary(b), "2020", "2021", 1)) }, store.S3FormatExport, store.ErrDamagedExport, "MD5"},
		"a changed manifest": {func(b *bucket) { b.put(root+"/manifest-files.json", files(b)+"\n") }, store.S3FormatExport, store.ErrDamagedExport, "MD5"},
		"no JSON":            {func(b *bucket) { b.manifests(root, "{", summary(b)) }, store.S3FormatExport, store.ErrDamagedExport, "manifest-files.json"},
		"counts differ": {func(b *bucket) {
			b.manifests(root, files(b), strings.Replace(summary(b), `"itemCount":5`, `"itemCount":6`, 1))
		}, store.S3FormatExport, store.ErrDamagedExport, "6 items, its files 5"},
		"no MD5 of the summary": {func(b *bucket) { b.remove(root + "/manifest-summary.md5") }, store.S3FormatExport, store.ErrDamagedExport, "manifest-summary.md5"},
		"no MD5 of the files":   {func(b *bucket) { b.remove(root + "/manifest-files.md5") }, store.S3FormatExport, store.ErrDamagedExport, "manifest-files.md5"},
		"a file without MD5": {func(b *bucket) {
			b.manifests(root, strings.Replace(files(b), `"md5Checksum":"`, `"md5Checksum":"","was":"`, 1), summary(b))
		}, store.S3FormatExport, store.ErrDamagedExport, "without an MD5"},
		"a negative count": {func(b *bucket) {
			b.manifests(root, strings.Replace(strings.Replace(files(b), `"itemCount":2`, `"itemCount":-2`, 1), `"itemCount":3`, `"itemCount":7`, 1), summary(b))
		}, store.S3FormatExport, store.ErrDamagedExport, "fewer than no items"},
		"a file twice": {func(b *bucket) {
			b.manifests(root, files(b)+files(b), strings.Replace(summary(b), `"itemCount":5`, `"itemCount":10`, 1))
		}, store.S3FormatExport, store.ErrDamagedExport, "twice"},
		"a missing file":   {func(b *bucket) { b.remove(data) }, store.S3FormatExport, store.ErrDamagedExport, "00000000000000000000000001.json.gz"},
		"another file":     {func(b *bucket) { b.put(data, packed(b.t, `{"Item":{"pk":{"S":"other"}}}`)) }, store.S3FormatExport, store.ErrDamagedExport, "00000000000000000000000001.json.gz"},
		"a file cut short": {func(b *bucket) { content := b.get(data); b.put(data, string(content[:len(content)/2])) }, store.S3FormatExport, store.ErrUnreadable, data},
		"a wrong count": {func(b *bucket) {
			b.manifests(root, strings.Replace(strings.Replace(files(b), `"itemCount":2`, `"itemCount":1`, 1), `"itemCount":3`, `"itemCount":4`, 1), summary(b))
		}, store.S3FormatExport, store.ErrDamagedExport, "the manifest says"},
		"ION": {func(b *bucket) { b.manifests(root, files(b), strings.Replace(summary(b), "DYNAMODB_JSON", "ION", 1)) }, store.S3FormatExport, store.ErrUnfitExport, "ION"},
		"an incremental one": {func(b *bucket) {
			b.manifests(root, files(b), strings.Replace(summary(b), "FULL_EXPORT", "INCREMENTAL_EXPORT", 1))
		}, store.S3FormatExport, store.ErrUnfitExport, "INCREMENTAL_EXPORT"},
		"plain JSON":          {func(b *bucket) { b.replace(data, `{"pk":"secret","n":1}`) }, store.S3FormatExport, nil, data + ", line 1"},
		"a line that is none": {func(b *bucket) { b.put("p/lines", "{\"pk\":\"a\"}\n{\"pk\":\"secret\"\n"); b.remove(root) }, store.S3FormatLines, nil, "p/lines, line 2"},
		"an item without key": {func(b *bucket) { b.put("p/lines", "{\"id\":\"secret\"}\n"); b.remove(root) }, store.S3FormatLines, nil, "p/lines, line 1"},
		"no objects":          {func(b *bucket) { b.remove(root) }, store.S3FormatLines, store.ErrNoObjects, "s3://BUCKET/p"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBucket(t)
			b.export(root, []string{`{"pk":{"S":"secret-1"}}`, `{"pk":{"S":"secret-2"}}`}, []string{`{"pk":{"S":"secret-3"}}`, `{"pk":{"S":"secret-4"}}`, `{"pk":{"S":"secret-5"}}`})
			test.damage(b)
			_, err := b.read(b.client, "p", test.format, 2, 0)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), strings.ReplaceAll(test.says, "BUCKET", b.name)) {
				t.Errorf("the error is %v, want %v saying %q", err, test.is, test.says)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells a value: %v", err)
			}
		})
	}
}

// remove deletes what begins with the prefix.
func (b *bucket) remove(prefix string) {
	b.t.Helper()
	for _, key := range b.server.Keys(b.t.Context(), b.t, b.name, prefix) {
		if _, err := b.client.DeleteObject(b.t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(b.name), Key: aws.String(key)}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// replace puts another text into a data file of the export, and its checksum into the manifest.
func (b *bucket) replace(data, text string) {
	b.t.Helper()
	content := packed(b.t, text)
	files := strings.Replace(string(b.get(root+"/manifest-files.json")), checksum(b.get(data)), checksum([]byte(content)), 1)
	b.put(data, content)
	b.manifests(root, files, string(b.get(root+"/manifest-summary.json")))
}

// An object that is replaced while it is read ends the reading, rather than giving items of two contents.
func TestS3SourceReplaced(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	text := strings.Join(numbered(500), "\n")
	b.put("in/a", text)
	source, err := store.OpenS3(t.Context(), b.client, b.place("in"), store.S3FormatLines, key)
	if err != nil {
		t.Fatal(err)
	}
	var page store.Page
	if err := source.Read(t.Context(), store.Segment{Total: 1}, nil, &page); err != nil || page.Next == nil {
		t.Fatalf("Read: %v, next %s", err, page.Next)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	b.put("in/a", text+"\n")
	if err := source.Read(t.Context(), store.Segment{Total: 1}, page.Next, &page); !errors.Is(err, store.ErrObjectReplaced) {
		t.Errorf("Read: %v", err)
	}
}

// Whatever fails in passing, what is written and what is read is exact.
func TestS3Faults(t *testing.T) {
	t.Parallel()
	var total s3local.Injected
	all := numbered(400)
	for seed := range uint64(30) {
		b := newBucket(t)
		b.server.SetFaults(s3local.Faults{Seed: seed, ServerError: 0.15, SlowDown: 0.1, DropBefore: 0.1, DropAfter: 0.1, Cut: 0.4})
		client := s3.New(b.client.Options(), func(o *s3.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 6, 5*time.Millisecond, ratelimit.None
			})
		})
		if _, err := save(t.Context(), client, b.place("p"), all); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got, err := b.read(client, "p", store.S3FormatExport, 3, int(seed%3))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		expectItems(t, got, all)
		i := b.server.Injected()
		total.ServerError, total.SlowDown, total.DropBefore = total.ServerError+i.ServerError, total.SlowDown+i.SlowDown, total.DropBefore+i.DropBefore
		total.DropAfter, total.Cut = total.DropAfter+i.DropAfter, total.Cut+i.Cut
	}
	t.Logf("injected %+v", total)
	if total.ServerError == 0 || total.SlowDown == 0 || total.DropBefore == 0 || total.DropAfter == 0 || total.Cut == 0 {
		t.Error("not every fault was injected")
	}
}

// A run that fails leaves nothing, whether it ends in the middle or when the manifests are written.
func TestS3SinkLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	ctx, cancel := context.WithCancel(t.Context())
	sink := store.CreateS3(ctx, b.client, b.place("p"), store.S3Origin{}, time.Now)
	if err := sink.Begin(); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 600<<10)
	for range 80 { // 48 MB that do not compress: some files of 8 MB.
		if _, err := rand.Read(noise); err != nil {
			t.Fatal(err)
		}
		item := fmt.Appendf(nil, `{"pk":{"S":"%s"}}`, base64.StdEncoding.EncodeToString(noise))
		if _, err := sink.Write(ctx, [][]byte{item}, make([]store.Outcome, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if keys := b.server.Keys(t.Context(), t, b.name, sink.Root()+"/data/"); len(keys) < 2 {
		t.Errorf("%q have been sent, so this proves little", keys)
	}
	cancel()
	if err := sink.Close(true); !errors.Is(err, context.Canceled) {
		t.Errorf("Close of a run that was cancelled: %v", err)
	}
	if keys := b.server.Keys(t.Context(), t, b.name, ""); len(keys) != 0 {
		t.Errorf("%q are left", keys)
	}
}
