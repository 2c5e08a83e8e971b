// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/klauspost/compress/gzip"
)

const (
	// s3Files is how many data files are written at once, and s3FileBytes how large one grows before it is sent,
	// compressed. Together they bound the memory of the sink.
	s3Files     = 4
	s3FileBytes = 8 << 20
)

// S3Origin is the table of an export. Both fields are empty if the items come from elsewhere.
type S3Origin struct{ TableARN, TableID string }

// S3Sink writes items to S3 in the layout of AWS's full exports, which ImportTable and Glue read. An export is complete
// when its summary is there, which is written last. Items count as written when they are in a file in memory; Close
// sends the last files, and only its success makes them so.
type S3Sink struct {
	ctx    context.Context
	client *s3.Client
	root   S3Place
	prefix string
	now    func() time.Time
	origin S3Origin
	start  time.Time

	idle chan *s3File // Files that nobody writes to at the moment.
	// share reports whether others write to the export too, and another process completes it. adopted reports whether
	// others have written files.
	share, adopted bool

	mu    sync.Mutex
	keys  []string // All that may have been written.
	files []S3File
	sse   types.ServerSideEncryption
	kms   *string
}

// CreateS3 returns the sink of an export under a new id in the folder AWSDynamoDB of the place. Its Root is known
// before anything is written: Begin, after Resume for one that is there already, is the first request. Requests go on
// until ctx ends.
func CreateS3(ctx context.Context, client *s3.Client, place S3Place, origin S3Origin, now func() time.Time) *S3Sink {
	place = place.At()
	start := now()
	// Ids as AWS makes them: milliseconds and a few random characters.
	id := fmt.Sprintf("%014d-%s", start.UnixMilli(), strings.ToLower(rand.Text()[:8]))
	s := newS3Sink(ctx, client, S3Place{place.Bucket, place.below(exportFolder + "/" + id)})
	s.prefix, s.now, s.origin, s.start = place.Prefix, now, origin, start
	return s
}

// JoinS3 returns a sink for a share of the export at the root. Its Close writes no manifests: the process that began
// the export takes over the Files of all shares.
func JoinS3(ctx context.Context, client *s3.Client, root S3Place) *S3Sink {
	s := newS3Sink(ctx, client, root)
	s.share = true
	return s
}

func newS3Sink(ctx context.Context, client *s3.Client, root S3Place) *S3Sink {
	s := &S3Sink{ctx: ctx, client: patient(client), root: root, idle: make(chan *s3File, s3Files)}
	for range s3Files {
		s.idle <- new(s3File)
	}
	return s
}

// Begin proves that the bucket can be written to, before anything is read.
func (s *S3Sink) Begin() error { return s.put(startedName, nil) }

// Resume resumes the export at the root, which began at that time, instead of a new one.
func (s *S3Sink) Resume(root string, start time.Time) { s.root.Prefix, s.start = root, start }

// Root is the prefix of the export's objects.
func (s *S3Sink) Root() string { return s.root.Prefix }

// Files are the data files that are in S3, all of them once Close has succeeded.
func (s *S3Sink) Files() []S3File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.files)
}

// Adopt takes over the files that others have written. Close then removes all other data files: killed attempts have
// left them, and Glue and Athena, which do not read manifests, would take them for part of the export.
func (s *S3Sink) Adopt(files []S3File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.adopted = append(s.files, files...), true
}

// Reopen opens the export, which is complete, to read it.
func (s *S3Sink) Reopen(ctx context.Context) (*S3Source, error) {
	return OpenS3(ctx, s.client, s.root, S3FormatExport, nil)
}

// Limits are the same as those of a file.
func (s *S3Sink) Limits() (items, bytes int) { return 1000, 1 << 20 }

// Write appends the items to one of the files, and sends it when it is large enough.
func (s *S3Sink) Write(ctx context.Context, items [][]byte, outcomes []Outcome) (Receipt, error) {
	var file *s3File
	select {
	case file = <-s.idle:
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	}
	defer func() { s.idle <- file }()
	for _, raw := range items {
		if err := file.add(raw); err != nil {
			return Receipt{}, err
		}
	}
	if file.content.Len() >= s3FileBytes {
		if err := s.send(ctx, file); err != nil {
			return Receipt{}, err
		}
	}
	for i := range outcomes {
		outcomes[i] = Written
	}
	return Receipt{}, nil
}

// Close sends what has not been sent and then the manifests; without keep it deletes what has been sent.
func (s *S3Sink) Close(keep bool) error {
	if keep {
		err := s.complete()
		if err == nil {
			return nil
		}
		return errors.Join(err, s.clean())
	}
	return s.clean()
}

// s3File is a data file that is being written, compressed.
type s3File struct {
	content bytes.Buffer
	writer  *gzip.Writer
	items   int64
	line    []byte
}

func (f *s3File) add(raw []byte) error {
	if f.writer == nil {
		f.content.Grow(s3FileBytes + s3FileBytes/4)
		f.writer = gzip.NewWriter(&f.content)
	}
	f.line = appendExported(f.line[:0], raw)
	f.items++
	_, err := f.writer.Write(f.line)
	return err
}

// send writes the file to S3 and begins the next one in its memory.
func (s *S3Sink) send(ctx context.Context, file *s3File) error {
	if file.writer == nil {
		file.writer = gzip.NewWriter(&file.content)
	}
	if err := file.writer.Close(); err != nil {
		return err
	}
	name := dataFolder + "/" + strings.ToLower(rand.Text()) + dataSuffix
	etag, err := s.putObject(ctx, name, file.content.Bytes())
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.files = append(s.files, S3File{file.items, md5Of(file.content.Bytes()), strings.Trim(etag, `"`), s.root.below(name)})
	s.mu.Unlock()
	file.content.Reset()
	file.writer.Reset(&file.content)
	file.items = 0
	return nil
}

func (s *S3Sink) put(name string, content []byte) error {
	_, err := s.putObject(s.ctx, name, content)
	return err
}

// putObject writes an object, which S3 checks by its MD5. Writing one twice, because an answer was lost, changes
// nothing.
func (s *S3Sink) putObject(ctx context.Context, name string, content []byte) (etag string, err error) {
	key := s.root.below(name)
	s.mu.Lock()
	s.keys = append(s.keys, key)
	s.mu.Unlock()
	answer, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(
			s.root.Bucket,
		), Key: aws.String(key), Body: bytes.NewReader(content), ContentMD5: aws.String(md5Of(content)),
	})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.sse, s.kms = answer.ServerSideEncryption, answer.SSEKMSKeyId
	s.mu.Unlock()
	return aws.ToString(answer.ETag), nil
}

// complete sends the files that hold items, an empty one if there is not an item at all, as AWS does, and the
// manifests.
func (s *S3Sink) complete() error {
	for range s3Files {
		if file := <-s.idle; file.items > 0 {
			if err := s.send(s.ctx, file); err != nil {
				return err
			}
		}
	}
	if s.share {
		return nil
	}
	if len(s.files) == 0 {
		if err := s.send(s.ctx, new(s3File)); err != nil {
			return err
		}
	}
	if s.adopted {
		if err := s.removeStrays(); err != nil {
			return err
		}
	}
	var files []byte
	count := int64(0)
	for _, file := range s.files {
		line, err := json.Marshal(file)
		if err != nil {
			return err
		}
		files = append(append(files, line...), '\n')
		count += file.ItemCount
	}
	summary, err := json.Marshal(s.summary(count))
	if err != nil {
		return err
	}
	for _, object := range []struct {
		name    string
		content []byte
	}{
		{filesName + manifestSuffix, files},
		{filesName + checksumSuffix, []byte(md5Of(files))},
		{summaryName + checksumSuffix, []byte(md5Of(summary))},
		{summaryName + manifestSuffix, summary},
	} {
		if err := s.put(object.name, object.content); err != nil {
			return err
		}
	}
	return nil
}

func (s *S3Sink) summary(items int64) exportSummary {
	_, id, _ := strings.Cut(s.root.Prefix, exportFolder+"/")
	summary := exportSummary{
		Version: exportVersion, StartTime: exportTime(s.start), EndTime: exportTime(s.now()), ExportTime: exportTime(s.start),
		TableARN: s.origin.TableARN, TableID: s.origin.TableID,
		S3Bucket: s.root.Bucket, S3SseAlgorithm: string(s.sse), S3SseKmsKeyID: s.kms,
		ManifestFilesS3Key: s.root.below(filesName + manifestSuffix),
		ItemCount:          items, OutputFormat: formatDynamoJSON, ExportType: fullExport,
	}
	if s.origin.TableARN != "" {
		summary.ExportARN = s.origin.TableARN + "/export/" + id // Of the form of AWS's, which knows no such export.
	}
	if s.prefix != "" {
		summary.S3Prefix = aws.String(s.prefix)
	}
	return summary
}
