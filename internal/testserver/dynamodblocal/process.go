// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// process is a running child process whose output is read.
type process struct {
	command *exec.Cmd
	log     *tail
	ended   chan struct{} // closed when the process has ended
	err     error         // how it ended; set before ended is closed
}

// startProcess starts the command with its output in the process's log.
func startProcess(command *exec.Cmd) (*process, error) {
	p := &process{command: command, log: &tail{}, ended: make(chan struct{})}
	command.Stdout, command.Stderr = p.log, p.log
	command.SysProcAttr = attributes()
	// Wait must not depend on a grandchild that keeps the output open.
	command.WaitDelay = time.Second

	started := make(chan error)
	go func() {
		// Linux sends the parent's death signal when the thread that started the child ends, so that thread is kept until
		// the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err != nil {
			return
		}
		if p.err = command.Wait(); p.err == nil {
			p.err = errors.New("exit status 0")
		}
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// kill ends the process and its children, and returns when it has ended.
func (p *process) kill() error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	err := killTree(p.command.Process)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return nil
}

// tailSize is how much of a log is kept, in bytes: enough for a Java stack trace.
const tailSize = 8 << 10

// tail keeps the end of what is written to it. Its zero value is ready, and it may be used by several goroutines.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, text...)
	if over := len(t.text) - tailSize; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(text), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
