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

	memo memo
}

// Origin is where an object stands: a document, and for an item of a List the way to it.
type Origin struct {
	Document *Document
	// Name stands for the document of an object that was read from none: live:CONTEXT/KIND/NAMESPACE/NAME.
	Name string
	// Steps lead from the document's root to the object: "items", "3".
	Steps []string
	// Made finds places in the texts that the object was made from (a template, a base and its patches); nil for an object
	// that stands in Document as it is.
	Made Locator
}

// Locator finds the places of an object that was made from other texts. A place whose line cannot be told has none: a
// wrong line is worse than no line.
type Locator interface {
	// Start is the place of the object itself.
	Start() Place
	// Locate is the place of the field that an RFC 6901 pointer from the object's root names.
	Locate(pointer string) Place
}

// Place is a position that a person can open.
type Place struct {
	File string `json:"file"`
	// Line and Column count from 1; Column counts characters. Both are 0 when nothing is known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Source is the text of that line without its line break.
	Source string `json:"source,omitempty"`
	// Value is the key of a chart's values that the field was made from, as --set takes it; "" when it cannot be told.
	Value string `json:"value,omitempty"`
	// Width is how many characters from Column on belong to what is meant, at least 1.
	Width int `json:"-"`
	// Missing says that the field is not set and the place is that of its deepest parent that is.
	Missing bool `json:"notSet,omitempty"`
}

// Start is the place of the object itself, found without parsing when it is the whole document.
func (o Origin) Start() Place {
	if o.Made != nil {
		return o.Made.Start()
	}
	if o.Document == nil {
		return Place{File: o.Name}
	}
	if len(o.Steps) > 0 {
		return o.Locate("")
	}
	d := o.Document
	line := d.Line
	for i, start := range d.lines() {
		rest := d.Text[start:]
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			rest = rest[:end]
		}
		content := strings.TrimSpace(strings.TrimPrefix(string(rest[:min(len(rest), maxSource)]), "---"))
		if content != "" && !strings.HasPrefix(content, "#") && !strings.HasPrefix(content, "%") {
			line = d.Line + i
			break
		}
	}
	return o.Document.place(line, 1, 1)
}

// Locate finds the field that an RFC 6901 pointer from the object's root names, or its deepest parent
// that is there. The document is parsed anew: only findings ask for places.
func (o Origin) Locate(pointer string) Place {
	if o.Made != nil {
		return o.Made.Locate(pointer)
	}
	if o.Document == nil {
		return Place{File: o.Name}
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

func escape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1")
}

// place makes a place of a line of the file and a column of that line in characters.
func (d *Document) place(line, column, width int) Place {
	return Place{File: d.File, Line: line, Column: column, Width: max(width, 1), Source: d.source(line, column)}
}

// maxSource is how many bytes of a line are quoted. JSON may have a megabyte on one line.
const maxSource = 1024

// source is the text of a line of the file; of a long line, as much from its start as reaches past the column.
func (d *Document) source(line, column int) string {
	lines := d.lines()
	i := line - d.Line
	if i < 0 || i >= len(lines) {
		return ""
	}
	end := len(d.Text)
	if i+1 < len(lines) {
		end = lines[i+1]
	}
	text := bytes.TrimRight(d.Text[lines[i]:end], "\r\n")
	if len(text) <= maxSource {
		return string(text)
	}
	if column > maxSource/2 {
		return ""
	}
	return strings.ToValidUTF8(string(text[:maxSource]), "")
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
