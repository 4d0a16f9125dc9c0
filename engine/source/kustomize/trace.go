package kustomize

import "github.com/data-guard/guard/engine/object"

// trace finds where the objects of a build come from.
type trace struct {
	walk *walk
	top  *layer
}

// made locates one object of a build.
type made struct {
	trace  *trace
	object *object.Object
}

// Start is the place of the object in the file that it comes from.
func (m *made) Start() object.Place { return object.Place{File: m.trace.top.doc.File} }

// Locate is the place of a field.
func (m *made) Locate(string) object.Place { return m.Start() }
