// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"sync"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
)

// A table is not dropped while another run of the machine writes or reads it.
func TestRecreateMeetsARunningCopy(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "from", 3)
	p.create(t, "orders", 0)
	writing, proceed := make(chan struct{}), make(chan struct{})
	begun, release := sync.OnceFunc(func() { close(writing) }), sync.OnceFunc(func() { close(proceed) })
	defer release()
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		switch call.Operation {
		case "BatchWriteItem":
			begun()
			<-proceed
		case "DeleteTable":
			t.Errorf("%s is dropped", call.Table)
		}
		return nil
	})
	copied := make(chan error, 1)
	go func() {
		result, err := p.engine.Copy(t.Context(), job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "orders"}}, engine.Observer{})
		if err == nil && result.Ledger.Written != 3 {
			t.Errorf("the copy has written %d items", result.Ledger.Written)
		}
		copied <- err
	}()
	<-writing
	for _, table := range []string{"from", "orders"} {
		_, err := p.purge(t, table, job.MethodRecreate)
		saying(t, err, "Table Is In Use By Another Run", "depends_on", "Table: "+table)
	}
	release()
	if err := <-copied; err != nil {
		t.Error(err)
	}
}

// A recreate that was planned before another one, which died after the drop, does not take the place of that one's record.
func TestRecreateMeetsAnUnfinishedOne(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 3)
	was := p.account.Everything(t, "orders")
	looks, creates := 0, 0
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		switch call.Operation {
		case "ListBackups": // The last look at the table before the run.
			if looks++; looks == 1 {
				_, err := p.purge(t, "orders", job.MethodRecreate)
				saying(t, err, "The table was dropped")
			}
		case "CreateTable":
			if creates++; creates > 1 { // The first is the proof.
				return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
			}
		}
		return nil
	})
	_, err := p.purge(t, "orders", job.MethodRecreate)
	saying(t, err, "Table Was Recreated Meanwhile", "Apply again")
	p.OnRequest(nil)
	if _, err := p.purge(t, "orders", job.MethodRecreate); err != nil {
		t.Fatal(err)
	}
	sameDocument(t, was, p.account.Everything(t, "orders"))
}
