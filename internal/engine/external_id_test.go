// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/cluster"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// An external ID is not written to S3 for a cluster: it is refused there, and left out of what a task holds.
func TestExternalIDStaysHere(t *testing.T) {
	t.Parallel()
	side := awsconn.Connection{AssumeRole: &awsconn.Role{ARN: "arn:aws:iam::111122223333:role/r", ExternalID: "between-us"}}
	refused := func(problems []*problem.Problem, attribute string) bool {
		return slices.ContainsFunc(problems, func(p *problem.Problem) bool {
			return p.Attribute == attribute && p.Summary == "External ID Is Not On The Cluster"
		})
	}
	e := &engine.Engine{Journal: journal.Local(t.TempDir())}
	if found := e.CheckPurge(t.Context(), job.Purge{Connection: side, Method: job.MethodEMR}); !refused(found, "assume_role.external_id") {
		t.Errorf("a purge: %v", found)
	}
	j := job.Copy{Method: job.MethodEMR, Source: job.Source{Connection: side}, Destination: job.Destination{Connection: side}}
	found := e.CheckCopy(t.Context(), j)
	for _, prefix := range []string{"source.", "destination."} {
		if !refused(found, prefix+"assume_role.external_id") {
			t.Errorf("a copy's %s: %v", prefix, found)
		}
	}
	text, err := json.Marshal(cluster.Task{Copy: &j})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), side.AssumeRole.ARN) || strings.Contains(string(text), "between-us") {
		t.Errorf("the task is %s", text)
	}
}

// Sides whose roles are assumed under different external IDs are not taken for one.
func TestExternalIDTellsSidesApart(t *testing.T) {
	t.Parallel()
	one := awsconn.Connection{AssumeRole: &awsconn.Role{ARN: "arn:aws:iam::111122223333:role/r", ExternalID: "a"}}
	other := awsconn.Connection{AssumeRole: &awsconn.Role{ARN: "arn:aws:iam::111122223333:role/r", ExternalID: "b"}}
	if one.SameCredentials(other) || !one.SameCredentials(one) {
		t.Error("the external ID does not count")
	}
}
