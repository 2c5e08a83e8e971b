// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// Formats of a source in S3.
const (
	// S3FormatExport is a full export of a table, as AWS and the S3 sink write it.
	S3FormatExport = "dynamodb_json"
	// S3FormatLines is objects of one item a line, like the files that OpenJSONLines reads.
	S3FormatLines = "jsonl"
)

// S3Queues is the largest number of objects that are read at once.
const S3Queues = 16

// s3Object is one object of items.
type s3Object struct {
	listed
	items int64  // How many it holds, negative if that is not known.
	md5   string // Its checksum in base64, empty if that is not known.
}

// S3Source reads the objects of a folder in S3. Segment n of m reads the n-th object, then every m-th one after it.
// Reading resumes within an object by reading it from its beginning and leaving out what was read before.
type S3Source struct {
	client  *s3.Client
	place   S3Place
	format  string
	key     []item.KeyAttribute
	objects []s3Object
	items   int64
	bytes   int64
	ofTable bool

	mu   sync.Mutex
	open map[int]*s3Stream // The object that each part is at.
}

// OpenS3 finds what is to be read at the place: with S3FormatExport its one complete export, whose manifests are
// checked, with S3FormatLines all objects. The key is used as OpenJSONLines does it. What is wrong with the content is
// an *S3Error, and a *LineError for a line.
func OpenS3(
	ctx context.Context,
	client *s3.Client,
	place S3Place,
	format string,
	key []item.KeyAttribute,
) (*S3Source, error) {
	client = patient(client)
	s := &S3Source{client: client, place: place.At(), format: format, key: key, open: map[int]*s3Stream{}}
	if format == S3FormatLines {
		if err := s.findLines(ctx, client); err != nil {
			return nil, err
		}
		return s, s.readable(ctx)
	}
	var err error
	if s.place, err = findExport(ctx, client, s.place); err != nil {
		return nil, err
	}
	summary, objects, err := readExport(ctx, client, s.place)
	if err != nil {
		return nil, err
	}
	s.objects, s.items, s.bytes, s.ofTable = objects, summary.ItemCount, summary.BilledSizeBytes, summary.TableARN != ""
	return s, s.readable(ctx)
}

// findLines takes all objects in the folder, or the one that has the prefix as its key.
func (s *S3Source) findLines(ctx context.Context, client *s3.Client) error {
	found, err := list(ctx, client, s.place.Bucket, s.place.Prefix)
	if err != nil {
		return err
	}
	folder := s.place.below("")
	for _, object := range found {
		inside := strings.HasPrefix(object.key, folder) && !strings.HasSuffix(object.key, "/")
		if object.size > 0 && (inside || object.key == s.place.Prefix) {
			s.objects = append(s.objects, s3Object{object, -1, ""})
		}
	}
	if len(s.objects) == 0 {
		return &S3Error{s.place.String(), ErrNoObjects}
	}
	return nil
}

// Size is how many items there are, and how many bytes their table had when AWS exported it; 0 where that is not known.
func (s *S3Source) Size() (items, bytes int64) { return s.items, s.bytes }

// OfTable reports whether the source is an export of a table, so that its items have different keys there.
func (s *S3Source) OfTable() bool { return s.ofTable }

// Objects is how many objects there are.
func (s *S3Source) Objects() int { return len(s.objects) }

// Segments is how many parts the source is best read in.
func (s *S3Source) Segments() int { return max(1, min(S3Queues, len(s.objects))) }

// Definition tells the objects with their contents.
func (s *S3Source) Definition() []byte {
	sum := sha256.New()
	for _, object := range s.objects {
		_, _ = fmt.Fprintf(sum, "%q %q %d\n", object.key, object.etag, object.size) // A hash takes everything.
	}
	return fmt.Appendf(nil, "%s %s %x", s.place, s.format, sum.Sum(nil))
}

// s3Position is where a part is read on: behind that line of the object of that number.
type s3Position struct {
	Object int `json:"object"`
	Line   int `json:"line"`
}

// Read fills a page from the part's object.
func (s *S3Source) Read(ctx context.Context, part Segment, after []byte, page *Page) error {
	page.begin()
	at := s3Position{Object: part.Number}
	if after != nil {
		if err := json.Unmarshal(after, &at); err != nil {
			return fmt.Errorf("position in %s: %w", s.place, err)
		}
		if at.Object < 0 || at.Object%part.Total != part.Number || at.Line < 0 {
			return fmt.Errorf(
				"position in %s: there is no line %d of object %d in part %d of %d",
				s.place,
				at.Line,
				at.Object,
				part.Number,
				part.Total,
			)
		}
	}
	if at.Object >= len(s.objects) {
		return nil
	}
	stream, err := s.take(ctx, part.Number, at)
	if err != nil {
		return err
	}
	more := false
	if err = stream.lines.skip(ctx, at.Line); err == nil {
		more, err = stream.lines.fill(ctx, page)
	}
	switch {
	case err != nil:
		err = stream.explain(err)
	case !more:
		err = stream.check()
	}
	if err != nil || !more {
		err = errors.Join(err, stream.body.Close())
	}
	switch next := (s3Position{Object: at.Object + part.Total}); {
	case err != nil:
		return err
	case more:
		s.mu.Lock()
		s.open[part.Number] = stream
		s.mu.Unlock()
		page.Next, err = json.Marshal(s3Position{at.Object, stream.lines.line})
	case next.Object < len(s.objects):
		page.Next, err = json.Marshal(next)
	}
	return err
}

// take returns the segment's stream if it has not passed the position, or else a new one.
func (s *S3Source) take(ctx context.Context, part int, at s3Position) (*s3Stream, error) {
	s.mu.Lock()
	stream := s.open[part]
	delete(s.open, part)
	s.mu.Unlock()
	if stream != nil {
		if stream.number == at.Object && stream.lines.line <= at.Line {
			return stream, nil
		}
		if err := stream.body.Close(); err != nil {
			return nil, err
		}
	}
	return s.stream(ctx, at.Object)
}

// Probe reads the first items through what chosen adds to the source, and returns those that are refused. So a folder
// of something else is found early.
func (s *S3Source) Probe(ctx context.Context, chosen func(Source) Source) (unfit UnfitItems, err error) {
	if len(s.objects) == 0 {
		return unfit, nil
	}
	var page Page
	err = chosen(s).Read(ctx, Segment{Total: s.Segments()}, nil, &page)
	unfit.Add(page.Refused)
	return unfit, errors.Join(err, s.Close())
}

// Close ends the reading of what is open.
func (s *S3Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for part, stream := range s.open {
		err = errors.Join(err, stream.body.Close())
		delete(s.open, part)
	}
	return err
}

// s3Stream is an object that is being read.
type s3Stream struct {
	number int
	url    string
	object s3Object
	body   *s3Body
	sum    hash.Hash
	read   io.Reader // The body, of which all that is read goes into the sum.
	lines  *lines
}

func (s *S3Source) stream(ctx context.Context, number int) (*s3Stream, error) {
	object := s.objects[number]
	stream := &s3Stream{
		number: number, url: s.place.url(object.key), object: object,
		body: newS3Body(ctx, s.client, s.place.Bucket, object.listed), sum: md5.New(),
	}
	stream.read = io.TeeReader(stream.body, stream.sum)
	var err error
	if stream.lines, err = newLines(ctx, stream.url, stream.read, s.key, windowOf(s.Segments())); err != nil {
		return nil, errors.Join(unreadable(stream.url, "at its beginning", err), stream.body.Close())
	}
	if s.format == S3FormatExport {
		stream.lines.form = dynamoDBJSON
	}
	return stream, nil
}

// explain returns what keeps the lines from being read, if it is that, or else the error.
func (s *s3Stream) explain(err error) error {
	if cause := s.lines.scanner.Err(); cause != nil && !errors.Is(err, ErrLineTooLong) {
		return unreadable(s.url, fmt.Sprintf("behind line %d", s.lines.line), cause)
	}
	return err
}

// unreadable says that the content of an object cannot be decompressed there, unless the request for it has failed.
func unreadable(url, where string, err error) error {
	_, failed := errors.AsType[*smithy.OperationError](err)
	_, known := errors.AsType[*S3Error](err)
	if failed || known || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if form, ok := errors.AsType[*FormError](err); ok {
		return &S3Error{url, form}
	}
	return &S3Error{url, fmt.Errorf("%w %s: %w", ErrUnreadable, where, err)}
}

// check compares the object, which has been read to its end, with what the manifest says of it.
func (s *s3Stream) check() error {
	if _, err := io.Copy(io.Discard, s.read); err != nil { // What may stand behind the compressed items.
		return err
	}
	if sum := base64.StdEncoding.EncodeToString(s.sum.Sum(nil)); s.object.md5 != "" && sum != s.object.md5 {
		return damaged(s.url, "its content is not that of which the manifest has the MD5")
	}
	if s.object.items >= 0 && int64(s.lines.items) != s.object.items {
		return damaged(s.url, fmt.Sprintf("it holds %d items, and the manifest says %d", s.lines.items, s.object.items))
	}
	return nil
}
