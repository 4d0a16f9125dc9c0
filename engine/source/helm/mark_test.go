package helm

import (
	"path/filepath"
	"strings"
	"testing"
	"text/template/parse"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzMark: the marks come out of a marked template again, and it parses to the same nodes.
func FuzzMark(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			f.Add(string(part.Data))
		}
	}
	f.Add("a: {{- /* c */ -}} b\r\n{{ \"}}\" -}}\n{{ `}}` }}{{ '}' }} c")
	f.Fuzz(func(t *testing.T, text string) {
		if !clean([]byte(text)) || !utf8.ValidString(text) {
			t.Skip()
		}
		for _, partials := range []bool{false, true} {
			m := newMarker(partials)
			marked := string(m.insert("f", []byte(text)))
			if got := strip(marked); got != text {
				t.Fatalf("%q became %q", text, got)
			}
			before, errBefore := nodes(text)
			after, errAfter := nodes(marked)
			if (errBefore == nil) != (errAfter == nil) {
				t.Fatalf("%q: %v, marked %q: %v", text, errBefore, marked, errAfter)
			}
			if before != strip(after) {
				t.Fatalf("%q parses to %q, marked to %q", text, before, after)
			}
		}
	})
}

// strip takes marks, and the calls that would print them, out of a template.
func strip(text string) string {
	var out strings.Builder
	for i, piece := range strings.Split(text, " | "+tell+" ") {
		if i > 0 {
			piece = strings.TrimLeft(piece, "0123456789")
		}
		line, _ := unmark(piece)
		out.WriteString(line)
	}
	return out.String()
}

func nodes(text string) (string, error) {
	tree := parse.New("f")
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		return "", err
	}
	var out strings.Builder
	if main := trees["f"]; main != nil {
		out.WriteString(main.Root.String())
	}
	return out.String(), nil
}

func TestTellLines(t *testing.T) {
	t.Parallel()
	got, ok := tellLines(3, "\n  a: 1\r\n\n  b").(string)
	if want := "\n  " + spell(3) + "a: 1\r\n\n  " + spell(3) + "b"; !ok || got != want {
		t.Errorf("got %q want %q", got, want)
	}
	if tellLines(3, 5) != 5 || tellLines(3, nil) != nil {
		t.Error("what is no text is printed as it is")
	}
}

func TestUnmark(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"a" + spell(1) + ": b" + spell(1024*3+5), "a: b"},
		{`"a\ue000\ue101\ue102"`, `"a"`},
		{"cut" + string(markBegin), "cut"},
		{"cut" + string([]rune{markBegin, markDigit}), "cut"},
		{`C:\ue5 stays`, `C:\ue5 stays`},
	} {
		if got, _ := unmark(test.line); got != test.want {
			t.Errorf("%q: got %q want %q", test.line, got, test.want)
		}
	}
	if _, marks := unmark("é" + spell(7)); len(marks) != 1 || marks[0] != (found{7, 2}) {
		t.Error(marks)
	}
}
