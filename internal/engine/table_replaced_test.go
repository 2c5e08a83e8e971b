// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/awsconn"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
)

// replacing is an engine for which another table with so many items takes the name, as the first request of an operation with the table
// comes. No other request is under way meanwhile.
func (s *site) replacing(operation, table string, items int) *engine.Engine {
	s.t.Helper()
	target, err := url.Parse(s.settings.Endpoints["dynamodb"])
	if err != nil {
		s.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var once sync.Once
	var running sync.RWMutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) {
			once.Do(func() {
				running.Lock()
				defer running.Unlock()
				s.replace(table, items)
			})
		}
		running.RLock()
		defer running.RUnlock()
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(server.Close)
	return s.engineAt(server.URL)
}

// engineAt is an engine that finds DynamoDB at the URL.
func (s *site) engineAt(url string) *engine.Engine {
	s.t.Helper()
	settings := s.settings
	settings.Endpoints = maps.Clone(settings.Endpoints)
	settings.Endpoints["dynamodb"] = url
	connections, err := awsconn.New(s.t.Context(), settings)
	if err != nil {
		s.t.Fatal(err)
	}
	return newEngine(connections, s.directory)
}

// replace puts another table with so many items in the place of the table.
func (s *site) replace(name string, items int) {
	if _, err := s.db.DeleteTable(s.t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
		s.t.Error(err)
	}
	s.create(name)
	s.fill(name, items)
}

// A run between two of whose requests another table takes the name of one of its own says so, and does not offer to resume there.
func TestTableReplaced(t *testing.T) {
	t.Parallel()
	toTable := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"}}
	toFile := job.Copy{Source: job.Source{Table: "from"}, Destination: job.Destination{File: filepath.Join(t.TempDir(), "copy.jsonl")}}
	verified := toTable
	verified.Verify = job.VerifyCount
	for name, test := range map[string]struct {
		at, table, attribute string
		job                  job.Copy
	}{
		"the source":           {"Scan", "from", "source.table", toTable},
		"the source of a file": {"Scan", "from", "source.table", toFile},
		"the destination":      {"BatchWriteItem", "copy", "destination.table", toTable},
		"the verified one":     {"BatchWriteItem", "copy", "destination.table", verified},
		"the purged one":       {"BatchWriteItem", "from", "table", job.Copy{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newStubbedSite(t)
			e := s.replacing(test.at, test.table, 30)
			var err error
			if test.attribute == "table" {
				_, err = e.Purge(t.Context(), job.Purge{Table: test.table, Method: job.MethodDeleteItems}, engine.Observer{})
			} else {
				_, err = e.Copy(t.Context(), test.job, engine.Observer{})
			}
			p := problemOf(t, err)
			if p.Summary != "Table Replaced" || p.Attribute != test.attribute || p.Table != test.table || p.Region == "" || !strings.Contains(p.Counts, "items read") || strings.Contains(p.Next, "resumes") {
				t.Errorf("the problem is %+v", p)
			}
			if file := test.job.Destination.File; file != "" {
				if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("there is a file with the items of two tables: %v", err)
				}
			}
		})
	}
}

// A purge stops soon after another table took the name, so that few items of that one are deleted.
func TestPurgeLeavesAReplacingTable(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	s.fill("from", 1000)
	const items = 500
	_, err := s.replacing("BatchWriteItem", "from", items).Purge(t.Context(), job.Purge{
		Table: "from", Method: job.MethodDeleteItems, Throughput: job.Throughput{WriteUnits: 25},
	}, engine.Observer{})
	if p := problemOf(t, err); p.Summary != "Table Replaced" {
		t.Errorf("the problem is %+v", p)
	}
	if left := len(s.items("from")); left < items/2 {
		t.Errorf("%d of the new table's %d items are left", left, items)
	}
	// The next run is one of the new table, and of all of it.
	result, err := s.engine.Purge(t.Context(), job.Purge{Table: "from", Method: job.MethodDeleteItems}, engine.Observer{})
	if err != nil || result.Resumed || result.Ledger.Written != result.Ledger.Scanned || len(s.items("from")) > 0 {
		t.Errorf("the result of the next run is %+v, %v", result, err)
	}
}

// The job of a distributed run is cancelled when another table takes the name of one of the run's.
func TestEMRTableReplaced(t *testing.T) {
	t.Parallel()
	s, emr := newStubbedSite(t)
	emr.work = func(string) error {
		s.replace("copy", 0)
		emr.state = "RUNNING"
		return nil
	}
	p := s.copies(t.Context(), s.copyJob())
	if p.Summary != "Table Replaced" || p.Attribute != "destination.table" || p.Table != "copy" || strings.Contains(p.Next, "resumes") {
		t.Errorf("the problem is %+v", p)
	}
	if emr.state != "CANCELLED" {
		t.Errorf("the job is %s", emr.state)
	}
}

// A table is no other one because the answer with which it was opened was damaged on its way.
func TestDamagedDescription(t *testing.T) {
	t.Parallel()
	s, _ := newStubbedSite(t)
	target, err := url.Parse(s.settings.Endpoints["dynamodb"])
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var once sync.Once
	proxy.ModifyResponse = func(answer *http.Response) error {
		if !strings.HasSuffix(answer.Request.Header.Get("X-Amz-Target"), ".DescribeTable") {
			return nil
		}
		body, err := io.ReadAll(answer.Body)
		once.Do(func() { body = bytes.ReplaceAll(body, []byte("table/from"), []byte("table/From")) })
		answer.Body = io.NopCloser(bytes.NewReader(body))
		return err
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	result, err := s.engineAt(server.URL).Copy(t.Context(), job.Copy{
		Source: job.Source{Table: "from"}, Destination: job.Destination{Table: "copy"},
	}, engine.Observer{})
	if err != nil || !strings.HasSuffix(result.SourceARN, "table/from") {
		t.Errorf("the result is %+v, %v", result, err)
	}
}
