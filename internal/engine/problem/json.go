// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem

import (
	"encoding/json"
	"errors"
)

// fields is a Problem without its methods, so that encoding it does not call MarshalJSON again.
type fields Problem

// jsonProblem is a Problem in JSON, where the original error is a text.
type jsonProblem struct {
	*fields
	Err string `json:",omitempty"`
}

// MarshalJSON encodes the problem with the text of the original error.
func (p *Problem) MarshalJSON() ([]byte, error) {
	w := jsonProblem{fields: (*fields)(p)}
	if p.Err != nil {
		w.Err = p.Err.Error()
	}
	return json.Marshal(w)
}

// UnmarshalJSON decodes what MarshalJSON has encoded. Only the text of the original error is restored.
func (p *Problem) UnmarshalJSON(raw []byte) error {
	w := jsonProblem{fields: (*fields)(p)}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if w.Err != "" {
		p.Err = errors.New(w.Err)
	}
	return nil
}
