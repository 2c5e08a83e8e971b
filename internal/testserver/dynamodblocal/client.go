// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// SecretKey goes with every access key: DynamoDB Local checks no signature.
const SecretKey = "secret"

// Client returns a client of the server for the Region and the access key, which must consist of letters and digits.
func (s *Server) Client(region, accessKey string) *dynamodb.Client {
	return NewClient(s.URL, region, accessKey)
}

// NewClient is Server.Client for another endpoint, such as a proxy in front of a server.
func NewClient(url, region, accessKey string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url),
		Region:       region,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, SecretKey, ""),
	})
}
