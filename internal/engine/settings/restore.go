// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// AsRestored returns the snapshot with the keys, the indexes, the billing and the encryption of the restored table:
// AWS restores them as they were, and they cannot be changed, or only one by one. different names those that differ
// from the snapshot.
func (s *Snapshot) AsRestored(is *Snapshot) (restored *Snapshot, different []string) {
	restored = &Snapshot{Table: s.Table, Settings: maps.Clone(s.Settings), NotKept: s.NotKept}
	for _, setting := range []anySetting{
		keys, localSecondaryIndexes, globalSecondaryIndexes, vectorIndexes, billing, encryption,
	} {
		name := setting.Name()
		if same(is.Settings[name], s.Settings[name]) {
			continue
		}
		different = append(different, name)
		if restored.Settings[name] = is.Settings[name]; restored.Settings[name] == nil {
			delete(restored.Settings, name)
		}
	}
	return restored, different
}

// FitsRestore reports whether a table that is restored from the source can have the settings of the snapshot: a
// restore brings keys and indexes along. Capacity does not count, since the restore can set it.
func (s *Snapshot) FitsRestore(source *Snapshot) (bool, error) {
	one, err := s.schema()
	if err != nil {
		return false, err
	}
	two, err := source.schema()
	return err == nil && same(one, two) && same(s.Settings[keys.name], source.Settings[keys.name]) &&
		same(s.Settings[vectorIndexes.name], source.Settings[vectorIndexes.name]), err
}

// FitsBackup is FitsRestore for a backup, which may have other indexes than its table has now.
func (s *Snapshot) FitsBackup(backup *types.BackupDescription) (bool, error) {
	one, err := s.schema()
	if err != nil {
		return false, err
	}
	of := schema{}
	if details := backup.SourceTableDetails; details != nil {
		of.Key = details.KeySchema
	}
	if features := backup.SourceTableFeatureDetails; features != nil {
		for _, i := range features.LocalSecondaryIndexes {
			of.Local = append(of.Local, types.LocalSecondaryIndex{
				IndexName: i.IndexName, KeySchema: i.KeySchema, Projection: i.Projection,
			})
		}
		for _, i := range features.GlobalSecondaryIndexes {
			of.Global = append(of.Global, types.GlobalSecondaryIndex{
				IndexName: i.IndexName, KeySchema: i.KeySchema, Projection: i.Projection,
			})
		}
	}
	two, err := of.encode()
	return err == nil && same(one, two), err
}

// schema is the key and the indexes of a table, without their throughput.
type schema struct {
	Key    []types.KeySchemaElement
	Local  []types.LocalSecondaryIndex
	Global []types.GlobalSecondaryIndex
}

func (s *Snapshot) schema() (json.RawMessage, error) {
	key, err := keys.decode(s.Settings[keys.name])
	if err != nil {
		return nil, err
	}
	local, err := localSecondaryIndexes.decode(s.Settings[localSecondaryIndexes.name])
	if err != nil {
		return nil, err
	}
	global, err := globalSecondaryIndexes.decode(s.Settings[globalSecondaryIndexes.name])
	if err != nil {
		return nil, err
	}
	return schema{Key: key.KeySchema, Local: local, Global: global}.encode()
}

func (s schema) encode() (json.RawMessage, error) {
	for i := range s.Local {
		s.Local[i].Projection = sortedProjection(s.Local[i].Projection)
	}
	for i, index := range s.Global {
		s.Global[i] = types.GlobalSecondaryIndex{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: sortedProjection(index.Projection),
		}
	}
	slices.SortFunc(s.Local, byName(func(i types.LocalSecondaryIndex) *string { return i.IndexName }))
	slices.SortFunc(s.Global, byName(func(i types.GlobalSecondaryIndex) *string { return i.IndexName }))
	return encode(s)
}
