// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package permissions

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/optional"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Policies are the least IAM policies for a run. An empty one is not needed.
type Policies struct {
	// Source and Destination are for the principal that uses the table of that side.
	Source, Destination Policy
	// Provider is for the provider's own principal: what it does itself, and the roles that it assumes to do the rest.
	Provider Policy
	// Worker is for the role of the job that does a run on Amazon EMR; nil for other methods.
	Worker Policy
}

// OfCopy returns the policies for the job, without asking AWS anything. Tables are given by their ARNs.
func OfCopy(j job.Copy) (*Policies, *problem.Problem) {
	run := Run{
		Operation: Copy, Filters: j.Filter != nil, Method: j.Method, MayExport: j.MayExport(),
		Source: sourcePermissions(
			j.Source,
			partitionOf(j),
		), Destination: destinationPermissions(j.Destination, partitionOf(j)),
		KeepsItems: j.Conditional(), Verify: j.Verifies(), Creates: string(j.Destination.Create),
		KMSKeyARN: j.Destination.KMSKeyARN,
		Restore: Restore{
			Recovers:    j.Restore.Recovers(),
			GivenBackup: j.Restore.BackupARN != "",
			KeepsBackup: j.Restore.Keep,
			Replaces:    j.Restore.Replace,
		},
	}
	if j.ChoosesItself() {
		run.Method = job.MethodScan
	}
	if j.Exports() && !j.ExportsDirectly() {
		run.Export.BucketARN, run.Export.ObjectsARN = s3ARNs(j.Export.To, partitionOf(j))
		run.Bulk = j.NeedsReading() == ""
		run.Imports = run.Bulk && j.Destination.Creates()
	}
	run.Apart = j.ExportsDirectly() && !j.Source.Connection.SameCredentials(j.Destination.Connection)
	return policiesOf(j, j.EMR, job.MethodScan, run, j.Source.Connection, j.Destination.Connection)
}

// OfPurge returns the policies for the job, without asking AWS anything. The table is given by its ARN, and its policy
// is that of the destination.
func OfPurge(j job.Purge) (*Policies, *problem.Problem) {
	return policiesOf(j, j.EMR, job.MethodDeleteItems, Run{
		Operation: Purge, Filters: j.Filter != nil, Method: j.Choose().Method, Recheck: j.Rechecks(),
		RequiresPITR: j.RequirePITR, Destination: Side{TableARN: j.Table},
	}, awsconn.Connection{}, j.Connection)
}

// policiesOf are those of the run, which with MethodEMR has workers that do what that method does.
func policiesOf(
	j job.Job,
	config *spark.Config,
	workers string,
	run Run,
	source, destination awsconn.Connection,
) (*Policies, *problem.Problem) {
	for _, r := range j.Tables() {
		if !strings.HasPrefix(r.Name, "arn:") {
			p := r.Problem(r.Attribute, "Table Not Given By Its ARN")
			p.Cause = "A policy names tables by their ARNs, and a name says neither the account nor the Region."
			p.Next = "Give the table's ARN, such as the arn of its resource."
			return nil, p
		}
		if _, p := r.Locate(); p != nil {
			return nil, p
		}
	}
	all := Policies{Provider: Policy{}}
	all.Source, all.Destination = run.Policies()
	grant(all.Provider, source, all.Source)
	grant(all.Provider, destination, all.Destination)
	if run.Method == job.MethodEMR {
		run.Method, run.Verify, run.Creates = workers, false, "" // The table is there when the workers begin.
		readers, writers := run.Policies()
		emr := emrPermissions(optional.Value(config), partitionOf(j))
		all.Provider.AllowAll(emr.Caller())
		all.Worker = emr.Role()
		grant(all.Worker, source, readers)
		grant(all.Worker, destination, writers)
		all.Source.AllowAll(readers)
		all.Destination.AllowAll(writers)
	}
	return &all, nil
}

// partitionOf is the partition of all that the job uses: that of its tables' ARNs, or else of the Regions of its sides.
func partitionOf(j job.Job) string {
	for _, r := range j.Tables() {
		if parsed, err := arn.Parse(r.Name); err == nil {
			return parsed.Partition
		}
	}
	for _, r := range j.Connections() {
		if r.Connection.Region != "" {
			return awsconn.Partition(r.Connection.Region)
		}
	}
	return awsconn.Partition("")
}

// grant adds to the policy of one that does the run what it needs for a side.
func grant(own Policy, side awsconn.Connection, policy Policy) {
	switch {
	case side.Profile != "": // Its credentials do this, or assume the role that does.
	case side.AssumeRole != nil:
		own.Allow("sts:AssumeRole", side.AssumeRole.ARN)
	default:
		own.AllowAll(policy)
	}
}

// emrPermissions is the job that the configuration describes.
func emrPermissions(config spark.Config, partition string) Job {
	config = config.WithDefaults()
	j := Job{
		Launcher: config.Launcher, OwnApplication: config.ApplicationID != "", Tagged: len(config.Tags) > 0,
		Networked: len(config.Subnets) > 0,
	}
	for _, role := range []string{config.ExecutionRole, config.ServiceRole, config.InstanceProfile} {
		switch {
		case strings.HasPrefix(role, "arn:"):
			j.Roles = append(j.Roles, role)
		case role != "": // Profiles that the console makes have the name of their role.
			j.Roles = append(j.Roles, "arn:"+partition+":iam::*:role/"+role)
		}
	}
	j.BucketARN, j.ObjectsARN = uriARNs(config.S3URI, partition)
	_, j.LogsARN = uriARNs(config.LogURI, partition)
	if strings.HasPrefix(config.WorkerBinary, "s3://") {
		j.BinaryARN = "arn:" + partition + ":s3:::" + strings.TrimPrefix(config.WorkerBinary, "s3://")
	}
	return j
}

// uriARNs are the ARNs of the bucket and of what is below the prefix, empty for no prefix.
func uriARNs(uri, partition string) (bucket, objects string) {
	name, prefix, err := spark.SplitURI(uri)
	if err != nil {
		return "", ""
	}
	return s3ARNs(store.S3Place{Bucket: name, Prefix: prefix}, partition)
}
