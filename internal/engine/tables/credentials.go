// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"
	"strings"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// shortestSession is the shortest session that STS grants ("GetSessionToken" and "AssumeRole" in the AWS STS API
// Reference).
const shortestSession = 15 * time.Minute

// CheckCredentials warns of credentials that cannot be renewed and may expire before a run that takes this long ends.
// All its problems are warnings.
func CheckCredentials(ctx context.Context, e *Env, j job.Job, timeout time.Duration) []*problem.Problem {
	var found problem.List
	for _, r := range j.Connections() {
		r, wrong := r.Locate()
		if wrong != nil {
			continue
		}
		until, ends, err := e.Connections.NonRenewable(ctx, r.Connection)
		if err != nil || !ends || until.After(e.Now().Add(timeout)) || until.IsZero() && timeout <= shortestSession {
			continue
		}
		p := r.Problem("", "Credentials Cannot Be Renewed")
		p.Attribute = strings.TrimSuffix(r.Prefix, ".")
		p.Warning = true
		p.Cause = "The credentials are temporary and were given as keys with a session token, or as the token of an " +
			"identity provider, so there is nowhere to get new ones from. A run that is not complete when they expire fails."
		if !until.IsZero() {
			p.Cause += " They expire at " + until.UTC().Format(time.RFC3339) + "."
		}
		p.Next = "For a run that may take longer use credentials that can be renewed, such as a profile that uses single " +
			"sign-on, a credential process or a role; or give it no more time than the credentials have left, in " +
			"timeouts.create or an action's timeout."
		found.Add(p)
	}
	return found
}
