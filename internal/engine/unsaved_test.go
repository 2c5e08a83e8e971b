// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/faultproxy"
)

// fullDisk is a journal whose records cannot be saved any more once full is closed; refused is closed by the first that was not.
type fullDisk struct {
	journal.Journal
	full, refused chan struct{}
	once          sync.Once
}

func (d *fullDisk) Open(ctx context.Context, name string) (journal.Record, error) {
	record, err := d.Journal.Open(ctx, name)
	return fullDiskRecord{record, d}, err
}

type fullDiskRecord struct {
	journal.Record
	disk *fullDisk
}

func (r fullDiskRecord) Save(ctx context.Context, record any) error {
	select {
	case <-r.disk.full:
		r.disk.once.Do(func() { close(r.disk.refused) })
		return errors.New("no space left on device")
	default:
		return r.Record.Save(ctx, record)
	}
}

// A run whose progress can no longer be saved goes on, and says so at its end, whatever that is.
func TestProgressThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, reply *faultproxy.Reply) (*engine.Result, error) {
		s, _ := newStubbedSite(t)
		disk := &fullDisk{Journal: s.engine.Journal, full: make(chan struct{}), refused: make(chan struct{})}
		proxy := faultproxy.New(s.settings.Endpoints["dynamodb"], faultproxy.Faults{})
		t.Cleanup(proxy.Close)
		var once sync.Once
		proxy.OnRequest(func(operation string, _ []byte) *faultproxy.Reply {
			if operation != "BatchWriteItem" {
				return nil
			}
			once.Do(func() { close(disk.full) })
			<-disk.refused
			return reply
		})
		e := s.engineAt(proxy.URL)
		e.Journal = disk
		return e.Copy(t.Context(), job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}}, engine.Observer{})
	}
	t.Run("and that succeeds", func(t *testing.T) {
		t.Parallel()
		result, err := run(t, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Warnings) != 1 || !result.Warnings[0].Warning || result.Warnings[0].Summary != "Progress Could Not Be Saved" || !strings.Contains(result.Warnings[0].Detail(), "no space left") {
			t.Errorf("the remarks are %v", result.Warnings)
		}
	})
	t.Run("and that fails", func(t *testing.T) {
		t.Parallel()
		_, err := run(t, faultproxy.Error(400, "AccessDeniedException", "no"))
		problems := problem.All(err)
		if len(problems) != 2 || problems[0].Summary != "Permission Missing" || !strings.Contains(problems[0].Next, "could not be saved") || strings.Contains(problems[0].Next, "is in the journal") {
			t.Fatalf("the problems are %v", problems)
		}
		if p := problems[1]; p.Summary != "Journal Cannot Be Used" || !strings.Contains(p.Detail(), "no space left") {
			t.Errorf("the second problem is %+v", p)
		}
	})
}
