// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/settings"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// pairRun is a run of a round, and what has to be true once it has succeeded. It says what that is of the items, as they are then.
type pairRun struct {
	name  string
	do    func(ctx context.Context, e *engine.Engine) (*engine.Result, error)
	holds func(result *engine.Result) func() error
}

// mortal is the journal of a process: when that is dead, nothing is saved any more, and its locks are free.
type mortal struct {
	journal.Journal
	dead *atomic.Bool
}

func (m mortal) Open(ctx context.Context, name string) (journal.Record, error) {
	record, err := m.Journal.Open(ctx, name)
	return mortalRecord{record, m.dead}, err
}

type mortalRecord struct {
	journal.Record
	dead *atomic.Bool
}

func (r mortalRecord) Save(ctx context.Context, record any) error {
	if r.dead.Load() {
		return nil
	}
	return r.Record.Save(ctx, record)
}

func (r mortalRecord) Remove(ctx context.Context) error {
	if r.dead.Load() {
		return nil
	}
	return r.Record.Remove(ctx)
}

// runs are those of a round: into the table, out of it, in it, and into its source.
func (p *pairs) runs(number int, source, table, out string) []pairRun {
	copies := func(name string, j job.Copy) pairRun {
		from, to := j.Source.Table, j.Destination.Table
		return pairRun{
			name: name,
			do: func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
				return e.Copy(ctx, j, engine.Observer{})
			},
			holds: func(result *engine.Result) func() error {
				want := p.items(from)
				return func() error {
					there := p.items(to)
					for id, item := range want {
						if !reflect.DeepEqual(there[id], item) {
							return fmt.Errorf("item %s of %s is %v in %s, which holds %d items of %d", id, from, there[id], to, len(there), len(want))
						}
					}
					if j.Method != job.MethodRestore && result.Ledger.Written != int64(len(want)) {
						return fmt.Errorf("%d of %d items were written, it says", result.Ledger.Written, len(want))
					}
					return nil
				}
			},
		}
	}
	scan := func(from, to string) job.Copy {
		return job.Copy{Source: job.Source{Table: from}, Destination: job.Destination{Table: to}, Method: job.MethodScan, Throughput: job.Throughput{Concurrency: 1, Segments: 8}}
	}
	load := func(from string) job.Copy {
		return job.Copy{
			Source: job.Source{Table: from}, Destination: job.Destination{Table: table}, Method: job.MethodExport,
			Export: job.Export{To: store.S3Place{Bucket: "work", Prefix: fmt.Sprint(number, "-", from)}},
		}
	}
	made := func(j job.Copy) job.Copy {
		j.Destination.Create = settings.Schema
		return j
	}
	restore := job.Copy{Source: job.Source{Table: source}, Destination: job.Destination{Table: table, Create: settings.Schema}, Method: job.MethodRestore}
	few := &filter.Filter{Expression: "n < :n", Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "5"}}}
	purges := func(name string, j job.Purge, left func(item map[string]types.AttributeValue) bool) pairRun {
		j.Table, j.Throughput = table, job.Throughput{Concurrency: 1, Segments: 8}
		return pairRun{
			name: name,
			do: func(ctx context.Context, e *engine.Engine) (*engine.Result, error) {
				return e.Purge(ctx, j, engine.Observer{})
			},
			holds: func(*engine.Result) func() error {
				return func() error {
					there := p.items(table)
					total := len(there)
					maps.DeleteFunc(there, func(_ string, item map[string]types.AttributeValue) bool { return left(item) })
					if len(there) > 0 {
						return fmt.Errorf("%d of %d items should not be there", len(there), total)
					}
					return nil
				}
			},
		}
	}
	none := func(map[string]types.AttributeValue) bool { return false }
	return []pairRun{
		copies("scan", scan(source, table)), copies("scan of another", scan("other", table)), copies("scan out of it", scan(table, out)), copies("scan into the source", scan("other", source)),
		copies("bulk put", load(source)), copies("bulk put of another", load("other")),
		copies("new: scan", made(scan(source, table))), copies("new: import", made(load(source))), copies("new: restore", restore),
		purges("purge", job.Purge{Method: job.MethodDeleteItems}, none), purges("recreate", job.Purge{Method: job.MethodRecreate}, none),
		purges("purge of some", job.Purge{Method: job.MethodDeleteItems, Filter: few}, func(item map[string]types.AttributeValue) bool {
			n, ok := item["n"].(*types.AttributeValueMemberN)
			return ok && n.Value >= "5"
		}),
	}
}
