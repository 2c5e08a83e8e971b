// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package dynamodblocal runs DynamoDB Local for tests and for the demo.
//
// It needs Java 17 or newer and, the first time, Maven, which downloads DynamoDB Local into the user's cache folder.
// The tests of a process share servers (see [Main] and [Shared]); [Start] makes one of its own.
package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// startTimeout bounds the time from the start of the process to its first answer: 2-5 seconds, more on a busy machine.
	startTimeout = 2 * time.Minute
	// portTries is how often to take another free port when somebody else takes the one that was free a moment ago.
	portTries = 3
	// defaultMemoryMB is enough for some 100,000 items of 0.5 KB.
	defaultMemoryMB = 1024
)

// errPortTaken says that the server could not listen on its port.
var errPortTaken = errors.New("another process uses the port")

// Options are the settings of one server. The zero value is good.
type Options struct {
	// Port is the TCP port to listen on. 0 takes a free one.
	Port int
	// SharedDB gives all access keys and Regions the same tables. Without it each pair of an access key and a Region has
	// tables of its own, which makes two accounts or two Regions out of one server.
	SharedDB bool
	// MemoryMB is the most heap the server may take, in MiB. 0 means 1024.
	MemoryMB int
}

// Server is a running DynamoDB Local. Its tables are in memory and are gone once it is closed.
type Server struct {
	// URL is the endpoint to give to clients, without a slash at its end.
	URL string

	process *process
	temp    string
}

// Start starts a server and returns when it answers. The context bounds the start alone; the server runs until Close,
// and on Linux at most until the process that started it ends.
//
// The error contains the end of the server's log, or says what must be installed.
func Start(ctx context.Context, options Options) (*Server, error) {
	java, err := lookUp("java", "a Java runtime, version 17 or newer")
	if err != nil {
		return nil, err
	}
	jars, err := jarFolder(ctx)
	if err != nil {
		return nil, fmt.Errorf("download DynamoDB Local: %w", err)
	}
	for try := 1; ; try++ {
		server, err := startOnce(ctx, java, jars, options)
		if err == nil {
			return server, nil
		}
		if options.Port != 0 || try == portTries || !errors.Is(err, errPortTaken) {
			return nil, fmt.Errorf("start DynamoDB Local: %w", err)
		}
	}
}

func startOnce(ctx context.Context, java, jars string, options Options) (_ *Server, err error) {
	port, err := freePort(options.Port)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "dynamoops-dynamodb-local-*")
	if err != nil {
		return nil, err
	}
	server := &Server{URL: "http://127.0.0.1:" + strconv.Itoa(port), temp: temp}
	defer func() {
		if err != nil {
			err = errors.Join(err, server.Close())
		}
	}()

	command := exec.Command(java, arguments(jars, temp, port, options)...)
	command.Dir = temp
	if server.process, err = startProcess(command); err != nil {
		return nil, err
	}
	return server, server.awaitAnswer(ctx)
}

func arguments(jars, temp string, port int, options Options) []string {
	memory := options.MemoryMB
	if memory == 0 {
		memory = defaultMemoryMB
	}
	list := []string{
		// Most of the heap is for what a request leaves behind: the tables are not in it.
		"-Xmx" + strconv.Itoa(memory) + "m", "-Xmn" + strconv.Itoa(memory/2) + "m",
		// One collector thread: tests share the machine with the server. The thorough compiler takes up what is twenty times
		// as hot as it would by default: it costs a server that lives for seconds a third of its work, and saves one that
		// many items are written to as much.
		"-XX:+UseSerialGC", "-XX:Tier4InvocationThreshold=100000", "-XX:Tier4MinInvocationThreshold=12000",
		"-XX:Tier4CompileThreshold=300000",
		"-XX:Tier4BackEdgeThreshold=800000",
		// Nothing outside the temporary folder: SQLite's library is unpacked there, and the performance data, which would
		// go elsewhere, is off.
		"-Djava.io.tmpdir=" + temp, "-XX:-UsePerfData",
		"-cp", filepath.Join(jars, "*"),
		"software.amazon.dynamodb.services.local.main.ServerRunner",
		"-inMemory", "-disableTelemetry", "-port", strconv.Itoa(port),
	}
	if options.SharedDB {
		list = append(list, "-sharedDb")
	}
	return list
}

// freePort returns the port, or any free one for 0, after a look whether it can be listened on. Without that look,
// another server on the same port would pass for ours until ours has noticed.
func freePort(port int) (int, error) {
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errPortTaken, err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(fmt.Errorf("%s is not a TCP address", listener.Addr()), listener.Close())
	}
	return address.Port, listener.Close()
}

// awaitAnswer returns nil once the server answers a request, in whatever way.
func (s *Server) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("no answer within %s", startTimeout))
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for !answers(ctx, s.URL) {
		select {
		case <-s.process.ended:
			log := s.process.log.String()
			err := fmt.Errorf(
				"it ended before it answered (%w); it needs Java 17 or newer; its log ends:\n%s",
				s.process.err,
				log,
			)
			if strings.Contains(log, "Address already in use") {
				err = fmt.Errorf("%w: %w", errPortTaken, err)
			}
			return err
		case <-ctx.Done():
			return fmt.Errorf("%w; its log ends:\n%s", context.Cause(ctx), s.process.log)
		case <-retry.C:
		}
	}
	return nil
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil
}

// Close ends the server and removes everything it has written. A second call does nothing.
func (s *Server) Close() error {
	var err error
	if s.process != nil {
		err = s.process.kill()
	}
	return errors.Join(err, os.RemoveAll(s.temp))
}
