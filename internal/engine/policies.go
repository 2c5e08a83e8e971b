// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/permissions"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// Policies are the least IAM policies for a run. An empty one is not needed.
type Policies struct {
	// Source and Destination are for whoever reaches the table of that side.
	Source, Destination permissions.Policy
	// Provider is for the provider's own principal: what it does itself, and the roles that it assumes to do the rest.
	Provider permissions.Policy
	// Worker is for the role of the job that does a run on Amazon EMR; nil for other methods.
	Worker permissions.Policy
}

// CopyPolicies returns the policies for the job, without asking AWS anything. Tables are given by their ARNs.
func CopyPolicies(job CopyJob) (*Policies, *problem.Problem) {
	run := permissions.Run{
		Operation: permissions.Copy, Filters: job.Filter != nil, Method: job.Method, MayExport: job.mayExport(),
		Source: job.Source.permissions(partitionOf(job)), Destination: job.Destination.permissions(partitionOf(job)),
		KeepsItems: job.conditional(), Verify: job.verifies(), Creates: string(job.Destination.Create), KMSKeyARN: job.Destination.KMSKeyARN,
		Restore: permissions.Restore{Recovers: job.Restore.recovers(), GivenBackup: job.Restore.BackupARN != "", KeepsBackup: job.Restore.Keep, Replaces: job.Restore.Replace},
	}
	if job.choosesItself() {
		run.Method = MethodScan
	}
	if job.exports() && !job.exportsDirectly() {
		run.Export.BucketARN, run.Export.ObjectsARN = s3ARNs(job.Export.To, partitionOf(job))
		run.Bulk = job.needsReading() == ""
		run.Imports = run.Bulk && job.Destination.creates()
	}
	run.Apart = job.exportsDirectly() && !job.Source.Side.SameCredentials(job.Destination.Side)
	return policies(job, job.EMR, MethodScan, run, job.Source.Side, job.Destination.Side)
}

// PurgePolicies returns the policies for the job, without asking AWS anything. The table is given by its ARN, and its policy
// is that of the destination.
func PurgePolicies(job PurgeJob) (*Policies, *problem.Problem) {
	return policies(job, job.EMR, MethodDeleteItems, permissions.Run{
		Operation: permissions.Purge, Filters: job.Filter != nil, Method: job.choose().method, Recheck: job.rechecks(), RequiresPITR: job.RequirePITR, Destination: permissions.Side{TableARN: job.Table},
	}, awsconn.Side{}, job.Side)
}

// policies are those of the run, which with MethodEMR has workers that do what that method does.
func policies(job Job, config *spark.Config, workers string, run permissions.Run, source, destination awsconn.Side) (*Policies, *problem.Problem) {
	for _, r := range job.tables() {
		if !strings.HasPrefix(r.name, "arn:") {
			p := r.problem(r.attribute, "Table Not Given By Its ARN")
			p.Cause = "A policy names tables by their ARNs, and a name says neither the account nor the Region."
			p.Next = "Give the table's ARN, such as the arn of its resource."
			return nil, p
		}
		if _, p := r.locate(); p != nil {
			return nil, p
		}
	}
	all := Policies{Provider: permissions.Policy{}}
	all.Source, all.Destination = run.Policies()
	grant(all.Provider, source, all.Source)
	grant(all.Provider, destination, all.Destination)
	if run.Method == MethodEMR {
		run.Method, run.Verify, run.Creates = workers, false, "" // The table is there when the workers begin.
		readers, writers := run.Policies()
		emr := emrPermissions(value(config), partitionOf(job))
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
func partitionOf(job Job) string {
	for _, r := range job.tables() {
		if parsed, err := arn.Parse(r.name); err == nil {
			return parsed.Partition
		}
	}
	for _, r := range job.sides() {
		if r.side.Region != "" {
			return awsconn.Partition(r.side.Region)
		}
	}
	return awsconn.Partition("")
}

// grant adds to the policy of one that does the run what it needs for a side.
func grant(own permissions.Policy, side awsconn.Side, policy permissions.Policy) {
	switch {
	case side.Profile != "": // Its credentials do this, or assume the role that does.
	case side.AssumeRole != nil:
		own.Allow("sts:AssumeRole", side.AssumeRole.ARN)
	default:
		own.AllowAll(policy)
	}
}

// emrPermissions is the job that the configuration describes.
func emrPermissions(config spark.Config, partition string) permissions.Job {
	config = config.WithDefaults()
	job := permissions.Job{
		Launcher: config.Launcher, OwnApplication: config.ApplicationID != "", Tagged: len(config.Tags) > 0, Networked: len(config.Subnets) > 0,
	}
	for _, role := range []string{config.ExecutionRole, config.ServiceRole, config.InstanceProfile} {
		switch {
		case strings.HasPrefix(role, "arn:"):
			job.Roles = append(job.Roles, role)
		case role != "": // Profiles that the console makes have the name of their role.
			job.Roles = append(job.Roles, "arn:"+partition+":iam::*:role/"+role)
		}
	}
	job.BucketARN, job.ObjectsARN = uriARNs(config.S3URI, partition)
	_, job.LogsARN = uriARNs(config.LogURI, partition)
	if strings.HasPrefix(config.WorkerBinary, "s3://") {
		job.BinaryARN = "arn:" + partition + ":s3:::" + strings.TrimPrefix(config.WorkerBinary, "s3://")
	}
	return job
}

// uriARNs are the ARNs of the bucket and of what is below the prefix, empty for no prefix.
func uriARNs(uri, partition string) (bucket, objects string) {
	name, prefix, err := spark.SplitURI(uri)
	if err != nil {
		return "", ""
	}
	return s3ARNs(store.S3Place{Bucket: name, Prefix: prefix}, partition)
}
