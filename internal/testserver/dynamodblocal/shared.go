// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// sharedTimeout bounds the start of the shared server, with the download of DynamoDB Local, which happens once.
const sharedTimeout = 10 * time.Minute

// sharedServer is the server of this test process.
type sharedServer struct {
	mu     sync.Mutex
	inMain bool // Main runs, so somebody will close the server
	server *Server
	err    error
}

var shared sharedServer

// Main runs the tests of a package and then closes the server that [Shared] may have started. It returns the exit status:
//
//	func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }
func Main(m *testing.M) int {
	shared.mu.Lock()
	shared.inMain = true
	shared.mu.Unlock()

	status := m.Run()

	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server != nil {
		if err := shared.server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "close DynamoDB Local:", err)
			return max(status, 1)
		}
	}
	return status
}

// Shared returns the one server of this test process, starting it for the first test that asks. Each pair of an access key
// and a Region has tables of its own (see [Options]), so tests that take an access key of their own do not meet; Text of
// crypto/rand makes one.
//
// It fails the test when the server cannot be started, and in a package whose TestMain does not call [Main].
func Shared(t testing.TB) *Server {
	t.Helper()
	server, err := shared.get()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func (s *sharedServer) get() (*Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.inMain {
		return nil, errors.New("TestMain of this package must call dynamodblocal.Main, which closes the shared server")
	}
	if s.server == nil && s.err == nil {
		// Not the context of a test: the server outlives the test that starts it.
		ctx, cancel := context.WithTimeout(context.Background(), sharedTimeout)
		defer cancel()
		s.server, s.err = Start(ctx, Options{})
	}
	return s.server, s.err
}
