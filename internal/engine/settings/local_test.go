// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// named returns the site's clients, with DynamoDB at a host of that name.
func (s *site) named(host string) settings.Clients {
	clients, server := s.Clients, strings.TrimPrefix(s.URL, "http://")
	options := s.DynamoDB.Options()
	options.BaseEndpoint = aws.String("http://" + host)
	options.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: func(
		ctx context.Context, network, _ string,
	) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}}
	clients.DynamoDB = dynamodb.New(options)
	return clients
}

// A server's error means that a setting is not kept only if the server is local. A name of the user's own may lead to
// AWS.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	const onAWS = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	broken, unknown := errServer, &smithy.GenericAPIError{Code: "UnknownOperationException", Message: "tags"}
	for name, test := range map[string]struct {
		host, arn string
		answer    error
		notKept   bool
	}{
		"this machine":                    {"127.0.0.1", onAWS, broken, true},
		"this machine, IPv6":              {"[::1]", onAWS, broken, true},
		"localhost":                       {"localhost", onAWS, broken, true},
		"DynamoDB Local in a container":   {"dynamodb", "arn:aws:dynamodb:ddblocal:000000000000:table/orders", broken, true},
		"moto in a container":             {"moto", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders", broken, true},
		"Alternator":                      {"scylla", "arn:scylla:alternator:ks:scylla:table/orders", broken, true},
		"a proxy":                         {"dynamodb.example.com", onAWS, broken, false},
		"another server":                  {"dynamodb.example.com", onAWS, unknown, true},
		"AWS":                             {"dynamodb.eu-west-1.amazonaws.com", onAWS, broken, false},
		"AWS does not know the operation": {"dynamodb.eu-west-1.amazonaws.com", onAWS, unknown, false},
		"AWS, dual stack":                 {"dynamodb.eu-west-1.api.aws", onAWS, unknown, false},
		"AWS in China":                    {"dynamodb.cn-north-1.amazonaws.com.cn", onAWS, unknown, false},
		"AWS in China, dual stack":        {"dynamodb.cn-north-1.api.amazonwebservices.com.cn", onAWS, unknown, false},
		"AWS in Europe":                   {"dynamodb.eusc-de-east-1.amazonaws.eu", onAWS, unknown, false},
		"a VPC endpoint":                  {"vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com", onAWS, unknown, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.create(t, &dynamodb.CreateTableInput{
				TableName: aws.String("orders"), AttributeDefinitions: attributes("id"), KeySchema: key("id"),
				BillingMode: types.BillingModePayPerRequest,
			})
			s.EditTable(region, s.accessKey, "orders", func(d *types.TableDescription) { d.TableArn = aws.String(test.arn) })
			s.OnRequest(func(call controlplane.Call, _ []byte) error {
				switch call.Operation {
				case "ListTagsOfResource":
					return test.answer
				case "GetResourcePolicy": // Of a table by that ARN, which is not on this server.
					return &types.PolicyNotFoundException{Message: aws.String("none")}
				}
				return nil
			})
			snapshot, err := settings.Read(t.Context(), s.named(test.host), "orders")
			switch {
			case (err == nil) != test.notKept:
				t.Errorf("the error is %v", err)
			case test.notKept && !slices.Equal(snapshot.NotKept, []string{"tags"}):
				t.Errorf("not kept: %v", snapshot.NotKept)
			}
		})
	}
}
