// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import "strings"

// partitions maps the beginnings of Regions' names to partitions. The SDK's own table (awsrulesfn) is internal to it.
var partitions = map[string]string{
	"cn-":      "aws-cn",
	"eu-isoe-": "aws-iso-e",
	"eusc-":    "aws-eusc",
	"us-gov-":  "aws-us-gov",
	"us-iso-":  "aws-iso",
	"us-isob-": "aws-iso-b",
	"us-isof-": "aws-iso-f",
}

// Partition returns the partition of a Region, as ARNs name it ("Amazon Resource Names (ARNs)" in the AWS IAM User
// Guide). It is "aws" for an unknown Region.
func Partition(region string) string {
	for prefix, partition := range partitions {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}
