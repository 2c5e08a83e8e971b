// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"strings"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/permissions"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Policies are the least IAM policies for a run. An empty one is not needed.
type Policies struct {
	// Source and Destination are for whoever reaches the table of that side.
	Source, Destination permissions.Policy
	// Provider is for the provider's own principal: what it does itself, and the roles that it assumes to do the rest.
	Provider permissions.Policy
}

// CopyPolicies returns the policies for the job, without asking AWS anything. Tables are given by their ARNs.
func CopyPolicies(job CopyJob) (*Policies, *problem.Problem) {
	return policies(job, permissions.Run{
		Operation: permissions.Copy, Method: job.choose().method,
		Source: job.Source.permissions(), Destination: job.Destination.permissions(),
		KeepsItems: job.conditional(), Verify: job.verifies(), Creates: string(job.Destination.Create),
	}, job.Source.Side, job.Destination.Side)
}

// PurgePolicies returns the policies for the job, without asking AWS anything. The table is given by its ARN, and its policy
// is that of the destination.
func PurgePolicies(job PurgeJob) (*Policies, *problem.Problem) {
	return policies(job, permissions.Run{
		Operation: permissions.Purge, Method: job.choose().method, Recheck: job.rechecks(), Destination: permissions.Side{TableARN: job.Table},
	}, awsconn.Side{}, job.Side)
}

func policies(job Job, run permissions.Run, source, destination awsconn.Side) (*Policies, *problem.Problem) {
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
	for _, s := range []struct {
		side   awsconn.Side
		policy permissions.Policy
	}{{source, all.Source}, {destination, all.Destination}} {
		switch {
		case s.side.Profile != "": // Its credentials do this, or assume the role that does.
		case s.side.AssumeRole != nil:
			all.Provider.Allow("sts:AssumeRole", s.side.AssumeRole.ARN)
		default:
			all.Provider.AllowAll(s.policy)
		}
	}
	return &all, nil
}
