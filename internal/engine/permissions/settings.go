// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package permissions

// actions are those that a job of many calls needs: on a table, on what it has of a kind, and on anything, since those
// of other services, and lists, cannot be bound to the table.
type actions struct{ table, index, stream, backup, any []string }

// What reads the settings of a table, what puts them, what else a recreate does, and what an import logs as the
// principal that asks for it.
var (
	importLogs = actions{table: []string{
		"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
		"logs:PutLogEvents", "logs:PutRetentionPolicy",
	}}
	settingsRead = actions{
		table: []string{
			"dynamodb:DescribeContinuousBackups", "dynamodb:DescribeContributorInsights",
			"dynamodb:DescribeKinesisStreamingDestination",
			"dynamodb:DescribeTimeToLive", "dynamodb:GetResourcePolicy", "dynamodb:ListTagsOfResource",
		},
		index:  []string{"dynamodb:DescribeContributorInsights"},
		stream: []string{"dynamodb:GetResourcePolicy"},
		any: []string{
			"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
			"application-autoscaling:DescribeScheduledActions",
			"kms:DescribeKey", "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListTags",
		},
	}
	settingsPut = actions{
		table: []string{
			"dynamodb:PutResourcePolicy", "dynamodb:TagResource", "dynamodb:UpdateContinuousBackups",
			"dynamodb:UpdateContributorInsights", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive",
		},
		index:  []string{"dynamodb:UpdateContributorInsights"},
		stream: []string{"dynamodb:PutResourcePolicy"},
		any: []string{
			"application-autoscaling:PutScalingPolicy", "application-autoscaling:PutScheduledAction",
			"application-autoscaling:RegisterScalableTarget",
		},
	}
	recreates = actions{
		table: []string{
			"dynamodb:CreateBackup",
			"dynamodb:CreateTable",
			"dynamodb:DeleteTable",
			"dynamodb:EnableKinesisStreamingDestination",
		},
		backup: []string{"dynamodb:DescribeBackup"},
		any: []string{
			"dynamodb:ListBackups",
			"lambda:CreateEventSourceMapping",
			"lambda:DeleteEventSourceMapping",
			"lambda:TagResource",
		},
	}
)

// keyUse is what DynamoDB does with the new table's key as the principal that asks for the table ("Authorizing use of a
// customer managed key" in "DynamoDB encryption at rest").
var keyUse = actions{table: []string{
	"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
	"kms:ReEncryptFrom", "kms:ReEncryptTo",
}}.of(Copy, "", destinationKey, nil)

// of are the calls for the table of one side.
func (a actions) of(operation Operation, method string, table func(Run) string, when func(Run) bool) []call {
	var list []call
	add := func(actions []string, on func(Run) string) {
		for _, action := range actions {
			list = append(list, call{operation: operation, method: method, action: action, on: on, when: when})
		}
	}
	below := func(kind string) func(Run) string {
		return func(r Run) string {
			if table(r) == "" {
				return ""
			}
			return table(r) + "/" + kind + "/*"
		}
	}
	add(a.table, table)
	add(a.index, below("index"))
	add(a.stream, below("stream"))
	add(a.backup, below("backup"))
	add(a.any, func(Run) string { return "*" })
	return list
}
