// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package permissions

// Job is what the policies of a run on Amazon EMR depend on besides its tables.
type Job struct {
	// Launcher is "serverless", "cluster" or "data_pipeline"; OwnApplication says that EMR Serverless need not make one.
	Launcher       string
	OwnApplication bool
	// Tagged reports whether what is made has tags, Networked that it is in a network of the user's.
	Tagged, Networked bool
	// Roles are the ARNs of the roles that the service is given.
	Roles []string
	// BucketARN and ObjectsARN are the bucket of the work prefix and the objects below it, BinaryARN is the object that
	// the binary is copied from, and LogsARN are the objects that the logs go to; the last two are empty for none.
	BucketARN, ObjectsARN, BinaryARN, LogsARN string
}

// launcherActions are the actions that start a job, look after it and remove what was made for it ("Actions, resources,
// and condition keys for Amazon EMR Serverless", for Amazon Elastic MapReduce and for Data Pipeline, in the Service
// Authorization Reference). What a job makes has no ARN before.
var launcherActions = map[string][]string{
	"serverless": {"emr-serverless:CancelJobRun", "emr-serverless:GetJobRun", "emr-serverless:StartJobRun"},
	"cluster": {
		"elasticmapreduce:DescribeCluster", "elasticmapreduce:ListClusters", "elasticmapreduce:ListSteps",
		"elasticmapreduce:RunJobFlow", "elasticmapreduce:TerminateJobFlows",
	},
	"data_pipeline": {
		"datapipeline:ActivatePipeline", "datapipeline:CreatePipeline", "datapipeline:DeactivatePipeline",
		"datapipeline:DeletePipeline", "datapipeline:DescribeObjects",
		"datapipeline:DescribePipelines", "datapipeline:PutPipelineDefinition", "datapipeline:QueryObjects",
	},
}

// applicationActions are those of a run that makes an application of EMR Serverless and removes it.
var applicationActions = []string{
	"emr-serverless:CreateApplication", "emr-serverless:DeleteApplication", "emr-serverless:GetApplication",
	"emr-serverless:StopApplication",
}

// networkActions are what a principal needs to create an application in a VPC ("Configuring VPC access" in the Amazon
// EMR Serverless User Guide).
var networkActions = []string{"ec2:CreateNetworkInterface"}

// tagActions are those for tags on what is made.
var tagActions = map[string]string{
	"serverless":    "emr-serverless:TagResource",
	"cluster":       "elasticmapreduce:AddTags",
	"data_pipeline": "datapipeline:AddTags",
}

// Caller is the policy for the principal that starts the job, besides the tables.
func (j Job) Caller() Policy {
	policy := Policy{}
	actions := launcherActions[j.Launcher]
	if j.Launcher == "serverless" && !j.OwnApplication {
		actions = append(actions[:len(actions):len(actions)], applicationActions...)
		if j.Networked {
			actions = append(actions, networkActions...)
		}
	}
	for _, action := range actions {
		policy.Allow(action, "*")
	}
	if j.Tagged {
		policy.Allow(tagActions[j.Launcher], "*")
	}
	for _, role := range j.Roles {
		policy.Allow("iam:PassRole", role)
	}
	// That an object is not there S3 says only to who may list.
	policy.Allow("s3:ListBucket", j.BucketARN)
	for _, action := range []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"} {
		policy.Allow(action, j.ObjectsARN)
	}
	policy.Allow("s3:GetObject", j.BinaryARN)
	return policy
}

// Role is the policy for the role that the job has, besides the tables.
func (j Job) Role() Policy {
	policy := Policy{}
	policy.Allow("s3:ListBucket", j.BucketARN)
	policy.Allow("s3:GetObject", j.ObjectsARN)
	policy.Allow("s3:PutObject", j.ObjectsARN)
	policy.Allow("s3:PutObject", j.LogsARN)
	return policy
}
