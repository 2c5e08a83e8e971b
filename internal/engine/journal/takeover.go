// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// takeover is a journal in S3 in which the process that opened a record last has it.
type takeover struct{ objects }

// TakeOver returns the journal below the prefix of the bucket. Open takes a record away from the process that had it,
// whose next Save returns ErrTaken. This is for tasks whose scheduler starts the next attempt only when it believes
// that the last one is dead, and may be wrong. Writes are conditional on what was read, so no two processes both have
// a record.
func TakeOver(client *s3.Client, bucket, prefix string) Journal {
	return &takeover{objects{client: client, bucket: bucket, prefix: prefix}}
}

// document is the content of a record in S3.
type document struct {
	owned
	// Record is the record, nil if there is none.
	Record json.RawMessage `json:"record,omitempty"`
}

const recordSuffix = ".json"

// document returns the content of the record and its ETag, nil if there is no record.
func (t *takeover) document(ctx context.Context, name string) (*document, *string, error) {
	if err := valid(name); err != nil {
		return nil, nil, err
	}
	found, err := t.get(ctx, name+recordSuffix)
	if found == nil {
		return nil, nil, err
	}
	var d document
	err = decode(found.content, &d)
	if err == nil && d.Token == "" {
		err = &UnreadableError{Err: errNotInS3}
	}
	if err != nil {
		return nil, nil, at(name, t.place(name+recordSuffix), err)
	}
	return &d, found.etag, nil
}

// openTries is how many times to try to take a record that other processes take at the same moment.
const openTries = 10

func (t *takeover) Open(ctx context.Context, name string) (Record, error) { return t.open(ctx, name) }

func (t *takeover) open(ctx context.Context, name string) (*takeoverRecord, error) {
	r := &takeoverRecord{journal: t, name: name, token: newToken()}
	for range openTries {
		found, etag, err := t.document(ctx, name)
		if err != nil {
			return nil, err
		}
		var record json.RawMessage
		if found != nil {
			record = found.Record
		}
		r.etag = etag
		if err = r.put(ctx, record); err == nil {
			return r, nil
		}
		if !errors.Is(err, ErrTaken) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: %w, again and again", name, ErrTaken)
}

func (t *takeover) Names(ctx context.Context) ([]string, error) { return t.names(ctx, recordSuffix) }

func (t *takeover) Peek(ctx context.Context, name string, record any) (bool, error) {
	found, _, err := t.document(ctx, name)
	if err != nil || found == nil || found.Record == nil {
		return false, err
	}
	err = decode(found.Record, record)
	return err == nil, at(name, t.place(name+recordSuffix), err)
}

// SaveInterval is short, since a task has only a small share of a run to save.
func (t *takeover) SaveInterval() time.Duration { return 2 * time.Second }

func (t *takeover) String() string { return fmt.Sprintf("s3://%s/%s", t.bucket, t.prefix) }

type takeoverRecord struct {
	journal     *takeover
	name, token string
	etag        *string
	blank       bool // The object exists, but holds no record.
}

func (r *takeoverRecord) put(ctx context.Context, record json.RawMessage) error {
	content, err := json.Marshal(document{owned: owned{r.token}, Record: record})
	if err != nil {
		return err
	}
	etag, err := r.journal.put(ctx, r.name+recordSuffix, r.token, content, r.etag)
	if err == nil {
		r.etag, r.blank = etag, record == nil
	}
	return err
}

func (r *takeoverRecord) Load(ctx context.Context, record any) (bool, error) {
	return r.journal.Peek(ctx, r.name, record)
}

func (r *takeoverRecord) Save(ctx context.Context, record any) error {
	content, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return r.put(ctx, content)
}

func (r *takeoverRecord) Remove(ctx context.Context) error {
	if r.etag == nil {
		return nil
	}
	err := r.journal.remove(ctx, r.name+recordSuffix, r.etag)
	if err == nil {
		r.etag, r.blank = nil, false
	}
	return err
}

// Close does nothing: the next Open takes the record in any case.
func (r *takeoverRecord) Close() error { return nil }
