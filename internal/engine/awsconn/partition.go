// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package awsconn

import "strings"

// partitions are those of Regions by the beginnings of their names. The SDK's own table (awsrulesfn) is internal to it.
var partitions = []struct{ prefix, name string }{
	{
		"cn-",
		"aws-cn",
	}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"},
	{"eusc-", "aws-eusc"},
}

// Partition is the partition of a Region, as ARNs name it ("Amazon Resource Names (ARNs)" in the AWS IAM User Guide);
// "aws" for one that is not known.
func Partition(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}
