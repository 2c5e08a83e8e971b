// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package controlplane

// change is a state that passes, such as CREATING. It is seen by a number of requests and then gives way: counted in
// requests, not in time, so that tests neither wait nor race. The zero value is no change.
type change struct {
	looks  int
	settle func()
}

// start has settle called by the request after the next looks ones that see the change.
func (c *change) start(looks int, settle func()) { *c = change{looks: looks, settle: settle} }

// look is one request that sees the state.
func (c *change) look() {
	switch {
	case c.settle == nil:
	case c.looks > 0:
		c.looks--
	default:
		settle := c.settle
		*c = change{}
		settle()
	}
}

// defaultLooks is enough to meet every passing state once.
const defaultLooks = 1

// SetLooks sets how many requests see the state that a change of the operation puts its object in before the change is
// complete: CREATING after "CreateTable" or "CreateBackup", DELETING after "DeleteTable", and so on. It is 1 from the
// start; a number that no test reaches makes a change that never ends. It counts for later requests of the operation.
// "UpdateContinuousBackups" stands for how often that operation and CreateBackup are refused after a table's creation.
//
// A request sees a table's state if it names the table and is not one of the data operations.
func (s *Server) SetLooks(operation string, looks int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks[operation] = looks
}

// begin starts a change that the request makes.
func (r *request) begin(c *change, settle func()) { r.server.begin(r.Operation, c, settle) }

func (s *Server) begin(operation string, c *change, settle func()) {
	looks, ok := s.looks[operation]
	if !ok {
		looks = defaultLooks
	}
	c.start(looks, settle)
}
