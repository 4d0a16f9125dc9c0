package helm

import (
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// trace says of the lines of one rendered text where they come from.
type trace struct {
	// file is the file of templates that was rendered, as the user names it.
	file string
	// spots are those of the rendered lines, in their order; one that cannot be told has line 0.
	spots []spot
}

// spot is a line of a template.
type spot struct {
	file string
	line int
	// text is the whole line in the template.
	text string
	// keys are the values that what the line prints is made of, below prefix in the root's values.
	keys   []reference
	prefix []string
}

// at turns a place in the rendered text into the place in the template that made it.
func (t *trace) at(rendered object.Place, text string) object.Place {
	place := object.Place{File: t.file, Width: 1, Missing: rendered.Missing}
	if rendered.Line < 1 || rendered.Line > len(t.spots) || t.spots[rendered.Line-1].line == 0 {
		return place
	}
	from := t.spots[rendered.Line-1]
	place.File, place.Line, place.Source = from.file, from.line, from.text
	token := tokenAt(text, rendered.Column)
	if len(token) > 1 && strings.Count(from.text, token) == 1 {
		place.Column = utf8.RuneCountInString(from.text[:strings.Index(from.text, token)]) + 1
		place.Width = utf8.RuneCountInString(token)
	}
	return place
}

// tokenAt is the key, or the word, that begins at a column of a line: what the template's line has too if it is literal there.
func tokenAt(line string, column int) string {
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	line = strings.TrimPrefix(line, "- ")
	if end := strings.IndexAny(line, ": "); end >= 0 {
		line = line[:end]
	}
	return line
}

// locator finds the places of an object in the templates that made it.
type locator struct {
	// rendered is where the object stands in the rendered text.
	rendered object.Origin
	trace    *trace
	// twice says that a key stands twice in the document, so that a pointer may lead to the wrong one.
	twice bool
	// object is the object's value, values are the root's.
	object ast.Value
	values map[string]any
}

// Start is the place of the object's first line.
func (l *locator) Start() object.Place { return l.at(l.rendered.Start()) }

// Locate is the place of the field, or of its deepest parent that is there.
func (l *locator) Locate(pointer string) object.Place {
	rendered := l.rendered.Locate(pointer)
	place := l.at(rendered)
	if l.twice && pointer != "" {
		return object.Place{File: l.trace.file, Width: 1, Missing: rendered.Missing}
	}
	if place.Line > 0 && !place.Missing {
		place.Value = l.trace.spots[rendered.Line-1].keyOf(l.values, l.object, object.SplitPointer(pointer))
	}
	return place
}

func (l *locator) at(rendered object.Place) object.Place {
	return l.trace.at(rendered, rendered.Source)
}
