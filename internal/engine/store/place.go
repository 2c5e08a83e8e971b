// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import "fmt"

// Place is where an item stands in a text with one item a line. It is zero for an item of a table.
type Place struct {
	// Text is the path of a file or the URL of an object.
	Text string
	Line int
}

func (p Place) String() string { return fmt.Sprintf("line %d of %s", p.Line, p.Text) }

// Place returns where the i-th item of the page comes from.
func (p *Page) Place(i int) Place {
	if i >= len(p.lines) {
		return Place{}
	}
	return Place{p.text, p.lines[i]}
}

// Text is how many bytes of text were read for the page; 0 for one of a table.
func (p *Page) Text() int { return p.read }

// move moves the i-th item of the page to an earlier place.
func (p *Page) move(to, i int) {
	p.Items[to] = p.Items[i]
	if i < len(p.lines) {
		p.lines[to] = p.lines[i]
	}
}
