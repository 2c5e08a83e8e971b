// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/recreate/steps"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

var errServer = &smithy.GenericAPIError{Code: "InternalServerError", Message: "try again", Fault: smithy.FaultServer}

// While there may be no table, transient failures end nothing: a lost answer to DeleteTable, and one failure of each
// kind of request.
func TestFailuresThatPassAfterTheDrop(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
	dropped, ours, failed := false, false, map[string]int{}
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		if ours {
			return nil
		}
		if call.Operation == "DeleteTable" && !dropped {
			dropped, ours = true, true
			_, err := s.DynamoDB.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("orders")})
			if ours = false; err != nil {
				return err
			}
			return errServer // It was carried out.
		}
		// Every second one fails, until the table exists again.
		if count := failed[call.Operation]; dropped &&
			slices.Contains([]string{"DescribeTable", "CreateTable"}, call.Operation) && failed["UpdateTimeToLive"] == 0 {
			if failed[call.Operation]++; count%2 == 0 && count < 8 {
				return errServer
			}
		}
		return nil
	})
	if _, err := s.recreate(t, t.TempDir(), before); err != nil {
		t.Fatal(err)
	}
	if failed["DescribeTable"] < 4 || failed["CreateTable"] < 2 {
		t.Errorf("the failures were %v", failed)
	}
	s.account.Settle(t, "orders")
	sameLines(t, was, s.account.Everything(t, "orders"))
}

// A new table that another client deletes before it has all settings is created again.
func TestNewTableIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
	folder := t.TempDir()
	s.OnRequest(func(call controlplane.Call, _ []byte) error { return denied(call, "UpdateTimeToLive") })
	if _, err := s.recreate(t, folder, before); err == nil || !strings.Contains(err.Error(), "put back time_to_live") {
		t.Fatalf("the error is %v", err)
	}
	s.OnRequest(nil)
	s.drop(t, "orders")
	if _, err := s.recreate(t, folder, before); err != nil {
		t.Fatal(err)
	}
	s.account.Settle(t, "orders")
	sameLines(t, was, s.account.Everything(t, "orders"))
}

// If a setting cannot be put back, the others are, except for deletion protection, which would keep the table from
// being recreated again.
func TestOneSettingCannotBePutBack(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
	folder := t.TempDir()
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "EnableKinesisStreamingDestination" {
			return &types.ResourceNotFoundException{Message: aws.String("no such stream")}
		}
		return nil
	})
	_, err := s.recreate(t, folder, before)
	if err == nil || !strings.Contains(err.Error(), "put back kinesis_destinations") {
		t.Fatalf("the error is %v", err)
	}
	after := s.read(t, "orders")
	for name, value := range before.Settings {
		missing := name == "kinesis_destinations" || name == "deletion_protection"
		if string(after.Settings[name]) == string(value) == missing {
			t.Errorf("%s is %s, and was %s", name, after.Settings[name], value)
		}
	}
	s.OnRequest(nil)
	if _, err := s.recreate(t, folder, before); err != nil {
		t.Fatal(err)
	}
	s.account.Settle(t, "orders")
	sameLines(t, was, s.account.Everything(t, "orders"))
}

// A recreate that resumes just before the drop proves again that the table can be created.
func TestCreationIsProvedAgain(t *testing.T) {
	t.Parallel()
	for _, dies := range []string{"RegisterScalableTarget", "UpdateTable"} {
		s := newFullSite(t)
		was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
		s.dieAt(dies)
		folder := t.TempDir()
		if _, err := s.recreate(t, folder, before); err == nil {
			t.Fatal("the recreate is complete")
		}
		s.OnRequest(func(call controlplane.Call, _ []byte) error {
			if call.Operation == "DeleteTable" {
				t.Error("the table is dropped")
			}
			return denied(call, "CreateTable")
		})
		_, err := s.recreate(t, folder, nil)
		var stopped *steps.StepError
		if !errors.As(err, &stopped) || !stopped.Undone {
			t.Fatalf("the error is %v: %+v", err, stopped)
		}
		s.account.Settle(t, "orders")
		sameLines(t, was, s.account.Everything(t, "orders"))
	}
}

// A setting that another client changes while a recreate prepares is not lost: the table is not dropped. Capacity
// that auto scaling has changed does not count.
func TestSettingChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*testing.T, *site) error
		drops  bool
	}{
		"a tag": {change: func(t *testing.T, s *site) error {
			_, err := s.DynamoDB.TagResource(t.Context(), &dynamodb.TagResourceInput{
				ResourceArn: aws.String(controlplane.TableARN(region, s.accessKey, "orders")),
				Tags:        []types.Tag{{Key: aws.String("new"), Value: aws.String("x")}},
			})
			return err
		}},
		"capacity": {drops: true, change: func(_ *testing.T, s *site) error {
			s.EditTable(region, s.accessKey, "orders", func(d *types.TableDescription) {
				d.ProvisionedThroughput.ReadCapacityUnits = aws.Int64(77)
			})
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFullSite(t)
			before := s.read(t, "orders")
			was, changed := "", false
			s.OnRequest(func(call controlplane.Call, _ []byte) error {
				if call.Operation == "RegisterScalableTarget" && !changed {
					changed = true
					if err := test.change(t, s); err != nil {
						t.Error(err)
					}
				}
				return nil
			})
			folder := t.TempDir()
			_, err := s.recreate(t, folder, before)
			if test.drops {
				if err != nil || s.read(t, "orders").Table.ID == before.Table.ID {
					t.Errorf("the table was not recreated: %v", err)
				}
				return
			}
			var stopped *steps.StepError
			if !errors.Is(err, steps.ErrChanged) || !errors.As(err, &stopped) || !stopped.Undone ||
				!strings.Contains(err.Error(), "tags was") {
				t.Fatalf("the error is %v", err)
			}
			if s.read(t, "orders").Table.ID != before.Table.ID || records(t, folder) != 0 {
				t.Error("it is another table, or is still in the journal")
			}
			was = s.account.Everything(t, "orders")
			if _, err := s.recreate(t, folder, s.read(t, "orders")); err != nil {
				t.Fatal(err)
			}
			s.account.Settle(t, "orders")
			sameLines(t, was, s.account.Everything(t, "orders"))
		})
	}
}

// A table that was just created, and that some reads do not find, gets its settings all the same.
func TestNewTableIsNotFoundAtFirst(t *testing.T) {
	t.Parallel()
	s := newFullSite(t)
	was, before := s.account.Everything(t, "orders"), s.read(t, "orders")
	dropped, looks, missed := false, 0, 0
	s.OnRequest(func(call controlplane.Call, _ []byte) error {
		switch {
		case call.Operation == "DeleteTable":
			dropped = true
		case dropped && call.Operation == "UpdateTimeToLive": // The settings are being put back.
			looks++
		case looks > 0 && call.Operation == "DescribeTable":
			if looks++; looks%5 == 0 && missed < 3 {
				missed++
				return &types.ResourceNotFoundException{Message: aws.String("not yet")}
			}
		}
		return nil
	})
	if _, err := s.recreate(t, t.TempDir(), before); err != nil || missed != 3 {
		t.Fatalf("after %d misses: %v", missed, err)
	}
	s.OnRequest(nil)
	s.account.Settle(t, "orders")
	sameLines(t, was, s.account.Everything(t, "orders"))
}
