package object

import (
	"bytes"
	"strconv"
	"strings"
)

// Document is one document of a file: what an object's places are found in.
type Document struct {
	// File is the path as the user would write it; "-" is standard input.
	File string
	// Line is the document's first line in the file, from 1.
	Line int
	// Text is the document as it was read.
	Text []byte
	// JSON says that the text is JSON, so that places are found without a YAML parser.
	JSON bool
}

// Origin is where an object stands: a document, and for an item of a List the way to it.
type Origin struct {
	Document *Document
	// Steps lead from the document's root to the object: "items", "3".
	Steps []string
}

// Place is a position that a person can open.
type Place struct {
	File string `json:"file"`
	// Line and Column count from 1; Column counts characters. Both are 0 when nothing is known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Source is the text of that line without its line break.
	Source string `json:"source,omitempty"`
	// Width is how many characters from Column on belong to what is meant, at least 1.
	Width int `json:"-"`
	// Missing says that the field is not set and the place is that of its deepest parent that is.
	Missing bool `json:"notSet,omitempty"`
}

// Start is the place of the object itself, found without parsing when it is the whole document.
func (o Origin) Start() Place {
	if o.Document == nil {
		return Place{}
	}
	if len(o.Steps) > 0 {
		return o.Locate("")
	}
	line := o.Document.Line
	for text := range bytes.Lines(o.Document.Text) {
		content := strings.TrimSpace(strings.TrimPrefix(string(text), "---"))
		if content != "" && !strings.HasPrefix(content, "#") && !strings.HasPrefix(content, "%") {
			break
		}
		line++
	}
	return o.Document.place(line, 1, 1)
}

// Locate finds the field that an RFC 6901 pointer from the object's root names, or its deepest parent
// that is there. The document is parsed anew: only findings ask for places.
func (o Origin) Locate(pointer string) Place {
	if o.Document == nil {
		return Place{}
	}
	steps := append(append([]string{}, o.Steps...), SplitPointer(pointer)...)
	if o.Document.JSON {
		return o.Document.locateJSON(steps)
	}
	return o.Document.locateYAML(steps)
}

// SplitPointer takes an RFC 6901 pointer apart; "" has no steps.
func SplitPointer(pointer string) []string {
	if pointer == "" {
		return nil
	}
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, step := range steps {
		steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
	}
	return steps
}

// place makes a place of a line of the file and a column of that line in characters.
func (d *Document) place(line, column, width int) Place {
	p := Place{File: d.File, Line: line, Column: column, Width: max(width, 1)}
	n := d.Line
	for text := range bytes.Lines(d.Text) {
		if n == line {
			p.Source = strings.TrimRight(string(text), "\r\n")
			break
		}
		n++
	}
	return p
}

// String is file:line:column, as far as known.
func (p Place) String() string {
	text := p.File
	if p.Line > 0 {
		text += ":" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			text += ":" + strconv.Itoa(p.Column)
		}
	}
	return text
}

// Start is the place of the document's first line that is more than a comment.
func (d *Document) Start() Place { return Origin{Document: d}.Start() }
