// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package job

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
)

// The arguments that name the tables of a copy.
const (
	SourceTable      = "source.table"
	DestinationTable = "destination.table"
)

// Job is a [Copy] or a [Purge].
type Job interface {
	// Tables returns the tables that the job uses, without those that are not known yet.
	Tables() []Ref
	// Connections returns what the job reaches with credentials: its tables, and what is in S3, which has no name.
	Connections() []Ref
}

// Tables returns the source and the destination.
func (j Copy) Tables() []Ref { return known(j.SourceRef(), j.DestinationRef()) }

// Connections returns both ends, unless they are files.
func (j Copy) Connections() []Ref {
	all := j.Tables()
	if j.Source.S3 != nil {
		all = append(all, Ref{Connection: j.Source.Connection, Prefix: "source."})
	}
	if j.Destination.S3 != nil {
		all = append(all, Ref{Connection: j.Destination.Connection, Prefix: "destination."})
	}
	return all
}

// SourceRef returns the table that is read.
func (j Copy) SourceRef() Ref {
	return Ref{Name: j.Source.Table, Connection: j.Source.Connection, Prefix: "source.", Attribute: "table"}
}

// DestinationRef returns the table that is written.
func (j Copy) DestinationRef() Ref {
	return Ref{Name: j.Destination.Table, Connection: j.Destination.Connection, Prefix: "destination.", Attribute: "table"}
}

// Tables returns the table that is purged.
func (j Purge) Tables() []Ref { return known(j.Ref()) }

// Connections returns the same as Tables.
func (j Purge) Connections() []Ref { return j.Tables() }

// Ref returns the table that is purged.
func (j Purge) Ref() Ref { return TableRef(j.Table, j.Connection) }

func known(refs ...Ref) []Ref {
	var named []Ref
	for _, r := range refs {
		if r.Name != "" {
			named = append(named, r)
		}
	}
	return named
}

// Ref is a table as the user names it.
type Ref struct {
	Name       string // As given: a name or an ARN.
	Connection awsconn.Connection
	// Attribute is the argument that names the table, within the argument that Prefix names. Prefix ends in a dot, or is
	// empty.
	Prefix, Attribute string
}

// TableRef returns the table that the argument "table" names.
func TableRef(table string, side awsconn.Connection) Ref {
	return Ref{Name: table, Connection: side, Attribute: "table"}
}

// ShortName returns the table's name, even if it is given by its ARN.
func (r Ref) ShortName() string {
	parsed, err := arn.Parse(r.Name)
	if err != nil {
		return r.Name
	}
	return strings.TrimPrefix(parsed.Resource, "table/")
}

// Problem begins a problem with an argument beside the one that names the table.
func (r Ref) Problem(attribute, summary string) *problem.Problem {
	return &problem.Problem{Summary: summary, Attribute: r.Prefix + attribute, Table: r.Name, Region: r.Connection.Region}
}

// Locate returns the reference with the Region of its ARN, if the table is given by one.
func (r Ref) Locate() (Ref, *problem.Problem) {
	if !strings.HasPrefix(r.Name, "arn:") {
		return r, nil
	}
	parsed, err := arn.Parse(r.Name)
	name, ok := strings.CutPrefix(parsed.Resource, "table/")
	if err != nil || parsed.Service != "dynamodb" || !ok || strings.Contains(name, "/") {
		p := r.Problem(r.Attribute, "Not A Table ARN")
		p.Cause = "The value begins like an ARN, but is not one of a DynamoDB table: " +
			"arn:aws:dynamodb:REGION:ACCOUNT:table/NAME."
		p.Next = "Give the table's name or its ARN. To read an index, name it in source.index."
		return r, p
	}
	if parsed.Region == settings.LocalRegion {
		return r, nil
	}
	if r.Connection.Region != "" && r.Connection.Region != parsed.Region {
		p := r.Problem("region", "Region And ARN Contradict Each Other")
		p.Cause = fmt.Sprintf("The table's ARN says %s, region says %s.", parsed.Region, r.Connection.Region)
		p.Next = "Leave region out, or give the table of the Region that is meant."
		return r, p
	}
	r.Connection.Region = parsed.Region
	return r, nil
}

// Is reports whether the reference means the table, in requests to the Region.
func (r Ref) Is(table settings.Identity, region string) bool {
	if table.Region != "" && table.Region != region {
		return false
	}
	if strings.HasPrefix(r.Name, "arn:") {
		return r.Name == table.ARN
	}
	parsed, err := arn.Parse(table.ARN)
	return err == nil && table.Name == r.Name && (parsed.Region == region || parsed.Region == settings.LocalRegion)
}
