// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

// Package transform changes items on their way from a source to a destination.
//
// The steps of a transform are compiled once, when a run is planned, and applied to each item as DynamoDB JSON. Only
// the attributes that a step names are decoded; every other one keeps its bytes, so numbers keep their 38 digits and
// sets their members. A new kind of step is a new file with a type that implements step.
//
// Errors name the step and the attribute as the user wrote them, and never hold a value of an item.
package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// Step is one step as the user writes it: exactly one of its fields is given. The keys of Rename and Set and the
// elements of the lists are paths such as address.street, lines[0].sku or "a.b".
type Step struct {
	// Rename gives attributes another name, in the map that they are in.
	Rename map[string]string
	// Remove takes attributes out, Keep all others.
	Remove, Keep []string
	// Set gives attributes the value of a CEL expression.
	Set map[string]string
	// Mask hides the characters of texts.
	Mask []string
	// DropIf leaves an item out for which the CEL expression is true.
	DropIf *string
}

// Options are what a transform needs to know besides its steps.
type Options struct {
	// HMACKey is the key of the function hmac. Without it, an expression that calls hmac is refused, unless HMACKeyLater
	// reports that the key is not known yet: such a program can be checked, but must not be applied.
	HMACKey      []byte
	HMACKeyLater bool
}

// Run is what expressions can read of the run.
type Run struct {
	ID        string
	StartedAt time.Time
}

// step is one compiled step. It is safe for concurrent use.
type step interface {
	// apply edits the item. It reports false if the item is left out. An error is an *Error.
	apply(d *document) (keep bool, err error)
	// reshape notes what the step does to the attributes that keys are made of.
	reshape(s *shape)
}

// Program is a compiled transform. It is safe for concurrent use.
type Program struct {
	steps      []step
	definition []byte
	final      *shape
	keys       item.Keys // The destination's.
	keyed      bool
	run        Run
	documents  *sync.Pool
}

// Compile prepares the steps. Each problem names the argument at fault, such as transform[2].set["email"], with the
// place in it.
func Compile(steps []Step, options Options) (*Program, []*problem.Problem) {
	c := &compiler{options: options}
	p := &Program{documents: &sync.Pool{New: func() any { return new(document) }}}
	for i, s := range steps {
		if compiled := c.step(fmt.Sprintf("transform[%d]", i), s); compiled != nil {
			p.steps = append(p.steps, compiled)
		}
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	p.keyed = c.keyed
	p.definition = definition(steps, options.HMACKey, c.keyed)
	p.final = p.shapeOf(nil)
	return p, nil
}

// definition is the steps, with what tells the key of hmac apart from others if they use it.
func definition(steps []Step, key []byte, keyed bool) []byte {
	sum := ""
	if keyed {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("dynamoops transform"))
		sum = hex.EncodeToString(mac.Sum(nil))
	}
	text, err := json.Marshal([]any{steps, sum})
	if err != nil {
		panic(err) // Texts have always a JSON form.
	}
	return text
}

// Definition is the transform in bytes that are equal exactly when it does the same. The key of hmac is in it as a
// hash.
func (p *Program) Definition() []byte { return p.definition }

// Keyed reports whether an expression uses the key of hmac.
func (p *Program) Keyed() bool { return p.keyed }

// keptBytes is the most that is kept of one item's memory for the next one.
const keptBytes = 1 << 20

// For returns the program for one run to a destination with those keys, which are zero for a file.
func (p *Program) For(run Run, keys item.Keys) *Program {
	ready := *p
	ready.run, ready.keys = run, keys
	return &ready
}

// Apply appends the transformed item to dst, or returns false if a step leaves it out. The item is one that item.End
// has walked. With an error, which is an *Error, or without keep, dst comes back as it was.
func (p *Program) Apply(dst, raw []byte) (out []byte, keep bool, err error) {
	d, _ := p.documents.Get().(*document)
	defer func() {
		if cap(d.made) <= keptBytes {
			p.documents.Put(d)
		}
	}()
	d.run = p.run
	if err := d.read(raw); err != nil {
		return dst, false, err
	}
	for _, s := range p.steps {
		if keep, err := s.apply(d); err != nil || !keep {
			return dst, false, err
		}
	}
	if err := p.checkKey(d); err != nil {
		return dst, false, err
	}
	return d.appendTo(dst), true, nil
}

// Error is why a transform cannot be applied to an item. It never holds a value.
type Error struct {
	// Attribute is the argument at fault, such as transform[2].set["email"].
	Attribute string
	// Cause says why and Next what to do, in full sentences.
	Cause, Next string
}

func (e *Error) Error() string { return e.Attribute + ": " + e.Cause }
