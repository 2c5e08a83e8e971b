// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Level is how much of a table a copy creates.
type Level string

// Schema is the keys, the indexes and the billing; Full is all settings of the table itself.
const (
	Schema Level = "schema"
	Full   Level = "full"
)

// Target is the table that a copy is about to create.
type Target struct {
	Partition, Account, Region, Table string
	// KMSKeyARN is the key to encrypt it with, empty for the source's key.
	KMSKeyARN string
	// Restored reports whether AWS restores the table, with the source's encryption where that is possible.
	Restored bool
}

// ForCopy returns the settings that a copy of the table should have, and the names of those that the table uses and
// the copy will lack, in the order of [Names].
//
// The copy is never connected to what reads the table or replicates it. A value that names an account or a Region is
// rewritten, or left out where that is not possible. The error is a *problem.Problem if the copy cannot use a
// customer managed KMS key.
func (s *Snapshot) ForCopy(level Level, to Target) (wanted *Snapshot, notCopied []string, err error) {
	from, err := arn.Parse(s.Table.ARN)
	if err != nil {
		return nil, nil, err
	}
	m := &move{table: s.Table.Name, from: from, to: to, level: level}
	wanted = &Snapshot{
		Table: Identity{Name: to.Table, ARN: m.tableARN()}, Settings: map[string]json.RawMessage{},
		NotKept: slices.Clone(s.NotKept),
	}
	for _, setting := range all {
		name, is := setting.Name(), s.Settings[setting.Name()]
		var value json.RawMessage
		if at := setting.copiedAt(); at == Schema || at == level {
			if value, err = setting.moveJSON(is, m); err != nil {
				return nil, nil, err
			}
		}
		if value != nil {
			wanted.Settings[name] = value
		} else if is != nil {
			m.leave(name)
		}
	}
	for _, name := range Names() {
		if slices.Contains(m.left, name) {
			notCopied = append(notCopied, name)
		}
	}
	return wanted, notCopied, nil
}

// ForFilling returns the settings to create a table with that is filled before it gets the rest: a stream would
// record all items, and a resource policy might deny the writes.
func (s *Snapshot) ForFilling() *Snapshot {
	quiet := *s
	quiet.Settings = maps.Clone(s.Settings)
	delete(quiet.Settings, stream.name)
	delete(quiet.Settings, resourcePolicy.name)
	return &quiet
}

// move rewrites the settings of a table for another table.
type move struct {
	table string // The table's name.
	from  arn.ARN
	to    Target
	level Level
	left  []string
}

// leave notes that a setting is left out of the copy.
func (m *move) leave(name string) { m.left = append(m.left, name) }

func (m *move) otherAccount() bool {
	return m.from.AccountID != m.to.Account || m.from.Partition != m.to.Partition
}

func (m *move) elsewhere() bool { return m.otherAccount() || m.from.Region != m.to.Region }

func (m *move) tableARN() string {
	return fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", m.to.Partition, m.to.Region, m.to.Account, m.to.Table)
}
