package helm

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

var templateAction = regexp.MustCompile(`\{\{.*?\}\}`)

// TestLinesAreTrue: whatever line a field is said to be from, the line of that number is in the file of that name, and the
// rendered line either has the literal text of it, or is printed by an action in it.
func TestLinesAreTrue(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fields, told := 0, 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		texts := map[string]string{}
		for _, f := range archive.Files {
			texts[f.Name] = string(f.Data)
			name := filepath.Join(root, f.Name)
			if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := Render(Chart{Tree: source.Tree{Root: root}, Path: "chart", KubeVersion: "1.30"})
		for _, w := range r.Worlds {
			for _, o := range w.Objects {
				l, ok := o.Origin.Made.(*locator)
				if !ok {
					continue
				}
				scalars("", o.Value, func(pointer string) {
					rendered, place := l.rendered.Locate(pointer), l.Locate(pointer)
					if rendered.Missing {
						return
					}
					fields++
					if place.Line > 0 {
						told++
						consistent(t, o, rendered, place, texts)
					}
				})
			}
		}
	}
	if fields < 50 || told*100 < fields*95 {
		t.Errorf("of %d fields only %d have a line", fields, told)
	}
}

func consistent(t *testing.T, o *object.Object, rendered, place object.Place, texts map[string]string) {
	t.Helper()
	if lineOf([]byte(texts[place.File]), place.Line) != place.Source {
		t.Errorf("%s: %s is not %q", o, place, place.Source)
	}
	literal := strings.TrimPrefix(strings.TrimSpace(place.Source), "---")
	prints := strings.Contains(literal, "{{") || strings.Contains(literal, "}}")
	if !prints && literal != strings.TrimSpace(rendered.Source) {
		t.Errorf("%s: %q is said to be from %s %q", o, rendered.Source, place, place.Source)
	}
	first, _, _ := strings.Cut(templateAction.ReplaceAllString(literal, "{{"), "{{")
	key, isKey := tokenAt(rendered.Source, rendered.Column)
	if first = strings.TrimSpace(first); isKey && first != "" && !strings.HasPrefix(strings.TrimSpace(rendered.Source), first) && !strings.HasSuffix(first, ":") {
		t.Errorf("%s: key %s of %q is said to be from %s %q", o, key, rendered.Source, place, place.Source)
	}
}

func scalars(pointer string, value ast.Value, visit func(pointer string)) {
	switch v := value.(type) {
	case ast.Object:
		v.Foreach(func(k, child *ast.Term) {
			scalars(pointer+"/"+pointerEscape.Replace(object.Text(k)), child.Value, visit)
		})
	case *ast.Array:
		for i := range v.Len() {
			scalars(pointer+"/"+strconv.Itoa(i), v.Elem(i).Value, visit)
		}
	default:
		visit(pointer)
	}
}
