// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// be gives the table "orders" the status, until it was described so many times.
func (p *plane) be(status types.TableStatus, looks int) {
	set := func(status types.TableStatus) {
		p.EditTable(everysetting.Region, p.account.AccessKey, "orders", func(d *types.TableDescription) { d.TableStatus = status })
	}
	set(status)
	var seen atomic.Int64
	p.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Operation == "DescribeTable" && call.Table == "orders" && seen.Add(1) == int64(looks) {
			set(types.TableStatusActive)
		}
		return nil
	})
}

// A run waits for a table that is being created, and its plan says so.
func TestTableThatIsCreatedIsWaitedFor(t *testing.T) {
	t.Parallel()
	purge := func(method string) func(*testing.T, *plane, bool) ([]*problem.Problem, error) {
		return func(t *testing.T, p *plane, plan bool) ([]*problem.Problem, error) {
			if plan {
				return p.engine.CheckPurge(t.Context(), job.Purge{Table: "orders", Method: method}), nil
			}
			_, err := p.purge(t, "orders", method)
			return nil, err
		}
	}
	copies := func(j job.Copy) func(*testing.T, *plane, bool) ([]*problem.Problem, error) {
		return func(t *testing.T, p *plane, plan bool) ([]*problem.Problem, error) {
			if plan {
				return p.engine.CheckCopy(t.Context(), j), nil
			}
			_, err := p.engine.Copy(t.Context(), j, engine.Observer{})
			return nil, err
		}
	}
	orders, other := job.Source{Table: "orders"}, job.Source{Table: "other"}
	for name, run := range map[string]func(*testing.T, *plane, bool) ([]*problem.Problem, error){
		"delete_items": purge(job.MethodDeleteItems),
		"recreate":     purge(job.MethodRecreate),
		"source":       copies(job.Copy{Source: orders, Destination: job.Destination{Table: "other"}}),
		"destination":  copies(job.Copy{Source: other, Destination: job.Destination{Table: "orders"}}),
		"or to be made": copies(job.Copy{
			Source: other, Destination: job.Destination{Table: "orders", Create: "full"}, Method: job.MethodScan,
		}),
		"replaced": copies(job.Copy{
			Source: other, Destination: job.Destination{Table: "orders"}, Method: job.MethodRestore, Restore: job.Restore{Replace: true},
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "orders", 2)
			p.create(t, "other", 1)
			p.be(types.TableStatusCreating, 1000)
			found, _ := run(t, p, true)
			if len(found) == 0 || found[0].Summary != "Table Not Active" || !found[0].Warning || !strings.Contains(found[0].Next, "waits until the table is ACTIVE") {
				t.Errorf("the plan says %v", found)
			}
			for _, f := range found {
				if !f.Warning {
					t.Errorf("the plan fails: %v", f)
				}
			}
			p.be(types.TableStatusCreating, 2)
			if _, err := run(t, p, false); err != nil {
				t.Error(err)
			}
		})
	}
}

// No run waits longer than ten minutes for a table, or for one that AWS restores or deletes.
func TestTableIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	p := newPlane(t)
	p.create(t, "orders", 2)
	var ahead atomic.Int64
	p.engine.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	set := func(edit func(*types.TableDescription)) {
		p.EditTable(everysetting.Region, p.account.AccessKey, "orders", edit)
	}
	set(func(d *types.TableDescription) { d.TableStatus = types.TableStatusCreating })
	var once sync.Once
	observer := engine.Observer{Every: time.Millisecond, Report: func(s engine.Status) {
		if s.Phase == "waiting for table orders, which is CREATING" {
			once.Do(func() { ahead.Store(int64(11 * time.Minute)) })
		}
	}}
	_, err := p.engine.Purge(t.Context(), job.Purge{Table: "orders", Method: job.MethodDeleteItems}, observer)
	saying(t, err, "Table Not Active", "CREATING", "Wait until it is ACTIVE")
	once.Do(func() { t.Error("the run did not say that it waits") })
	for _, edit := range []func(*types.TableDescription){
		func(d *types.TableDescription) { d.TableStatus = types.TableStatusDeleting },
		func(d *types.TableDescription) {
			d.TableStatus, d.RestoreSummary = types.TableStatusCreating, &types.RestoreSummary{RestoreInProgress: aws.Bool(true)}
		},
	} {
		set(edit)
		if found := p.engine.CheckPurge(t.Context(), job.Purge{Table: "orders"}); len(found) != 1 || found[0].Warning {
			t.Errorf("the plan says %v", found)
		}
		_, err := p.purge(t, "orders", job.MethodDeleteItems)
		saying(t, err, "Table Not Active")
	}
}

// A table that is being changed is read and written, and a recreate whose table came to be so after the plan waits.
func TestTableThatIsUpdating(t *testing.T) {
	t.Parallel()
	for _, method := range []string{job.MethodDeleteItems, job.MethodRecreate} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			p := newPlane(t)
			p.create(t, "orders", 2)
			p.be(types.TableStatusUpdating, 1000)
			refused := false
			for _, found := range p.engine.CheckPurge(t.Context(), job.Purge{Table: "orders", Method: method}) {
				refused = refused || !found.Warning
			}
			if refused != (method == job.MethodRecreate) {
				t.Errorf("the plan refuses: %t", refused)
			}
			p.be(types.TableStatusUpdating, 4)
			if _, err := p.purge(t, "orders", method); err != nil {
				t.Error(err)
			}
			if p.count(t) != 0 {
				t.Error("items are left")
			}
		})
	}
}

// DescribeTable may still say that a table is CREATING, or not know it, when its import or its creation is complete.
func TestCreatedTableIsDescribedLate(t *testing.T) {
	t.Parallel()
	creating := func(body []byte) (int, []byte) {
		return http.StatusOK, bytes.Replace(body, []byte(`"TableStatus":"ACTIVE"`), []byte(`"TableStatus":"CREATING"`), 1)
	}
	missing := func([]byte) (int, []byte) {
		return http.StatusBadRequest, []byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"not yet"}`)
	}
	for name, stale := range map[string]func([]byte) (int, []byte){"creating": creating, "missing": missing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCancelling(t)
			for _, operation := range []string{"ExportTableToPointInTime", "ImportTable"} {
				c.plane.SetLooks(operation, 2)
			}
			target, err := url.Parse(c.plane.URL)
			if err != nil {
				t.Fatal(err)
			}
			var told atomic.Int64
			proxy := &httputil.ReverseProxy{
				Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
				ModifyResponse: func(r *http.Response) error {
					operation := r.Request.Header.Get("X-Amz-Target")
					if r.StatusCode != http.StatusOK || !strings.HasSuffix(operation, ".DescribeImport") && !strings.HasSuffix(operation, ".DescribeTable") {
						return nil
					}
					body, err := io.ReadAll(r.Body)
					if err != nil {
						return err
					}
					switch {
					case strings.HasSuffix(operation, ".DescribeImport") && bytes.Contains(body, []byte(`"COMPLETED"`)):
						told.CompareAndSwap(0, 1)
					case strings.HasSuffix(operation, ".DescribeTable") && bytes.Contains(body, []byte(`"TableName":"made"`)) && told.CompareAndSwap(1, 2):
						r.StatusCode, body = stale(body)
					}
					r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
					r.Header.Set("Content-Length", strconv.Itoa(len(body)))
					r.Header.Del("X-Amz-Crc32")
					return nil
				},
			}
			server := httptest.NewServer(proxy)
			t.Cleanup(server.Close)
			_, err = c.engineAt(server.URL).Copy(t.Context(), job.Copy{
				Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "made", Create: "full"},
				Method: job.MethodExport, Export: job.Export{To: store.S3Place{Bucket: "work", Prefix: "b"}},
			}, engine.Observer{})
			if err != nil || told.Load() != 2 {
				t.Errorf("%v; a stale answer was given: %t", err, told.Load() == 2)
			}
		})
	}
}
