package source_test

import (
	"testing"

	"github.com/data-guard/guard/engine/source"
)

// FuzzText holds that no text makes the reader panic and that no document is dropped without a word: each is an
// object, several (a list), skipped, or a problem.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", "---\n", "a: 1\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nkind: x\n...\nb\n", "%YAML 1.1\n---\na: 1\n",
		"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{}]}", "[{]}", "a: &a [*a]\n", "? - a\n: b\n", "<<: {a: 1}\n", "\xff", "{{ x }}",
		"--- |\n text\n---\n- a\n", "kind: List\napiVersion: v1\nitems: [null, 1, {kind: List, apiVersion: v1, items: []}]\n", "a: \"\n---\n\"\n", "\"a\": 1\n!!binary x: y\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := source.Text("f.yaml", text)
		if told := r.Objects() + len(r.Skipped) + len(r.Problems) + empty(r); told < r.Documents {
			t.Errorf("%d documents, %d objects, %d skipped, %d problems", r.Documents, r.Objects(), len(r.Skipped), len(r.Problems))
		}
		for _, w := range r.Worlds {
			for _, o := range w.Objects {
				if p := o.Origin.Locate("/metadata/name/x"); p.Line < 1 {
					t.Errorf("%s has no line", o)
				}
			}
		}
	})
}

// empty counts documents that are null or an empty list: nothing is dropped with them.
func empty(r *source.Read) int { return r.Empty }
