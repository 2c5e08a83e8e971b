// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

import (
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var policyOperations = operations{
	"GetResourcePolicy":    of(getPolicy),
	"PutResourcePolicy":    of(putPolicy),
	"DeleteResourcePolicy": of(deletePolicy),
}

// policy is a resource-based policy. Equal documents have equal revisions.
type policy struct {
	document, revision string
}

// noPolicy as the expected revision asks that there is none.
const noPolicy = "NO_POLICY"

// putPolicy checks a document as far as it can be without knowing IAM: it is one, and each statement is about the
// resource.
func (t *table) putPolicy(arn, document string) error {
	var content struct {
		Statement []struct {
			Resource any
		}
	}
	switch err := json.Unmarshal([]byte(document), &content); {
	case err != nil || len(content.Statement) == 0:
		return validation("Invalid policy document")
	case len(document) > maxPolicyBytes:
		return &types.LimitExceededException{Message: aws.String("The policy is larger than 20 KB")}
	}
	for _, statement := range content.Statement {
		resources, ok := statement.Resource.([]any)
		if !ok {
			resources = []any{statement.Resource}
		}
		for _, resource := range resources {
			if name, _ := resource.(string); name != arn && (name != arn+"/index/*" || arn != t.arn()) {
				return validation("The resource %v of the policy is not %s", resource, arn)
			}
		}
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(document)) // never fails
	t.policies[arn] = policy{document: document, revision: fmt.Sprint(hash.Sum64())}
	return nil
}

// policyOwner returns the table of a table's or a stream's ARN.
func (r *request) policyOwner(arn *string) (*table, error) {
	t, err := r.seeARN(arn)
	if err != nil {
		return nil, err
	}
	if *arn != t.arn() && *arn != aws.ToString(t.description.LatestStreamArn) {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: " + *arn)}
	}
	return t, nil
}

// checkRevision refuses when the policy is not the one that the caller has seen.
func checkRevision(now policy, expected *string) error {
	if expected == nil || *expected == now.revision || *expected == noPolicy && now.document == "" {
		return nil
	}
	return &types.PolicyNotFoundException{Message: aws.String("The expected revision is not the policy's")}
}

func getPolicy(r *request, in *dynamodb.GetResourcePolicyInput) (*dynamodb.GetResourcePolicyOutput, error) {
	t, err := r.policyOwner(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	p, ok := t.policies[*in.ResourceArn]
	if !ok {
		return nil, &types.PolicyNotFoundException{
			Message: aws.String("Resource-based policy not found for " + *in.ResourceArn),
		}
	}
	return &dynamodb.GetResourcePolicyOutput{Policy: &p.document, RevisionId: &p.revision}, nil
}

func putPolicy(r *request, in *dynamodb.PutResourcePolicyInput) (*dynamodb.PutResourcePolicyOutput, error) {
	t, err := r.policyOwner(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := checkRevision(t.policies[*in.ResourceArn], in.ExpectedRevisionId); err != nil {
		return nil, err
	}
	if err := t.putPolicy(*in.ResourceArn, aws.ToString(in.Policy)); err != nil {
		return nil, err
	}
	return &dynamodb.PutResourcePolicyOutput{RevisionId: aws.String(t.policies[*in.ResourceArn].revision)}, nil
}

func deletePolicy(r *request, in *dynamodb.DeleteResourcePolicyInput) (*dynamodb.DeleteResourcePolicyOutput, error) {
	t, err := r.policyOwner(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	p, ok := t.policies[*in.ResourceArn]
	if err := checkRevision(p, in.ExpectedRevisionId); err != nil {
		return nil, err
	}
	delete(t.policies, *in.ResourceArn)
	if !ok {
		return &dynamodb.DeleteResourcePolicyOutput{}, nil
	}
	return &dynamodb.DeleteResourcePolicyOutput{RevisionId: &p.revision}, nil
}
