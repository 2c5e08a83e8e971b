// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awserr"
)

// errNotKept is the error for a setting that the endpoint does not know.
var errNotKept = errors.New("this endpoint does not keep the setting")

// suffixes are the domains of AWS's endpoints, in all partitions ("AWS service endpoints" in the AWS General
// Reference).
var suffixes = []string{
	".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu",
	".api.aws", ".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu",
	".c2s.ic.gov", ".sc2s.sgov.gov", ".cloud.adc-e.uk", ".csp.hci.ic.gov",
	".api.aws.ic.gov", ".api.aws.scloud", ".api.cloud-aws.adc-e.uk", ".api.aws.hci.ic.gov",
}

// isCustom reports whether the endpoint is the user's own: neither a usual one of AWS nor a VPC endpoint. It may be a
// proxy in front of AWS.
func isCustom(endpoint *string) bool {
	if endpoint == nil {
		return false
	}
	u, err := url.Parse(*endpoint)
	if err != nil {
		return true
	}
	return !slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(u.Hostname(), suffix) })
}

// LocalRegion is the Region in the ARNs of DynamoDB Local, whatever Region its clients use.
const LocalRegion = "ddblocal"

// IsLocalAccount reports whether the account is one that local servers use, whatever the credentials are: DynamoDB
// Local and LocalStack use the first, moto uses the account of AWS's examples.
func IsLocalAccount(account string) bool {
	return account == "000000000000" || account == "123456789012"
}

// isLocal reports whether a local server answers at the endpoint, and not AWS: the endpoint is on this machine, or
// the table's ARN is not one that AWS gives.
func isLocal(endpoint *string, table *types.TableDescription) bool {
	if !isCustom(endpoint) {
		return false
	}
	if u, err := url.Parse(*endpoint); err == nil &&
		(u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()) {
		return true
	}
	parsed, err := arn.Parse(aws.ToString(table.TableArn))
	return err != nil || !strings.HasPrefix(parsed.Partition, "aws") || parsed.Region == LocalRegion ||
		IsLocalAccount(parsed.AccountID)
}

// unreachable reports whether the table is on a local server, and the other service, at that endpoint, is not: that
// service knows nothing of the table.
func (r *reader) unreachable(endpoint *string) bool { return r.local && !isCustom(endpoint) }

// kept turns the error of a server that does not know an operation into errNotKept. If the endpoint may lead to AWS,
// only the code for an unknown operation counts.
func (r *reader) kept(err error) error {
	switch code := awserr.Code(err); {
	case err == nil || !r.custom:
		return err
	case code == "UnknownOperationException", code == "NotImplemented":
		return errNotKept
	case !r.local:
		return err
	case errors.Is(err, syscall.ECONNREFUSED): // DescribeTable succeeded: it is another service that is missing.
		return errNotKept
	}
	switch awserr.Status(err) {
	case http.StatusNotFound, http.StatusInternalServerError, http.StatusNotImplemented:
		return errNotKept
	}
	return err
}
