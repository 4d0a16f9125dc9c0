package helm

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"
)

// A mark is three private-use characters: one that begins it, and its number to base 1024.
const (
	markBegin = '\ue000'
	markDigit = '\ue100'
	markEnd   = '\ue4ff'
	markBase  = 1024
)

// mark stands behind the last character of a line of literal text in a template, or before the first of a line that an
// action printed.
type mark struct {
	outline *outline
	scope   *scope
	// action is the one that printed the line, nil of literal text.
	action *action
	// line and offset are where in the file the text ends; offset counts bytes.
	line, offset int
	// text is the literal text of the line, from the end of the action before it on, without space around it.
	text string
}

// marker marks templates and keeps what each mark means.
type marker struct {
	marks []mark
	// outlines are those of the files that parse, as the user names them.
	outlines map[string]*outline
	// partials says that the text of {{ define }} is marked too.
	partials bool
}

func newMarker(partials bool) *marker {
	return &marker{outlines: map[string]*outline{}, partials: partials}
}

// clean says that a text has no characters that marks are made of.
func clean(text []byte) bool {
	return !bytes.ContainsFunc(text, marked) && !escapedMark.Match(text)
}

func marked(r rune) bool { return r == markBegin || markDigit <= r && r <= markEnd }

// insert marks the literal text of a template. What renders then is what rendered before, with marks in it, unless a
// template does more with its own text than to print it. A template that does not parse is left as it is.
func (m *marker) insert(shown string, text []byte) []byte {
	o, err := outlineOf(shown, text)
	if err != nil {
		return text
	}
	m.outlines[shown] = o
	var edits []edit
	for _, literal := range o.literals {
		if !literal.scope.define || m.partials {
			edits = append(edits, m.lines(o, literal)...)
		}
	}
	for i := range o.actions {
		if a := &o.actions[i]; a.end > 0 && !a.scope.define && m.room() {
			edits = append(edits, edit{a.end, " | " + tell + " " + strconv.Itoa(len(m.marks))})
			m.marks = append(m.marks, mark{outline: o, scope: a.scope, action: a, line: a.line, offset: a.offset})
		}
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.offset, b.offset) })
	var out bytes.Buffer
	last := 0
	for _, e := range edits {
		out.Write(text[last:e.offset])
		out.WriteString(e.text)
		last = e.offset
	}
	out.Write(text[last:])
	return out.Bytes()
}

// edit is what to insert where.
type edit struct {
	offset int
	text   string
}

func (m *marker) room() bool { return len(m.marks) < markBase*markBase }

// lines marks the lines of literal text.
func (m *marker) lines(o *outline, l literal) []edit {
	var edits []edit
	at := l.offset
	for line := range strings.Lines(l.text) {
		trimmed := strings.TrimRightFunc(line, unicode.IsSpace)
		end := at + len(trimmed)
		at += len(line)
		word := strings.TrimLeftFunc(trimmed, unicode.IsSpace)
		if word == "" || l.scope.define && !entry.MatchString(word) || !m.room() {
			continue
		}
		edits = append(edits, edit{end, spell(len(m.marks))})
		m.marks = append(m.marks, mark{outline: o, scope: l.scope, line: o.lineAt(end - 1), offset: end, text: word})
	}
	return edits
}

// tell is the function that marks what an action prints.
const tell = "guardTell"

// tellLines puts the mark of that number before each line of a text; anything else stays as it is.
func tellLines(number int, value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		content := strings.TrimLeftFunc(line, unicode.IsSpace)
		out.WriteString(line[:len(line)-len(content)])
		if content != "" {
			out.WriteString(spell(number))
		}
		out.WriteString(content)
	}
	return out.String()
}

// entry is text that begins a line of YAML with a key or an item. Other text of a {{ define }} is more often part of
// a name, which templates compare and cut.
var entry = regexp.MustCompile(`^(?:-(?:\s|$)|["']?[\w./-]+["']?:(?:\s|$))`)

func spell(number int) string {
	return string([]rune{markBegin, markDigit + rune(number/markBase), markDigit + rune(number%markBase)})
}

// escapedMark is a character of a mark as quote and toJson write it.
var escapedMark = regexp.MustCompile(`\\u(e000|e[1-4][0-9a-f]{2})`)

// found is a mark in a rendered line.
type found struct {
	number int
	// offset counts the bytes of the line before it, other marks left out.
	offset int
}

// unmark takes the marks out of a line.
func unmark(line string) (string, []found) {
	if strings.Contains(line, `\ue`) {
		line = escapedMark.ReplaceAllStringFunc(line, func(escaped string) string {
			var r rune
			for _, digit := range escaped[2:] {
				r = r<<4 | rune(strings.IndexRune("0123456789abcdef", digit))
			}
			return string(r)
		})
	}
	if !strings.ContainsFunc(line, marked) {
		return line, nil
	}
	var out strings.Builder
	var marks []found
	runes := []rune(line)
	for i, r := range runes {
		switch {
		case r == markBegin && i+2 < len(runes) && runes[i+1] >= markDigit && marked(runes[i+1]) && runes[i+2] >= markDigit && marked(runes[i+2]):
			number := int(runes[i+1]-markDigit)*markBase + int(runes[i+2]-markDigit)
			marks = append(marks, found{number, out.Len()})
		case !marked(r):
			out.WriteRune(r)
		}
	}
	return out.String(), marks
}

// outlineOf parses a template as Helm's engine does, without asking whether functions exist.
func outlineOf(shown string, text []byte) (*outline, error) {
	o := &outline{file: shown, text: text, variables: map[string]*reference{}}
	for i, b := range text {
		if b == '\n' {
			o.breaks = append(o.breaks, i)
		}
	}
	tree := parse.New(shown)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	main, err := tree.Parse(string(text), "", "", trees)
	if err != nil {
		return nil, err
	}
	for _, t := range trees {
		if t != main {
			o.walk(t.Root, &scope{define: true, dot: reference{root: true, assumed: true}})
		}
	}
	o.walk(main.Root, &scope{dot: reference{root: true}})
	o.sort()
	return o, nil
}
