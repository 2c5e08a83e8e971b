// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// sharedTimeout bounds the start of a shared server, with the download of DynamoDB Local, which happens once.
	sharedTimeout = 10 * time.Minute
	// usesPerServer is how often a server is shared until new tests get another one. It keeps a database for each access
	// key and Region as long as it runs, and asks each of them for work all the time: 300 that lie idle take a third of a
	// processor.
	usesPerServer = 60
)

// sharedServer is a server with the tests that use it.
type sharedServer struct {
	*Server
	uses  int // So far.
	users int // Now.
}

// sharing is what the tests of this process share.
type sharing struct {
	mu      sync.Mutex
	inMain  bool // Main runs, so somebody will close the last server.
	current *sharedServer
	byTest  map[string]*sharedServer // By the name of the test that is nobody's subtest.
	err     error
}

var shared = sharing{byTest: map[string]*sharedServer{}}

// Main runs the tests of a package and then closes the last server that [Shared] may have started. It returns the exit
// status:
//
//	func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }
func Main(m *testing.M) int {
	shared.mu.Lock()
	shared.inMain = true
	shared.mu.Unlock()

	status := m.Run()

	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.current != nil {
		if err := shared.current.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "close DynamoDB Local:", err)
			return max(status, 1)
		}
	}
	return status
}

// Shared returns a server that many tests of this process share; a test and its subtests get the same one. Each pair of
// an access key and a Region has tables of its own (see [Options]), so tests that take an access key of their own do
// not meet; Text of crypto/rand makes one.
//
// It fails the test when the server cannot be started, and in a package whose TestMain does not call [Main].
func Shared(t testing.TB) *Server {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	server, err := shared.take(test)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shared.giveBack(server); err != nil {
			t.Error("close DynamoDB Local:", err)
		}
	})
	return server.Server
}

func (s *sharing) take(test string) (*sharedServer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.inMain {
		return nil, errors.New("TestMain of this package must call dynamodblocal.Main, which closes the shared server")
	}
	server := s.byTest[test]
	if server == nil {
		if err := s.renew(); err != nil {
			return nil, err
		}
		server = s.current
		s.byTest[test] = server
	}
	server.uses++
	server.users++
	return server, nil
}

// renew makes a server the current one where there is none, or one that has been used enough.
func (s *sharing) renew() error {
	if s.err != nil || s.current != nil && s.current.uses < usesPerServer {
		return s.err
	}
	// Not the context of a test: the server outlives the test that starts it.
	ctx, cancel := context.WithTimeout(context.Background(), sharedTimeout)
	defer cancel()
	server, err := Start(ctx, Options{})
	if err != nil {
		s.err = err
		return err
	}
	last := s.current
	s.current = &sharedServer{Server: server}
	if last != nil {
		return s.closeUnused(last)
	}
	return nil
}

// giveBack ends a use. The server is closed after the last one, unless new tests get it.
func (s *sharing) giveBack(server *sharedServer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	server.users--
	return s.closeUnused(server)
}

// closeUnused closes a server that nobody uses and new tests do not get.
func (s *sharing) closeUnused(server *sharedServer) error {
	if server.users > 0 || server == s.current {
		return nil
	}
	maps.DeleteFunc(s.byTest, func(_ string, of *sharedServer) bool { return of == server })
	return server.Close()
}
