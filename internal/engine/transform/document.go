// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
)

// field is an attribute of an item, a member of a map, or an element of a list, which has no name. Its bytes are those
// of the item unless a step has replaced them.
type field struct {
	name   []byte // Without quotes and escapes.
	quoted []byte // As it stands in the item.
	value  []byte
}

// document is an item while the steps work on it.
type document struct {
	fields []field
	// made holds the bytes that steps have made. It may move as it grows; what points to its former place stays right.
	made    []byte
	results [][]byte // Of the expressions of one step.
	run     Run
}

// read takes the item apart. Its values stay as they are.
func (d *document) read(raw []byte) (err error) {
	d.made = d.made[:0]
	d.fields, err = appendMembers(d.fields[:0], raw)
	return err
}

func appendMembers(fields []field, object []byte) ([]field, error) {
	err := item.Members(object, func(quoted, value []byte) error {
		name, err := item.Unquote(quoted)
		fields = append(fields, field{name, quoted, value})
		return err
	})
	return fields, err
}

// appendTo appends the item as it is now.
func (d *document) appendTo(dst []byte) []byte { return appendObject(dst, d.fields) }

func appendObject(dst []byte, fields []field) []byte {
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, f.quoted...), ':'), f.value...)
	}
	return append(dst, '}')
}

// lookup returns the item's attribute of that name, nil if it has none.
func lookup(fields []field, name string) *field {
	for i := range fields {
		if f := &fields[i]; len(f.name) == len(name) && string(f.name) == name {
			return f
		}
	}
	return nil
}

// edit is what a step does with the values that its paths lead to.
type edit interface {
	// found edits the i-th of the fields, at which the path of that number ends. It reports false if the field is removed.
	found(d *document, fields []field, i, leaf int) (keep bool, err error)
	// others reports whether what no path leads to stays.
	others() bool
	// absent returns the value to put where the path of that number ends and the item has nothing, or nil.
	absent(d *document, leaf int) ([]byte, error)
	// cut is the error that the map or list that contains the end of the path does not exist.
	cut(d *document, leaf int) error
}

// kindError is the error that a path leads into a value that is not a map or a list.
type kindError struct {
	leaf int
	want string
	got  item.Kind
}

func (e *kindError) Error() string {
	return fmt.Sprintf("the path wants %s where the item has a value of type %s", e.want, e.got)
}

// apply edits the fields of a map, or of a list, and returns those that stay.
func (d *document) apply(fields []field, paths tree, e edit) ([]field, error) {
	kept, met := 0, 0
	for i := range fields {
		keep := e.others()
		if b := paths.find(&fields[i], i); b != nil {
			met++
			var err error
			if keep, err = d.follow(fields, i, b, e); err != nil {
				return nil, err
			}
		}
		if keep {
			if kept != i {
				fields[kept] = fields[i]
			}
			kept++
		}
	}
	if met == len(paths) {
		return fields[:kept], nil
	}
	return d.add(fields[:kept], len(fields), paths, e)
}

// follow edits one field that a path leads to.
func (d *document) follow(fields []field, i int, b *branch, e edit) (keep bool, err error) {
	if b.leaf >= 0 {
		return e.found(d, fields, i, b.leaf)
	}
	fields[i].value, err = d.within(fields[i].value, b, e)
	return true, err
}

// within edits the contents of a map or a list, and returns the new value.
func (d *document) within(value []byte, b *branch, e edit) ([]byte, error) {
	kind, content, err := item.Content(value)
	if err != nil {
		return nil, err
	}
	want, wanted := item.M, "a map"
	if b.below[0].index >= 0 {
		want, wanted = item.L, "a list"
	}
	if kind != want {
		fault := &kindError{want: wanted, got: kind}
		b.leaves(func(leaf int) bool { fault.leaf = leaf; return false })
		return nil, fault
	}
	var fields []field
	if kind == item.M {
		fields, err = appendMembers(nil, content)
	} else {
		err = item.Elements(content, func(element []byte) error {
			fields = append(fields, field{value: element})
			return nil
		})
	}
	if err == nil {
		fields, err = d.apply(fields, b.below, e)
	}
	if err != nil {
		return nil, err
	}
	start := len(d.made)
	if kind == item.M {
		d.made = appendObject(append(d.made, `{"M":`...), fields)
	} else {
		d.made = append(d.made, `{"L":[`...)
		for i, f := range fields {
			if i > 0 {
				d.made = append(d.made, ',')
			}
			d.made = append(d.made, f.value...)
		}
		d.made = append(d.made, ']')
	}
	d.made = append(d.made, '}')
	return d.made[start:len(d.made):len(d.made)], nil
}

// add puts new fields where paths end and the item had nothing; before is how many fields there were.
func (d *document) add(fields []field, before int, paths tree, e edit) ([]field, error) {
	for j := range paths {
		b := &paths[j]
		if b.index >= 0 && b.index < before || b.index < 0 && lookup(fields, b.name) != nil {
			continue
		}
		if b.leaf < 0 || b.index > len(fields) {
			var fault error
			b.leaves(func(leaf int) bool { fault = e.cut(d, leaf); return fault == nil })
			if fault != nil {
				return nil, fault
			}
			continue
		}
		value, err := e.absent(d, b.leaf)
		if err != nil {
			return nil, err
		}
		if value != nil {
			fields = append(fields, field{b.plain, b.quoted, value})
		}
	}
	return fields, nil
}
