// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var importOperations = operations{
	"ImportTable":    of(startImport),
	"DescribeImport": of(describeImport),
	"ListImports":    of(listImports),
}

// imported is an import of ImportTable.
type imported struct {
	place
	request     json.RawMessage
	description types.ImportTableDescription
	change      change
}

// startImport makes a table that stays CREATING until its items are there.
func startImport(r *request, in *dynamodb.ImportTableInput) (*dynamodb.ImportTableOutput, error) {
	for _, i := range r.server.imports {
		if i.place != r.place || in.ClientToken == nil || aws.ToString(i.description.ClientToken) != *in.ClientToken {
			continue
		}
		if !sameJSON(i.request, r.body) {
			return nil, &types.IdempotentParameterMismatchException{Message: aws.String("The client token was used with " +
				"other parameters")}
		}
		return &dynamodb.ImportTableOutput{ImportTableDescription: copyOf(&i.description)}, nil
	}
	source, parameters := in.S3BucketSource, in.TableCreationParameters
	switch {
	case source == nil || aws.ToString(source.S3Bucket) == "" || parameters == nil:
		return nil, validation("S3BucketSource and TableCreationParameters are required")
	case in.InputFormat != types.InputFormatDynamodbJson || in.InputCompressionType != types.InputCompressionTypeGzip || in.InputFormatOptions != nil:
		return nil, validation("Only DynamoDB JSON compressed with gzip is known here")
	}
	t, err := r.create(convert[*dynamodb.CreateTableInput](parameters))
	if err != nil {
		return nil, err
	}
	t.change = change{} // The import's end is the table's.
	now := time.Now().UTC()
	i := &imported{place: r.place, request: r.body, description: types.ImportTableDescription{
		ImportArn:    aws.String(fmt.Sprintf("%s/import/%014d-%08x", t.arn(), now.UnixMilli(), rand.Uint32())),
		ImportStatus: types.ImportStatusInProgress, ClientToken: in.ClientToken, StartTime: &now, InputFormat: in.InputFormat,
		InputCompressionType: in.InputCompressionType,
		S3BucketSource:       source, TableCreationParameters: parameters, TableArn: t.description.TableArn,
		TableId: t.description.TableId,
		CloudWatchLogGroupArn: aws.String(
			fmt.Sprintf("arn:aws:logs:%s:%s:log-group:/aws-dynamodb/imports:*", t.region, t.account),
		),
	}}
	r.server.imports = append(r.server.imports, i)
	fails := r.server.failImports > 0
	if fails {
		r.server.failImports--
	}
	r.begin(&i.change, func() { i.finish(r.server, t, fails) })
	return &dynamodb.ImportTableOutput{ImportTableDescription: copyOf(&i.description)}, nil
}

// finish fills the table. An import that fails leaves the half of it there.
func (i *imported) finish(s *Server, t *table, fails bool) {
	d := &i.description
	d.EndTime = aws.Time(time.Now().UTC())
	fit, unfit, err := readBulk(
		s.storage,
		t,
		&types.InputS3Configuration{S3Bucket: d.S3BucketSource.S3Bucket, S3KeyPrefix: d.S3BucketSource.S3KeyPrefix},
	)
	if fails {
		fit = fit[:len(fit)/2]
	}
	if err == nil {
		err = s.writeItems(t, fit)
	}
	t.settle()
	d.ProcessedItemCount = int64(len(fit) + len(unfit))
	d.ImportedItemCount, d.ErrorCount = int64(len(fit)), int64(len(unfit))
	d.ImportStatus = types.ImportStatusCompleted
	if err == nil && fails {
		err = errors.New("the import was told to fail")
	}
	if err != nil {
		d.ImportStatus = types.ImportStatusFailed
		d.FailureCode, d.FailureMessage = aws.String("S3AccessDenied"), aws.String(err.Error())
	}
}

func describeImport(r *request, in *dynamodb.DescribeImportInput) (*dynamodb.DescribeImportOutput, error) {
	for _, i := range r.server.imports {
		if *i.description.ImportArn == aws.ToString(in.ImportArn) && i.place == r.place {
			i.change.look()
			return &dynamodb.DescribeImportOutput{ImportTableDescription: copyOf(&i.description)}, nil
		}
	}
	return nil, &types.ImportNotFoundException{Message: aws.String("Import not found: " + aws.ToString(in.ImportArn))}
}

func listImports(r *request, in *dynamodb.ListImportsInput) (*dynamodb.ListImportsOutput, error) {
	out := &dynamodb.ListImportsOutput{ImportSummaryList: []types.ImportSummary{}}
	for _, i := range r.server.imports {
		if i.place == r.place && (in.TableArn == nil || *in.TableArn == *i.description.TableArn) {
			out.ImportSummaryList = append(out.ImportSummaryList, convert[types.ImportSummary](i.description))
		}
	}
	return out, nil
}
