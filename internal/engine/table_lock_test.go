// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
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
		result, err := p.engine.Copy(t.Context(), engine.CopyJob{Source: engine.CopySource{Table: "from"}, Destination: engine.CopyDestination{Table: "orders"}}, engine.Observer{})
		if err == nil && result.Ledger.Written != 3 {
			t.Errorf("the copy has written %d items", result.Ledger.Written)
		}
		copied <- err
	}()
	<-writing
	for _, table := range []string{"from", "orders"} {
		_, err := p.purge(t, table, engine.MethodRecreate)
		saying(t, err, "Table Is In Use By Another Run", "depends_on", "Table: "+table)
	}
	release()
	if err := <-copied; err != nil {
		t.Error(err)
	}
}
