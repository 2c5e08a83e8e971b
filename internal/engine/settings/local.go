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

// errNotKept says that the endpoint does not know the setting.
var errNotKept = errors.New("this endpoint does not keep the setting")

// suffixes end the names of AWS's endpoints, of all partitions ("AWS service endpoints" in the AWS General Reference).
var suffixes = []string{
	".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu",
	".c2s.ic.gov", ".sc2s.sgov.gov", ".cloud.adc-e.uk", ".csp.hci.ic.gov", ".api.aws.ic.gov", ".api.aws.scloud", ".api.cloud-aws.adc-e.uk", ".api.aws.hci.ic.gov",
}

// isCustom says that the endpoint is one of the user's own: neither AWS's usual one nor a VPC endpoint. A proxy may lead from it to AWS.
func isCustom(endpoint *string) bool {
	if endpoint == nil {
		return false
	}
	u, err := url.Parse(*endpoint)
	return err != nil || !slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(u.Hostname(), suffix) })
}

// LocalRegion stands in the ARNs of DynamoDB Local, whatever Region its clients name.
const LocalRegion = "ddblocal"

// IsLocalAccount says that the account is one of tables on local servers, whatever the credentials are: DynamoDB Local and LocalStack
// have the first, moto the account of AWS's examples.
func IsLocalAccount(account string) bool {
	return account == "000000000000" || account == "123456789012"
}

// isLocal says that a local server answers at the endpoint, and not AWS: it is this machine, or the table's ARN is none that AWS gives.
func isLocal(endpoint *string, table *types.TableDescription) bool {
	if !isCustom(endpoint) {
		return false
	}
	if u, err := url.Parse(*endpoint); err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()) {
		return true
	}
	parsed, err := arn.Parse(aws.ToString(table.TableArn))
	return err != nil || !strings.HasPrefix(parsed.Partition, "aws") || parsed.Region == LocalRegion || IsLocalAccount(parsed.AccountID)
}

// unreachable says that the table is on a local server, and the other service, with that endpoint, is not: it knows
// nothing of the table.
func (r *reader) unreachable(endpoint *string) bool { return r.local && !isCustom(endpoint) }

// kept turns the error of a server that does not know an operation into errNotKept. Behind an endpoint that may lead to AWS, only the
// code that says so counts.
func (r *reader) kept(err error) error {
	switch code := awserr.Code(err); {
	case err == nil || !r.custom:
		return err
	case code == "UnknownOperationException", code == "NotImplemented":
		return errNotKept
	case !r.local:
		return err
	case errors.Is(err, syscall.ECONNREFUSED): // DynamoDB was described: it is another service that is not there.
		return errNotKept
	case slices.Contains([]int{http.StatusNotFound, http.StatusInternalServerError, http.StatusNotImplemented}, awserr.Status(err)):
		return errNotKept
	}
	return err
}
