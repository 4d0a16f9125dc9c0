package object_test

import (
	"strings"
	"testing"

	"github.com/data-guard/guard/engine/object"
)

const yamlText = `# comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
  annotations: {"x/y": "1"}
spec:
  template:
    spec:
      containers:
        - name: one
          image: "postgres:17"
        - <<: &base {image: b}
          name: two
  strategy: *s
`

const jsonText = `{
  "kind": "Deployment",
  "metadata": {"name": "é", "annotations": {"x/y": "1"}},
  "items": [
    {"a": 1},
    {"b": [1, 2]}
  ]
}`

func TestLocate(t *testing.T) {
	t.Parallel()
	yamlDoc := &object.Document{File: "a.yaml", Line: 10, Text: []byte(strings.TrimSuffix(yamlText, "  strategy: *s\n"))}
	jsonDoc := &object.Document{File: "a.json", Line: 1, Text: []byte(jsonText), JSON: true}
	for _, test := range []struct {
		origin  object.Origin
		pointer string
		want    object.Place
	}{
		{object.Origin{Document: yamlDoc}, "/metadata/name", object.Place{File: "a.yaml", Line: 14, Column: 3, Width: 7, Source: "  name: a"}},
		{object.Origin{Document: yamlDoc}, "/metadata/annotations/x~1y", object.Place{File: "a.yaml", Line: 15, Column: 17, Width: 10, Source: `  annotations: {"x/y": "1"}`}},
		{object.Origin{Document: yamlDoc}, "/spec/template/spec/containers/0/image", object.Place{File: "a.yaml", Line: 21, Column: 11, Width: 20, Source: `          image: "postgres:17"`}},
		{object.Origin{Document: yamlDoc}, "/spec/template/spec/containers/1/image", object.Place{File: "a.yaml", Line: 22, Column: 22, Width: 8, Source: "        - <<: &base {image: b}"}},
		{object.Origin{Document: yamlDoc}, "/spec/replicas", object.Place{File: "a.yaml", Line: 16, Column: 1, Width: 4, Source: "spec:", Missing: true}},
		{object.Origin{Document: yamlDoc}, "/spec/template/spec/containers/7/image", object.Place{File: "a.yaml", Line: 19, Column: 7, Width: 10, Source: "      containers:", Missing: true}},
		{object.Origin{Document: jsonDoc}, "/metadata/name", object.Place{File: "a.json", Line: 3, Column: 16, Width: 6, Source: `  "metadata": {"name": "é", "annotations": {"x/y": "1"}},`}},
		{object.Origin{Document: jsonDoc}, "/metadata/annotations/x~1y", object.Place{File: "a.json", Line: 3, Column: 45, Width: 5, Source: `  "metadata": {"name": "é", "annotations": {"x/y": "1"}},`}},
		{object.Origin{Document: jsonDoc, Steps: []string{"items", "1"}}, "/b/1", object.Place{File: "a.json", Line: 6, Column: 15, Width: 1, Source: `    {"b": [1, 2]}`}},
		{object.Origin{Document: jsonDoc, Steps: []string{"items", "0"}}, "/c", object.Place{File: "a.json", Line: 5, Column: 5, Width: 1, Source: `    {"a": 1},`, Missing: true}},
	} {
		if got := test.origin.Locate(test.pointer); got != test.want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.pointer, got, test.want)
		}
	}
}

func TestLocateInBrokenText(t *testing.T) {
	t.Parallel()
	doc := &object.Document{File: "a.yaml", Line: 3, Text: []byte(yamlText)}
	want := object.Place{File: "a.yaml", Line: 3, Column: 1, Width: 1, Source: "# comment"}
	if got := (object.Origin{Document: doc}).Locate("/metadata"); got != want {
		t.Errorf("an unknown anchor: got %+v, want %+v", got, want)
	}
	if got := (object.Origin{}).Locate("/metadata"); got != (object.Place{}) {
		t.Errorf("no document: got %+v", got)
	}
}
