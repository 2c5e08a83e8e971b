// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package problem

import (
	"encoding/json"
	"errors"
)

// fields is a Problem less its methods; the original error goes as text.
type fields Problem

type wireProblem struct {
	*fields
	Err string `json:",omitempty"`
}

// MarshalJSON gives the problem with the text of the original error.
func (p *Problem) MarshalJSON() ([]byte, error) {
	w := wireProblem{fields: (*fields)(p)}
	if p.Err != nil {
		w.Err = p.Err.Error()
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON gave. Of the original error only the text comes back.
func (p *Problem) UnmarshalJSON(raw []byte) error {
	w := wireProblem{fields: (*fields)(p)}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if w.Err != "" {
		p.Err = errors.New(w.Err)
	}
	return nil
}
