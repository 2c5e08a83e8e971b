// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package settings reads every setting of a table, puts it back, and compares.
//
// Each setting is a file: its name, how it is read, and how it is put back, with CreateTable or after it. A
// [Snapshot] holds the values of all of them as one readable JSON document. ARNs of the table itself, such as in its
// policies, are replaced by placeholders in it, so that the snapshot of one table can be put on another one.
package settings

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Clients reach the services that keep a table's settings.
type Clients struct {
	DynamoDB    *dynamodb.Client
	AutoScaling *applicationautoscaling.Client
	Lambda      *lambda.Client
	KMS         *kms.Client
}

// Snapshot is a table's settings at one time.
type Snapshot struct {
	Table Identity `json:"table"`
	// Settings are the values by the settings' names. A setting that is not in use has none.
	Settings map[string]json.RawMessage `json:"settings"`
	// NotKept are the settings that the endpoint, a local server, does not know.
	NotKept []string `json:"not_kept,omitempty"`

	// keyState is the state of the KMS key when the settings were read, empty if there is none or KMS was not asked.
	keyState kmstypes.KeyState
	// local reports whether the settings were read from a local server.
	local bool
}

// Identity tells a table apart from others, also from others of its name.
type Identity struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
	ID   string `json:"id"`
	// StreamARN is empty for a table that never had a stream.
	StreamARN string `json:"stream_arn,omitempty"`
	// Region is set only for a table on DynamoDB Local, whose ARNs lack it. Without -sharedDb, each Region there has
	// tables of its own.
	Region string `json:"region,omitempty"`
}

// In returns the identity of the table as a client of the Region sees it.
func (id Identity) In(region string) Identity {
	if parsed, err := arn.Parse(id.ARN); err == nil && parsed.Region == LocalRegion {
		id.Region = region
	}
	return id
}

// Where returns the account and the Region in the table's ARN, empty if it has none.
func (id Identity) Where() (account, region string) {
	parsed, err := arn.Parse(id.ARN)
	if err != nil {
		return "", ""
	}
	return parsed.AccountID, parsed.Region
}

// String is the same for the same table, and different for any other. It is empty for no table.
func (id Identity) String() string {
	if id.ARN == "" {
		return ""
	}
	return id.ARN + "#" + id.ID
}

// setting is one setting of a table, with a value of type T. The zero value is that of a table that does not use it.
type setting[T any] struct {
	name string
	read func(ctx context.Context, r *reader) (T, error)
	// create adds the value to the request that creates a table; nil where CreateTable does not take it.
	create func(value T, request *dynamodb.CreateTableInput)
	// put gives an ACTIVE table the value, which is in use; nil where only CreateTable can. It may be called again.
	put func(ctx context.Context, w *Writer, value T) error
	// copied is the lowest level of a copy that has the setting. It is empty for what connects a table with others,
	// which no copy has.
	copied Level
	// move returns the value for a copy, the zero value if the copy has none; nil where it is the same.
	move func(value T, m *move) (T, error)
	// shared reports whether others may add to the value of a new table, such as a tool that tags every table. Such
	// additions are left alone.
	shared bool
	// grown returns the value without what AWS itself has raised since the table got the wanted one; nil where AWS
	// raises nothing.
	grown func(value, wanted T) T
	// shown returns the value without what its service keeps encrypted; nil where that is nothing.
	shown func(value T) T
}

// anySetting is a setting, whatever the type of its value. Values are JSON, nil where the setting is not in use.
type anySetting interface {
	Name() string
	readJSON(ctx context.Context, r *reader) (json.RawMessage, error)
	addTo(request *dynamodb.CreateTableInput, value json.RawMessage) error
	// putJSON does nothing for a setting that only CreateTable can set.
	putJSON(ctx context.Context, w *Writer, value json.RawMessage) error
	withCreate() bool
	afterCreate() bool
	copiedAt() Level
	moveJSON(value json.RawMessage, m *move) (json.RawMessage, error)
	// fulfils reports whether a table with the value is as wanted.
	fulfils(value, wanted json.RawMessage) bool
	// given reports whether a new table with the value has what was wanted. A value where none was wanted comes from
	// others, since a new table has nothing by itself.
	given(value, wanted json.RawMessage) bool
	// shownJSON returns the value for the state and for diagnostics.
	shownJSON(value json.RawMessage) (json.RawMessage, error)
}

// all lists the settings in the order in which they are put back. Deletion protection is last, so that a run that
// fails can be repeated.
var all = []anySetting{
	keys, localSecondaryIndexes, globalSecondaryIndexes, vectorIndexes, billing, warmThroughput, stream, encryption,
	tableClass, replicationMode, tags, resourcePolicy, streamPolicy, timeToLive, pointInTimeRecovery,
	kinesisDestinations, contributorInsights, autoScaling, eventSourceMappings, replicas, deletionProtection,
}

// Names returns the names of all settings.
func Names() []string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name()
	}
	return names
}

func (s *setting[T]) Name() string { return s.name }

func (s *setting[T]) withCreate() bool { return s.create != nil }

func (s *setting[T]) afterCreate() bool { return s.put != nil }

func (s *setting[T]) copiedAt() Level { return s.copied }

func (s *setting[T]) readJSON(ctx context.Context, r *reader) (json.RawMessage, error) {
	value, err := s.read(ctx, r)
	if err != nil {
		return nil, err
	}
	return encode(value)
}

func (s *setting[T]) addTo(request *dynamodb.CreateTableInput, raw json.RawMessage) error {
	if s.create == nil || raw == nil {
		return nil
	}
	value, err := s.decode(raw)
	if err != nil {
		return err
	}
	s.create(value, request)
	return nil
}

func (s *setting[T]) putJSON(ctx context.Context, w *Writer, raw json.RawMessage) error {
	value, err := s.decode(raw)
	if err != nil {
		return err
	}
	return s.put(ctx, w, value)
}

func (s *setting[T]) moveJSON(raw json.RawMessage, m *move) (json.RawMessage, error) {
	if s.move == nil {
		return raw, nil
	}
	value, err := s.decode(raw)
	if err != nil {
		return nil, err
	}
	if value, err = s.move(value, m); err != nil {
		return nil, err
	}
	return encode(value)
}

func (s *setting[T]) fulfils(raw, wanted json.RawMessage) bool {
	if s.grown == nil || same(raw, wanted) {
		return same(raw, wanted)
	}
	is, err := s.decode(raw)
	if err != nil {
		return false
	}
	want, err := s.decode(wanted)
	if err != nil {
		return false
	}
	raw, err = encode(s.grown(is, want))
	return err == nil && same(raw, wanted)
}

func (s *setting[T]) given(raw, wanted json.RawMessage) bool {
	return wanted == nil || s.fulfils(raw, wanted) || s.shared && holds(raw, wanted)
}

func (s *setting[T]) decode(raw json.RawMessage) (value T, err error) {
	if raw != nil {
		err = json.Unmarshal(raw, &value)
	}
	return value, err
}
