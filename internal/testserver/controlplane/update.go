// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var updateOperations = operations{"UpdateTable": of(updateTable)}

// updateTable changes a copy of the description, so that a refused request changes nothing.
func updateTable(r *request, in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
	t, err := r.seeActive(in.TableName)
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(in, &dynamodb.UpdateTableInput{TableName: in.TableName}) {
		return nil, validation("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or " +
			"SSESpecification or ReplicaUpdates is required")
	}
	updated := &table{place: t.place, description: *t.describe()}
	d := &updated.description
	if len(in.AttributeDefinitions) > 0 {
		d.AttributeDefinitions = mergeDefinitions(d.AttributeDefinitions, in.AttributeDefinitions)
	}
	if in.DeletionProtectionEnabled != nil {
		d.DeletionProtectionEnabled = in.DeletionProtectionEnabled
	}
	if in.DisassociationProtectionEnabled != nil {
		d.DisassociationProtectionEnabled = in.DisassociationProtectionEnabled
	}
	if in.TableClass != "" {
		d.TableClassSummary = &types.TableClassSummary{TableClass: in.TableClass, LastUpdateDateTime: aws.Time(time.Now())}
	}
	if in.MultiRegionConsistency != "" {
		d.MultiRegionConsistency = in.MultiRegionConsistency
	}
	updateReplicas(updated, in.ReplicaUpdates)
	if err := setStream(d, in.StreamSpecification); err != nil {
		return nil, err
	}
	if err := r.setEncryption(d, in.SSESpecification); err != nil {
		return nil, err
	}
	if err := updateCapacity(d, in); err != nil {
		return nil, err
	}
	if err := r.updateVectorIndexes(d, in.VectorIndexUpdates); err != nil {
		return nil, err
	}
	if err := r.updateIndexes(updated, in.GlobalSecondaryIndexUpdates); err != nil {
		return nil, err
	}
	d.TableStatus = types.TableStatusUpdating
	t.description = *d
	r.begin(&t.change, t.settle)
	return &dynamodb.UpdateTableOutput{TableDescription: t.describe()}, nil
}

func mergeDefinitions(old, added []types.AttributeDefinition) []types.AttributeDefinition {
	for _, definition := range added {
		if !slices.ContainsFunc(
			old,
			func(o types.AttributeDefinition) bool { return *o.AttributeName == *definition.AttributeName },
		) {
			old = append(old, definition)
		}
	}
	return old
}

// updateReplicas keeps the replicas as part of the description: there are not tables behind them.
func updateReplicas(t *table, updates []types.ReplicationGroupUpdate) {
	d := &t.description
	for _, update := range updates {
		if create := update.Create; create != nil {
			d.Replicas = append(d.Replicas, types.ReplicaDescription{
				RegionName: create.RegionName, KMSMasterKeyId: create.KMSMasterKeyId, ReplicaStatus: types.ReplicaStatusCreating,
				ReplicaArn: aws.String(place{t.account, *create.RegionName}.arn("dynamodb", "table/"+t.name())),
			})
		}
		if remove := update.Delete; remove != nil {
			d.Replicas = slices.DeleteFunc(
				d.Replicas,
				func(r types.ReplicaDescription) bool { return *r.RegionName == *remove.RegionName },
			)
		}
	}
}

// updateCapacity changes billing mode and throughput of the table and of its indexes, which must go together.
func updateCapacity(d *types.TableDescription, in *dynamodb.UpdateTableInput) error {
	onDemand := isOnDemand(d)
	if in.BillingMode != "" {
		onDemand = in.BillingMode == types.BillingModePayPerRequest
	}
	switched := onDemand != isOnDemand(d)
	provisioned, maximum := in.ProvisionedThroughput, in.OnDemandThroughput
	if provisioned != nil || maximum != nil || switched {
		if provisioned == nil && !onDemand && !switched {
			provisioned = convert[*types.ProvisionedThroughput](d.ProvisionedThroughput)
		}
		if err := checkThroughput("", onDemand, provisioned, maximum); err != nil {
			return err
		}
		if err := unchanged("table", d.ProvisionedThroughput, in.ProvisionedThroughput); err != nil {
			return err
		}
		d.ProvisionedThroughput = described(provisioned)
		lift(&d.WarmThroughput.ReadUnitsPerSecond, &d.WarmThroughput.WriteUnitsPerSecond, warmFloor(onDemand, provisioned))
	}
	if maximum != nil || !onDemand {
		d.OnDemandThroughput = maximum
	}
	if switched {
		if d.BillingModeSummary == nil {
			d.BillingModeSummary = &types.BillingModeSummary{}
		}
		d.BillingModeSummary.BillingMode = in.BillingMode
		if onDemand {
			d.BillingModeSummary.LastUpdateToPayPerRequestDateTime = aws.Time(time.Now())
		}
	}
	if err := raiseWarm(&d.WarmThroughput.ReadUnitsPerSecond, &d.WarmThroughput.WriteUnitsPerSecond, in.WarmThroughput); err != nil {
		return err
	}
	for i := range d.GlobalSecondaryIndexes {
		if err := updateIndexCapacity(&d.GlobalSecondaryIndexes[i], onDemand, switched, in.GlobalSecondaryIndexUpdates); err != nil {
			return err
		}
	}
	return nil
}

func isOnDemand(d *types.TableDescription) bool {
	return d.BillingModeSummary != nil && d.BillingModeSummary.BillingMode == types.BillingModePayPerRequest
}

func updateIndexCapacity(
	index *types.GlobalSecondaryIndexDescription,
	onDemand, switched bool,
	updates []types.GlobalSecondaryIndexUpdate,
) error {
	update := &types.UpdateGlobalSecondaryIndexAction{}
	for _, u := range updates {
		if u.Update != nil && *u.Update.IndexName == *index.IndexName {
			update = u.Update
		}
	}
	provisioned, maximum := update.ProvisionedThroughput, update.OnDemandThroughput
	if provisioned != nil || maximum != nil || switched {
		if err := checkThroughput(*index.IndexName, onDemand, provisioned, maximum); err != nil {
			return err
		}
		if err := unchanged("index "+*index.IndexName, index.ProvisionedThroughput, provisioned); err != nil {
			return err
		}
		index.ProvisionedThroughput = described(provisioned)
		lift(
			&index.WarmThroughput.ReadUnitsPerSecond,
			&index.WarmThroughput.WriteUnitsPerSecond,
			warmFloor(onDemand, provisioned),
		)
	}
	if maximum != nil || !onDemand {
		index.OnDemandThroughput = maximum
	}
	return raiseWarm(
		&index.WarmThroughput.ReadUnitsPerSecond,
		&index.WarmThroughput.WriteUnitsPerSecond,
		update.WarmThroughput,
	)
}

// raiseWarm sets what the wish names.
func raiseWarm(read, write **int64, wish *types.WarmThroughput) error {
	now := types.WarmThroughput{ReadUnitsPerSecond: *read, WriteUnitsPerSecond: *write}
	if err := notLower(now, wish); err != nil {
		return err
	}
	now = warmOr(wish, now)
	*read, *write = now.ReadUnitsPerSecond, now.WriteUnitsPerSecond
	return nil
}

// updateIndexes creates or deletes one global secondary index, as many as UpdateTable does at once.
func (r *request) updateIndexes(t *table, updates []types.GlobalSecondaryIndexUpdate) error {
	d, changed := &t.description, 0
	for _, update := range updates {
		if update.Update == nil {
			changed++
		} else if findIndex(d, update.Update.IndexName) == nil {
			return notFound(*update.Update.IndexName)
		}
	}
	if changed > 1 {
		return &types.LimitExceededException{Message: aws.String("Subscriber limit exceeded: Only 1 online index can be " +
			"created or deleted simultaneously per table")}
	}
	for _, update := range updates {
		switch {
		case update.Create != nil:
			index := convert[types.GlobalSecondaryIndex](update.Create)
			asked := convert[*dynamodb.CreateTableInput](d)
			asked.BillingMode, asked.WarmThroughput = types.BillingModeProvisioned, nil
			if isOnDemand(d) {
				asked.BillingMode = types.BillingModePayPerRequest
			}
			asked.GlobalSecondaryIndexes = append(asked.GlobalSecondaryIndexes, index)
			if err := checkIndexOf(asked, index); err != nil {
				return err
			}
			if err := r.server.addLocalIndex(t, index); err != nil {
				return err
			}
			description := newIndex(d, isOnDemand(d), index)
			description.Backfilling = aws.Bool(true)
			d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, description)
		case update.Delete != nil:
			index := findIndex(d, update.Delete.IndexName)
			if index == nil {
				return notFound(*update.Delete.IndexName)
			}
			if err := r.server.removeLocalIndex(t, *index); err != nil {
				return err
			}
			index.IndexStatus = types.IndexStatusDeleting
		}
	}
	return nil
}

// checkIndexOf refuses an index that CreateTable would refuse in such a table.
func checkIndexOf(in *dynamodb.CreateTableInput, index types.GlobalSecondaryIndex) error {
	if err := checkGlobalIndexes(in); err != nil {
		return err
	}
	onDemand := in.BillingMode == types.BillingModePayPerRequest
	if err := checkThroughput(*index.IndexName, onDemand, index.ProvisionedThroughput, index.OnDemandThroughput); err != nil {
		return err
	}
	if err := checkWarm(onDemand, index.ProvisionedThroughput, index.WarmThroughput); err != nil {
		return err
	}
	return checkDefinitions(in.AttributeDefinitions, usedBy(in))
}

func findIndex(d *types.TableDescription, name *string) *types.GlobalSecondaryIndexDescription {
	for i := range d.GlobalSecondaryIndexes {
		if *d.GlobalSecondaryIndexes[i].IndexName == *name {
			return &d.GlobalSecondaryIndexes[i]
		}
	}
	return nil
}

func (r *request) updateVectorIndexes(d *types.TableDescription, updates []types.VectorIndexUpdate) error {
	for _, update := range updates {
		if create := update.Create; create != nil {
			index := convert[types.VectorIndex](create)
			if err := checkVectorIndexes(&dynamodb.CreateTableInput{VectorIndexes: []types.VectorIndex{index}}); err != nil {
				return err
			}
			d.VectorIndexes = append(d.VectorIndexes, newVectorIndex(d, index))
		}
		if remove := update.Delete; remove != nil {
			for i := range d.VectorIndexes {
				if *d.VectorIndexes[i].IndexName == *remove.IndexName {
					d.VectorIndexes[i].IndexStatus = types.IndexStatusDeleting
				}
			}
		}
	}
	return nil
}
