// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/explain"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// Env is what all runs of a process share. It is safe for concurrent use.
type Env struct {
	Connections Connections
	// ProtectedTables are patterns of table names, with * as wildcard. No run may change a table that matches.
	ProtectedTables []string
	// Journal is where the progress of runs is kept.
	Journal journal.Journal
	// Directory is the folder for what stays on this machine: locks, files of dead letters, and the digests of a
	// verification.
	Directory string
	// UserAgent is the User-Agent of requests.
	UserAgent string
	// Now is the clock of runs.
	Now func() time.Time

	Quotas quotas
}

// Connections makes the clients for one end of a run.
type Connections interface {
	DynamoDB(ctx context.Context, side awsconn.Connection) (*dynamodb.Client, error)
	AutoScaling(ctx context.Context, side awsconn.Connection) (*applicationautoscaling.Client, error)
	Lambda(ctx context.Context, side awsconn.Connection) (*lambda.Client, error)
	KMS(ctx context.Context, side awsconn.Connection) (*kms.Client, error)
	S3(ctx context.Context, side awsconn.Connection) (*s3.Client, error)
	// AccountOf returns the account of the connection's credentials, empty if it cannot be found out.
	AccountOf(ctx context.Context, side awsconn.Connection) (string, error)
	EMR(ctx context.Context, side awsconn.Connection) (*emr.Client, error)
	EMRServerless(ctx context.Context, side awsconn.Connection) (*emrserverless.Client, error)
	DataPipeline(ctx context.Context, side awsconn.Connection) (*datapipeline.Client, error)
	// WorkerSettings returns the settings with which a worker connects with its own credentials.
	WorkerSettings() awsconn.Settings
	// NonRenewable reports whether the connection's credentials expire and cannot be renewed, and when, if that is known.
	NonRenewable(ctx context.Context, side awsconn.Connection) (until time.Time, ends bool, err error)
}

// CheckProtected refuses a table that matches one of the protected patterns.
func CheckProtected(e *Env, r job.Ref) *problem.Problem {
	for _, pattern := range e.ProtectedTables {
		if ok, err := path.Match(pattern, r.ShortName()); err != nil || ok {
			p := r.Problem(r.Attribute, "Table Is Protected")
			p.Cause = fmt.Sprintf("The provider's protected_tables hold %q: no run may write, purge or recreate such a "+
				"table.", pattern)
			p.Next = "Name another table, or take the pattern out of protected_tables if this is meant."
			return p
		}
	}
	return nil
}

func Launcher(ctx context.Context, e *Env, name string) (spark.Launcher, error) {
	switch name {
	case spark.Cluster:
		client, err := e.Connections.EMR(ctx, awsconn.Connection{})
		return spark.NewCluster(client), err
	case spark.DataPipeline:
		client, err := e.Connections.DataPipeline(ctx, awsconn.Connection{})
		return spark.NewPipeline(client), err
	}
	client, err := e.Connections.EMRServerless(ctx, awsconn.Connection{})
	return spark.NewServerless(client), err
}

// SettingsClients returns the clients of the services that keep a table's settings.
func SettingsClients(ctx context.Context, e *Env, r job.Ref) (clients settings.Clients, p *problem.Problem) {
	r, p = r.Locate()
	if p != nil {
		return clients, p
	}
	var errs [4]error
	clients.DynamoDB, errs[0] = e.Connections.DynamoDB(ctx, r.Connection)
	clients.AutoScaling, errs[1] = e.Connections.AutoScaling(ctx, r.Connection)
	clients.Lambda, errs[2] = e.Connections.Lambda(ctx, r.Connection)
	clients.KMS, errs[3] = e.Connections.KMS(ctx, r.Connection)
	if err := errors.Join(errs[:]...); err != nil {
		return clients, explain.Within(r.Prefix, err)
	}
	return clients, nil
}
