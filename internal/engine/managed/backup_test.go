// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/managed"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// A backup whose answer was lost is found, and not created twice. Only the run that created it deletes it.
func TestBackup(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	account.Create(t, &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: everysetting.Attributes("id"), KeySchema: everysetting.Key("id"),
	})
	created, ours := 0, false
	account.Server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation != "CreateBackup" || ours {
			return nil
		}
		ours = true
		defer func() { ours = false }()
		_, err := account.DynamoDB.CreateBackup(t.Context(), &dynamodb.CreateBackupInput{
			TableName: aws.String("orders"), BackupName: aws.String("mine"),
		})
		if err != nil {
			return err // The table is too new.
		}
		created++
		return &smithy.GenericAPIError{Code: "InternalServerError", Message: "try again", Fault: smithy.FaultServer}
	})
	mine := managed.Backup{Client: account.DynamoDB, Table: "orders", Name: "mine", Sleep: noWait}
	arn, err := mine.Make(t.Context())
	if err != nil || arn == "" || created != 1 {
		t.Fatalf("%q was created %d times: %v", arn, created, err)
	}
	if err := mine.Await(t.Context(), arn); err != nil {
		t.Error(err)
	}
	other := mine
	other.Name = "other"
	if owned, err := other.Owns(t.Context(), arn); owned || err != nil {
		t.Errorf("another run owns the backup: %t, %v", owned, err)
	}
	if err := other.Delete(t.Context(), arn); err == nil {
		t.Error("another run has deleted the backup")
	}
	if owned, err := mine.Owns(t.Context(), arn); !owned || err != nil {
		t.Errorf("the run owns its backup: %t, %v", owned, err)
	}
	for range 2 { // The second time it does not exist any more.
		if err := mine.Delete(t.Context(), arn); err != nil {
			t.Error(err)
		}
	}
	err = mine.Await(t.Context(), arn)
	if failed, ok := errors.AsType[*managed.FailedError](err); !ok || failed.Status != "DELETED" {
		t.Errorf("the backup is deleted, and the error is %v", err)
	}
}
