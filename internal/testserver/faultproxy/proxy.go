// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package faultproxy is an HTTP proxy in front of a DynamoDB endpoint that injects what a local server never does:
// throttles, unprocessed items, server errors, lost connections, slow and corrupted answers.
//
// A signature covers the host, so only endpoints that check none, such as DynamoDB Local, can stand behind it.
package faultproxy

import (
	"bytes"
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Proxy is a running proxy. Its methods may be called by several goroutines, while requests are under way too.
type Proxy struct {
	// URL is the endpoint to give to clients, without a slash at its end.
	URL string

	target    string
	server    *httptest.Server
	transport *http.Transport

	mu        sync.Mutex
	faults    Faults
	draws     *rand.Rand
	onRequest func(operation string, body []byte) *Reply
	requests  map[string]int
	injected  Injected
}

// New starts a proxy on a free port of the loopback interface in front of the endpoint target.
// It panics when there is no port to listen on.
func New(target string, faults Faults) *Proxy {
	p := &Proxy{
		target: strings.TrimSuffix(target, "/"),
		transport: &http.Transport{
			// As many idle connections as a test may have under way: a new one for each request costs more than the request.
			MaxIdleConnsPerHost: 1024,
			// Shorter than the 30 s after which DynamoDB Local closes an idle connection.
			IdleConnTimeout: 10 * time.Second,
		},
		requests: map[string]int{},
	}
	p.SetFaults(faults)
	p.server = httptest.NewServer(p)
	p.URL = p.server.URL
	return p
}

// Close ends the requests that are under way and stops the proxy. The server behind it goes on. A function given to
// OnRequest that blocks must be let go before.
func (p *Proxy) Close() {
	p.server.CloseClientConnections()
	p.server.Close()
	p.transport.CloseIdleConnections()
}

// SetFaults replaces the faults. The next request is the first one of the new plan.
func (p *Proxy) SetFaults(faults Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.draws = faults, newRand(faults.Seed)
}

// OnRequest has the function called for each request, before any fault, with the operation's name, such as "Scan", and
// the request's body, which it must not change. A reply is sent in place of the server's; nil lets the request go on.
// The function may block, and several calls may run at once. It replaces the function of an earlier call; nil removes
// it.
func (p *Proxy) OnRequest(call func(operation string, body []byte) *Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onRequest = call
}

// Requests returns how many requests of each operation have arrived, those that met a fault included.
func (p *Proxy) Requests() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.requests)
}

// Injected returns how many faults have been injected.
func (p *Proxy) Injected() Injected {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.injected
}

func (p *Proxy) count(fault func(*Injected)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault(&p.injected)
}

// ServeHTTP makes a Proxy an [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readAll(r.Body, r.ContentLength)
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")

	p.mu.Lock()
	p.requests[operation]++
	plan, onRequest := p.faults.draw(p.draws), p.onRequest
	p.mu.Unlock()

	if onRequest != nil {
		if reply := onRequest(operation, body); reply != nil {
			reply.write(w)
			return
		}
	}
	p.answer(r, operation, body, plan).write(w)
}

// answer returns the reply to send, of the server or of a fault. It panics with http.ErrAbortHandler, which closes the
// connection without an answer, to drop the request.
func (p *Proxy) answer(r *http.Request, operation string, body []byte, plan *plan) *Reply {
	switch {
	case plan.dropBefore:
		p.count(func(i *Injected) { i.DropBefore++ })
		panic(http.ErrAbortHandler)
	case plan.throttle:
		p.count(func(i *Injected) { i.Throttle++ })
		return throttle(operation, body, plan.detail)
	case plan.serverError:
		p.count(func(i *Injected) { i.ServerError++ })
		if plan.detail.IntN(2) == 0 {
			p.forward(r, body)
		}
		return Error(http.StatusInternalServerError, "InternalServerError", "The request could not be completed.")
	}

	reply := p.forwardPart(r, operation, body, plan)
	if plan.slow {
		p.count(func(i *Injected) { i.Slow++ })
		wait(r.Context(), plan.slowFor)
	}
	if plan.dropAfter {
		p.count(func(i *Injected) { i.DropAfter++ })
		panic(http.ErrAbortHandler)
	}
	if plan.corrupt && reply.corrupt(plan.detail) {
		p.count(func(i *Injected) { i.Corrupt++ })
	}
	return reply
}

// forwardPart forwards the request, of a BatchWriteItem that the plan strikes only a part.
func (p *Proxy) forwardPart(r *http.Request, operation string, body []byte, plan *plan) *Reply {
	if operation != "BatchWriteItem" || !plan.unprocessed {
		return p.forward(r, body)
	}
	batch, ok := splitBatch(body, plan.detail)
	if !ok {
		return p.forward(r, body)
	}
	reply := p.forward(r, batch.forwarded)
	if reply.Status == http.StatusOK {
		reply.addUnprocessed(batch.held)
		p.count(func(i *Injected) { i.Unprocessed++; i.UnprocessedOperations += batch.heldCount })
	}
	return reply
}

// forward sends the request to the server and returns its answer, or an HTTP 502 that contains the reason for none.
func (p *Proxy) forward(r *http.Request, body []byte) *Reply {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return badGateway(err)
	}
	request.Header = r.Header.Clone()
	// The checksum is of the body as it was sent; a plain one can be changed here.
	request.Header.Set("Accept-Encoding", "identity")
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return badGateway(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := readAll(response.Body, response.ContentLength)
	if err != nil {
		return badGateway(err)
	}
	return &Reply{Status: response.StatusCode, Header: response.Header, Body: answer}
}

// readAll reads a body of that many bytes, or of unknown length if it is negative.
func readAll(body io.Reader, length int64) ([]byte, error) {
	if length < 0 {
		return io.ReadAll(body)
	}
	buffer := make([]byte, length)
	_, err := io.ReadFull(body, buffer)
	return buffer, err
}

func wait(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}
