// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/flow"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/run"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/tables"
)

// site is where a cluster does a run: a launcher, and a folder in S3 with the script, the binary, the job and the
// tasks' records.
type site struct {
	config         spark.Config
	client         *s3.Client
	bucket, prefix string
	records        journal.Journal
	launcher       spark.Launcher
	log            *run.Log            // The run's.
	complete       map[int]records.Run // The records of segments that are, which change no more.
}

func openSite(ctx context.Context, e *tables.Env, config spark.Config, log *run.Log) (*site, error) {
	bucket, prefix, err := spark.SplitURI(config.S3URI)
	if err != nil {
		return nil, explainSpark(config, err)
	}
	s := &site{
		config:   config,
		bucket:   bucket,
		prefix:   path.Join(prefix, "run-"+log.ID),
		log:      log,
		complete: map[int]records.Run{},
	}
	if s.client, err = e.Connections.S3(ctx, awsconn.Connection{}); err != nil {
		return nil, err
	}
	s.records = journal.TakeOver(s.client, s.bucket, s.key(journalName))
	if s.launcher, err = tables.Launcher(ctx, e, config.Launcher); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *site) key(name string) string { return path.Join(s.prefix, name) }

func (s *site) uri(name string) string { return "s3://" + s.bucket + "/" + s.key(name) }

// Names of the objects in the folder.
const (
	scriptName  = "driver.py"
	journalName = "journal"
)

// job returns what the launcher starts.
func (s *site) job(token string) spark.Job {
	return spark.Job{
		Token:      token,
		Script:     s.uri(scriptName),
		Binary:     s.uri(spark.BinaryName),
		Task:       s.uri(spark.JobName),
		TaskSHA256: s.log.Job.Digest,
		Config:     s.config,
	}
}

// upload writes the script, the binary and the task to the folder, and removes the failures of an earlier job. It
// returns the SHA-256 of the task, which contains that of the binary.
func (s *site) upload(ctx context.Context, task Task) (digest string, err error) {
	if task.Binary, err = s.ship(ctx); err != nil {
		return "", err
	}
	content, err := json.Marshal(task)
	if err != nil {
		return "", err
	}
	if err := s.put(ctx, spark.JobName, bytes.NewReader(content)); err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), s.eachFailure(ctx, func(name string) error {
		record, err := s.records.Open(ctx, name)
		if err != nil {
			return err
		}
		return errors.Join(record.Remove(ctx), record.Close())
	})
}

func (s *site) put(ctx context.Context, name string, content io.Reader) error {
	_, err := s.client.PutObject(
		ctx,
		&s3.PutObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(s.key(name)), Body: content},
	)
	return err
}

// ship writes the script and the binary to the folder, and returns the SHA-256 of the binary.
func (s *site) ship(ctx context.Context) (digest string, err error) {
	if err := s.put(ctx, scriptName, bytes.NewReader(spark.Driver)); err != nil {
		return "", err
	}
	return s.shipBinary(ctx)
}

func (s *site) shipBinary(ctx context.Context) (digest string, err error) {
	if source, ok := strings.CutPrefix(s.config.WorkerBinary, "s3://"); ok {
		_, err := s.client.CopyObject(ctx, &s3.CopyObjectInput{
			Bucket: aws.String(s.bucket), Key: aws.String(s.key(spark.BinaryName)),
			CopySource: aws.String((&url.URL{Path: source}).EscapedPath()),
		})
		if err != nil {
			return "", err
		}
		copied, err := s.client.GetObject(
			ctx,
			&s3.GetObjectInput{Bucket: aws.String(s.bucket), Key: aws.String(s.key(spark.BinaryName))},
		)
		if err != nil {
			return "", err
		}
		digest, err = sha256Of(copied.Body)
		return digest, errors.Join(err, copied.Body.Close())
	}
	local, p := s.config.Binary()
	if p != nil {
		return "", p
	}
	file, err := os.Open(local)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if digest, err = sha256Of(file); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return "", err
	}
	return digest, s.put(ctx, spark.BinaryName, file)
}

// sha256Of returns the SHA-256 of what it reads, as hexadecimal digits.
func sha256Of(from io.Reader) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, from)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// sum is what the tasks of a run have done so far.
type sum struct {
	ledger    flow.Ledger
	throttled int64
	done      int // Segments that are complete.
	files     []store.S3File
}

// recordReaders is how many records are read at once.
const recordReaders = 16

// sum reads the records of the tasks that were not complete the last time.
func (s *site) sum(ctx context.Context) (*sum, error) {
	all := make([]records.Run, s.log.Segments)
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(recordReaders)
	for number := range all {
		if known, ok := s.complete[number]; ok {
			all[number] = known
			continue
		}
		group.Go(func() error {
			record := &all[number]
			found, err := s.records.Peek(reading, journal.SegmentName(number), record)
			if found && !record.Usable(s.log.Run) {
				*record = records.Run{}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read the segments' records: %w", err)
	}
	total := &sum{}
	for number, record := range all {
		total.ledger.Add(record.Ledger)
		total.throttled += record.Throttled
		if record.Done {
			total.done++
			total.files = append(total.files, record.Files...)
			record.Checkpoint = flow.Checkpoint{} // No attempt resumes there.
			s.complete[number] = record
		}
	}
	return total, nil
}

// worstFailure returns the failure that best explains why the job failed, nil if there is none. A task that is complete
// has recovered.
func (s *site) worstFailure(ctx context.Context) (*Failure, error) {
	var worst *Failure
	err := s.eachFailure(ctx, func(name string) error {
		var failure Failure
		found, err := s.records.Peek(ctx, name, &failure)
		if _, complete := s.complete[failure.Segment]; found && !complete &&
			(worst == nil || failure.weight() > worst.weight()) {
			worst = &failure
		}
		return err
	})
	return worst, err
}

func (s *site) eachFailure(ctx context.Context, do func(name string) error) error {
	names, err := s.records.Names(ctx)
	for _, name := range names {
		if journal.KindOf(name) == journal.KindFailure {
			err = errors.Join(err, do(name))
		}
	}
	return err
}

// clear empties the folder of a complete run. A failure does no harm.
func (s *site) clear(ctx context.Context) {
	pages := s3.NewListObjectsV2Paginator(
		s.client,
		&s3.ListObjectsV2Input{Bucket: aws.String(s.bucket), Prefix: aws.String(s.prefix + "/")},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil || len(page.Contents) == 0 {
			return
		}
		objects := make([]types.ObjectIdentifier, len(page.Contents))
		for i, object := range page.Contents {
			objects[i].Key = object.Key
		}
		if _, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: aws.String(s.bucket), Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)}}); err != nil {
			return
		}
	}
}
