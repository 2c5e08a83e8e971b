// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// deadLetters is the file of the items that DynamoDB refused for good, one a line as {"Item":{...},"Error":"..."}. A copy
// can read it as its source, once the items are corrected. It is safe for concurrent use.
type deadLetters struct {
	path string

	mu   sync.Mutex
	file *os.File
}

func newDeadLetters(directory, run string) *deadLetters {
	return &deadLetters{path: filepath.Join(directory, "dead-letters-"+run+".jsonl")}
}

// add writes the item and why it was refused. The file is made for the first one, for its owner alone.
func (d *deadLetters) add(item []byte, refusal error) error {
	reason, err := json.Marshal(refusal.Error())
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		if d.file, err = os.OpenFile(d.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(d.file, "{\"Item\":%s,\"Error\":%s}\n", item, reason)
	return err
}

// close brings the file to the disk.
func (d *deadLetters) close() error {
	if d.file == nil {
		return nil
	}
	return errors.Join(d.file.Sync(), d.file.Close())
}

// written returns the path of the file, empty if no attempt of the run has made one.
func (d *deadLetters) written() string {
	if _, err := os.Stat(d.path); err != nil {
		return ""
	}
	return d.path
}
