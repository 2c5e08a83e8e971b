// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package managed_test

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }

// newAccount returns an account of its own on a control plane of its own.
func newAccount(t *testing.T) *everysetting.Account {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	return everysetting.NewAccount(server, rand.Text())
}

// noWait is a Sleep that does not wait: the control plane counts requests, not time.
func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }
