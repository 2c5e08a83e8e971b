// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// replication is the table's part in a global table. It is read in order to be compared and refused, and never put.
type replication struct {
	Replicas                        []replica
	Witnesses                       []string
	MultiRegionConsistency          types.MultiRegionConsistency
	DisassociationProtectionEnabled *bool
}

type replica struct {
	RegionName             string
	KMSMasterKeyId         *string
	TableClass             types.TableClass
	Provisioned            *types.ProvisionedThroughputOverride
	OnDemand               *types.OnDemandThroughputOverride
	GlobalSecondaryIndexes []replicaIndex
}

type replicaIndex struct {
	IndexName   string
	Provisioned *types.ProvisionedThroughputOverride
	OnDemand    *types.OnDemandThroughputOverride
}

var replicas = &setting[replication]{
	name: "replicas",
	read: func(_ context.Context, r *reader) (replication, error) {
		if len(r.table.Replicas) == 0 && len(r.table.GlobalTableWitnesses) == 0 {
			return replication{}, nil // In a table of one Region, the other fields mean nothing.
		}
		value := replication{
			MultiRegionConsistency:          r.table.MultiRegionConsistency,
			DisassociationProtectionEnabled: r.table.DisassociationProtectionEnabled,
		}
		for _, d := range r.table.Replicas {
			one := replica{
				RegionName: aws.ToString(d.RegionName), KMSMasterKeyId: d.KMSMasterKeyId,
				Provisioned: d.ProvisionedThroughputOverride, OnDemand: d.OnDemandThroughputOverride,
			}
			if d.ReplicaTableClassSummary != nil {
				one.TableClass = d.ReplicaTableClassSummary.TableClass
			}
			for _, index := range d.GlobalSecondaryIndexes {
				one.GlobalSecondaryIndexes = append(one.GlobalSecondaryIndexes, replicaIndex{
					IndexName: aws.ToString(index.IndexName), Provisioned: index.ProvisionedThroughputOverride,
					OnDemand: index.OnDemandThroughputOverride,
				})
			}
			slices.SortFunc(one.GlobalSecondaryIndexes, func(a, b replicaIndex) int {
				return cmp.Compare(a.IndexName, b.IndexName)
			})
			value.Replicas = append(value.Replicas, one)
		}
		for _, w := range r.table.GlobalTableWitnesses {
			value.Witnesses = append(value.Witnesses, aws.ToString(w.RegionName))
		}
		slices.SortFunc(value.Replicas, func(a, b replica) int { return cmp.Compare(a.RegionName, b.RegionName) })
		return value, nil
	},
}

// Replicated reports whether the table of the snapshot has replicas in other Regions.
func (s *Snapshot) Replicated() bool { return s.Settings[replicas.name] != nil }
