package helm

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v3"

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
	place.File, place.Line, place.Source = from.file, from.line, quoted(from.text)
	if token, key := tokenAt(text, rendered.Column); len(token) > 1 {
		if at := onlyAt(from.text, token, key); at >= 0 {
			place.Column = utf8.RuneCountInString(from.text[:at]) + 1
			place.Width = utf8.RuneCountInString(token)
		}
	}
	return place
}

// tokenAt is the key, or the word, that begins at a column of a line.
func tokenAt(line string, column int) (token string, key bool) {
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	line = strings.TrimPrefix(line, "- ")
	if end := strings.IndexAny(line, ": "); end >= 0 {
		return line[:end], line[end] == ':'
	}
	return line, false
}

// onlyAt is where a template's line has the token, as a key when it is one; -1 when it has it nowhere or more than once.
func onlyAt(line, token string, key bool) int {
	whole := token
	if key {
		whole += ":"
	}
	found := -1
	for at := 0; ; at++ {
		next := strings.Index(line[at:], whole)
		if next < 0 {
			return found
		}
		at += next
		before, _ := utf8.DecodeLastRuneInString(line[:at])
		if key && at > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("_-./", before)) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = at
	}
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
	if l.twice && ambiguous(l.rendered, object.SplitPointer(pointer)) {
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

// ambiguous says that a key on the way to a field stands twice in its mapping, or that the way is not plain: the object has
// the last of such keys and a place may be that of another.
func ambiguous(origin object.Origin, steps []string) bool {
	var root yaml.Node
	if err := yaml.Unmarshal(origin.Document.Text, &root); err != nil || len(root.Content) == 0 {
		return true
	}
	node := root.Content[0]
	for _, step := range slices.Concat(origin.Steps, steps) {
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value != step {
					continue
				}
				if next != nil {
					return true
				}
				next = node.Content[i+1]
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(node.Content) {
				next = node.Content[i]
			}
		case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
		}
		if next == nil {
			return true
		}
		node = next
	}
	return false
}

// maxSource is how many bytes of a line are quoted, as of files that are read.
const maxSource = 1024

func quoted(line string) string {
	if len(line) <= maxSource {
		return line
	}
	return strings.ToValidUTF8(line[:maxSource], "")
}
