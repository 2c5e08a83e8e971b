// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package controlplane is a stand-in for the AWS APIs that a DynamoDB table's settings live in, in front of a DynamoDB
// Local that holds the items: tables, tags, policies, backups and the rest of DynamoDB's control plane, Application
// Auto Scaling and Lambda's event source mappings, all at one URL.
//
// It is as strict as AWS. What is wrong in a request is refused, states such as CREATING and DELETING pass, and what
// AWS loses is lost. Requests on items go through to DynamoDB Local. Global secondary indexes with several hash or
// range attributes and vector indexes exist here alone, since DynamoDB Local knows none: they can be described but not
// queried.
//
// As with DynamoDB Local, each pair of an access key and a Region has tables of its own; [Account] is the account of an
// access key. Requests on items of DynamoDB Local's tables that were not made here are refused, as the tables do not
// exist.
package controlplane

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Server is a running control plane. Its methods may be called by several goroutines, while requests are under way too.
type Server struct {
	// URL is the endpoint to give to clients of DynamoDB, Application Auto Scaling and Lambda, without a slash at its end.
	URL string

	http      *httptest.Server
	local     *url.URL
	transport *http.Transport
	proxy     *httputil.ReverseProxy

	mu           sync.Mutex
	calls        []Call
	onRequest    func(call Call, body []byte) error
	looks        map[string]int
	limitTTL     bool
	recoveryLag  time.Duration
	restores     int
	failRestores int
	writeQuota   int64
	leftRestore  types.TableStatus
	failExports  int
	failBulks    int
	failImports  int
	storage      *s3.Client

	accessKeys map[string]string // by account
	tables     map[place]map[string]*table
	backups    []*backup
	exports    []*export
	bulks      []*bulk
	imports    []*imported
	scaling    map[place]*scaling
	mappings   []*mapping
}

// New starts a server on a free port of the loopback interface in front of the DynamoDB Local at the URL.
// It panics when the URL is none, and when there is no port to listen on.
func New(local string) *Server {
	target, err := url.Parse(local)
	if err != nil {
		panic(err)
	}
	s := &Server{
		local:      target,
		writeQuota: newWriteQuota,
		// As many idle connections as a test may have under way, and closed before DynamoDB Local does it after 30 s.
		transport:  &http.Transport{MaxIdleConnsPerHost: 1024, IdleConnTimeout: 10 * time.Second},
		looks:      map[string]int{},
		accessKeys: map[string]string{},
		tables:     map[place]map[string]*table{},
		scaling:    map[place]*scaling{},
	}
	s.proxy = &httputil.ReverseProxy{
		Transport: s.transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(s.local) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "DynamoDB Local: "+err.Error(), http.StatusBadGateway)
		},
	}
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// Close ends the requests that are under way and stops the server. DynamoDB Local goes on, and keeps the tables.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
	s.transport.CloseIdleConnections()
}

// OnRequest has the function called for each request, in place of which AWS would do its authorization and its
// throttling. An error is sent as the answer: one of the SDK's, such as *[types.LimitExceededException], or a
// smithy.GenericAPIError with the code of another one, such as "AccessDeniedException". With nil the request goes on.
// The function may block, and several calls may run at once. It replaces the function of an earlier call; nil removes
// it.
func (s *Server) OnRequest(call func(call Call, body []byte) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRequest = call
}

// ServeHTTP makes a Server an [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	request, err := s.receive(r, body)
	if err != nil {
		refuse(w, err)
		return
	}
	if request.isData() {
		s.forward(w, request)
		return
	}
	output, err := s.answer(request)
	if err != nil {
		refuse(w, err)
		return
	}
	reply(w, http.StatusOK, output)
}

func (s *Server) answer(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.answer()
}

// LimitTimeToLive has UpdateTimeToLive refused for a table whose time to live was changed before, which DynamoDB does
// for about an hour. ("Enable Time to Live (TTL)": each update takes up to an hour, in which there can be no other.)
func (s *Server) LimitTimeToLive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limitTTL = true
}

// LagRecovery has the latest time that a table can be restored to lie so far back, as it does by some minutes at AWS.
// It is 0 from the start.
func (s *Server) LagRecovery(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recoveryLag = by
}

// Restores is how many restores have begun.
func (s *Server) Restores() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restores
}

// FailRestores has the next n restores end in an error: the new table is gone when its creation should be complete.
func (s *Server) FailRestores(n int) { s.LeaveRestores(n, "") }

// LeaveRestores has the next n restores end in an error that leaves the new table, with its items, in that status.
func (s *Server) LeaveRestores(n int, status types.TableStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failRestores, s.leftRestore = n, status
}

// UseS3 sets the S3 that exports are written to, and bulk operations and imports read from. Whatever the caller's
// account, it is reached with the client's credentials: what principals may do in S3 is not looked at here.
func (s *Server) UseS3(client *s3.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storage = client
}

// FailExports has the next n exports end as FAILED, without a summary in S3.
func (s *Server) FailExports(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failExports = n
}

// FailBulkOperations has the next n bulk operations end as FAILED, without an item written.
func (s *Server) FailBulkOperations(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failBulks = n
}

// FailImports has the next n imports end as FAILED, with half of the items in the table.
func (s *Server) FailImports(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failImports = n
}

// EditTable changes what DescribeTable says of a table that exists, for what a test cannot bring about otherwise:
// ItemCount and TableSizeBytes, which stay at 0 as if DynamoDB had not counted yet, the status
// INACCESSIBLE_ENCRYPTION_CREDENTIALS, an index that is CREATING. A status stays until it is edited again or a change
// that is under way completes.
func (s *Server) EditTable(region, accessKey, name string, edit func(*types.TableDescription)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(&s.tables[place{Account(accessKey), region}][name].description)
}
