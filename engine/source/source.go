// Package source reads objects: from files, folders, globs and standard input.
package source

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/data-guard/guard/engine/object"
)

// Problem is something that could not be used, with its place. Problems are collected, never thrown: one
// bad document does not hide what is in the others.
//
//nolint:errname // the field's word: it is collected, not thrown
type Problem struct {
	object.Place

	Message string `json:"message"`
}

// Error is "file:line:column: message".
func (p Problem) Error() string {
	if p.File == "" {
		return p.Message
	}
	return p.String() + ": " + p.Message
}

// Skipped is a document that is nobody's mistake and no Kubernetes object.
type Skipped struct {
	object.Place

	Reason string `json:"reason"`
}

// How says what a world was read as.
type How string

// The ways to read a folder.
const (
	Manifests     How = "manifests"
	Chart         How = "chart"
	Kustomization How = "kustomization"
)

// World is what is judged together: its objects see one another, those of another world they do not.
type World struct {
	// Name is the argument that manifests were read from, or the folder of a chart or kustomization.
	Name string
	How  How
	// Set is the name of the set of values that a chart was rendered with; "" for its only one.
	Set string
	// Objects stand in the order of files and documents.
	Objects []*object.Object
	// Namespace is where those of its objects go that name none: a release's or a kustomization's; "" leaves it to the run.
	Namespace string
	// Unstable says which fields of an object differ from one render of the same input to the next, as RFC 6901 pointers:
	// random passwords, certificates, times. nil for what was read as it stands.
	Unstable map[*object.Object][]string
	// Stable is the name of an object without the part of it that differs by content: the hash that kustomize adds to
	// ConfigMaps and Secrets that it generates. Objects whose whole name was chosen are not in it; nil when all are.
	Stable map[*object.Object]string
}

// Label is what a report calls the world where it has to tell several apart; "" where the places in files do.
func (w World) Label() string {
	if w.How == Kustomization {
		return w.Name
	}
	return w.Set
}

// Read is what a run has looked at.
type Read struct {
	Worlds   []World
	Skipped  []Skipped
	Problems []Problem
	// Files and Documents count what was opened and what was in it, used or not; Empty are the documents that
	// are null or a list of nothing.
	Files, Documents, Empty int
}

// Objects counts the objects of all worlds.
func (r *Read) Objects() int {
	n := 0
	for _, w := range r.Worlds {
		n += len(w.Objects)
	}
	return n
}

func (r *Read) problem(place object.Place, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{Place: place, Message: fmt.Sprintf(format, args...)})
}

// ComparePlaces orders by file, line and column.
func ComparePlaces(a, b object.Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// Add takes over what another reading found.
func (r *Read) Add(other *Read) {
	r.Worlds = append(r.Worlds, other.Worlds...)
	r.Skipped = append(r.Skipped, other.Skipped...)
	r.Problems = append(r.Problems, other.Problems...)
	r.Files += other.Files
	r.Documents += other.Documents
	r.Empty += other.Empty
}

// Sort orders problems and what was skipped by place. What several worlds share is a problem once.
func (r *Read) Sort() {
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(ComparePlaces(a.Place, b.Place), cmp.Compare(a.Message, b.Message))
	})
	r.Problems = slices.Compact(r.Problems)
	slices.SortStableFunc(r.Skipped, func(a, b Skipped) int { return ComparePlaces(a.Place, b.Place) })
}
