package source_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// told is what reading a text tells, a line each.
func told(r *source.Read) []string {
	var lines []string
	for _, w := range r.Worlds {
		for _, o := range w.Objects {
			place := o.Origin.Start()
			lines = append(lines, fmt.Sprintf("object %s %s at %d", o.APIVersion(), o, place.Line))
		}
	}
	for _, s := range r.Skipped {
		lines = append(lines, fmt.Sprintf("skipped %s: %s", s.Place, s.Reason))
	}
	for _, p := range r.Problems {
		lines = append(lines, "problem "+p.Error())
	}
	return lines
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"documents, comments and empty ones", "# nothing\n---\n---\n# a\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n...\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n", []string{
			"object v1 Pod a at 5", "object v1 Pod b at 11",
		}},
		{"a document behind the end marker", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n...\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n", []string{
			"object v1 Pod a at 1", "object v1 Pod b at 5",
		}},
		{"content on the marker's line", "--- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n--- # comment\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n", []string{
			"object v1 Pod a at 1", "object v1 Pod b at 3",
		}},
		{"byte order mark and CRLF", "\xef\xbb\xbfapiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\n---\r\napiVersion: v1\r\nkind: Pod\r\nmetadata: {name: b}\r\n", []string{
			"object v1 Pod a at 1", "object v1 Pod b at 5",
		}},
		{"a List", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- kind: Pod\n  metadata: {name: b}\n", []string{
			"object v1 Pod a at 4", "problem t.yaml:7:3: read object: apiVersion is missing",
		}},
		{"a typed list", "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n", []string{"object apps/v1 Deployment a at 4"}},
		{"a JSON list", "{\"apiVersion\": \"v1\", \"kind\": \"PersistentVolumeList\",\n\"items\": [\n{\"metadata\": {\"name\": \"a\"}},\n{\"metadata\": {\"name\": \"b\"}}]}", []string{
			"object v1 PersistentVolume a at 3", "object v1 PersistentVolume b at 4",
		}},
		{"JSON after JSON", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a}\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}", []string{
			"object v1 Pod a} at 1", "object v1 Pod b at 2",
		}},
		{"no Kubernetes object", "replicas: 3\n---\n- a\n", []string{"skipped t.yaml:1:1: neither apiVersion nor kind", "skipped t.yaml:3:1: not a mapping"}},
		{"kind missing", "apiVersion: v1\nmetadata: {name: a}\n", []string{"problem t.yaml:1:1: read object: kind is missing"}},
		{"wrong types", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 5\n  labels: {a: true}\n", []string{
			"problem t.yaml:4:3: read object: metadata.name must be a string, got number (quote it)",
			`problem t.yaml:5:12: read object: metadata.labels["a"] must be a string, got boolean (quote it)`,
		}},
		{"duplicate keys", "kind: Pod\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  name: b\nkind: Job\n", []string{
			"problem t.yaml:1:1: read object: apiVersion is missing",
			`problem t.yaml:7:3: parse YAML: key "name" is already set in this mapping, on line 6`,
			`problem t.yaml:8:1: parse YAML: key "kind" is already set in this mapping, on line 4`,
		}},
		{"a key over a merged one", "apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: a}\ndata:\n  <<: *m\n  name: b\n", []string{"object v1 ConfigMap a at 1"}},
		{"duplicate JSON keys", "{\"apiVersion\":\"v1\",\n\"kind\":\"Pod\",\n  \"kind\":\"Pod\"}", []string{
			`problem t.yaml:3:3: parse JSON: key "kind" stands twice in one object`,
		}},
		{"broken YAML among good", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\n  kind: Pod\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n", []string{
			"object v1 Pod a at 1", "object v1 Pod b at 8", "problem t.yaml:6: parse YAML: mapping values are not allowed in this context",
		}},
		{"a template", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n", []string{
			"problem t.yaml:4:9: parse YAML: this is a template ({{ ... }}); give guard the folder of its chart, or what renders it",
		}},
		{"invalid UTF-8", "kind: Pod\nname: \xff\n", []string{"problem t.yaml:2:7: read: byte 0xff is not UTF-8"}},
		{"UTF-16", "\xff\xfek\x00", []string{"problem t.yaml:1: read: UTF-16 text; save it as UTF-8"}},
		{"cut JSON", "{\"apiVersion\": \"v1\",", []string{"problem t.yaml:1:20: parse JSON: the text ends in the middle of a value"}},
		{"something behind JSON", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"} x", []string{
			"object v1 Pod (unnamed) at 1", "problem t.yaml:1:1: parse JSON: invalid character 'x' looking for beginning of value",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, told(source.Text("t.yaml", []byte(test.text)))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestValuesAreReadAsTheAPIServerReadsThem(t *testing.T) {
	t.Parallel()
	r := source.Text("t.yaml", []byte("apiVersion: v1\nkind: X\nspec: {a: yes, b: off, c: 0755, d: 1_000, e: 1e3, f: 012.5, g: '1', h: ~, i: 0x1F, j: 2001-01-01}\n"))
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	want := `{"apiVersion": "v1", "kind": "X", "spec": {"a": true, "b": false, "c": 493, "d": 1000, "e": 1000, "f": 12.5, "g": "1", "h": null, "i": 31, "j": "2001-01-01"}}`
	if got := r.Worlds[0].Objects[0].Value.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnAliasBombIsRefusedQuickly(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("apiVersion: v1\nkind: ConfigMap\na0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	start := time.Now()
	got := told(source.Text("t.yaml", []byte(bomb.String())))
	if len(got) != 1 || !strings.Contains(got[0], "parse YAML: document contains excessive aliasing") {
		t.Errorf("got %v", got)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestALargeDocumentIsRefusedUnlessItIsAList(t *testing.T) {
	t.Parallel()
	blob := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  blob: " + strings.Repeat("x", 50<<20) + "\n"
	got := told(source.Text("t.yaml", []byte(blob)))
	if diff := cmp.Diff([]string{"problem t.yaml:1:1: read object: 50.0 MiB; the API server accepts at most 3 MiB for one object"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got = told(source.Text("t.yaml", []byte(blob+"# items\n")))
	if len(got) != 1 || !strings.Contains(got[0], "at most 3 MiB") {
		t.Errorf("one that mentions items: %v", got)
	}
	item := `{"metadata":{"name":"a"},"x":"` + strings.Repeat("x", 1<<20) + `"}`
	list := `{"apiVersion":"v1","kind":"PodList","items":[` + strings.Join([]string{item, item, item, item}, ",") + "]}"
	if got := told(source.Text("t.json", []byte(list))); len(got) != 4 || !strings.HasPrefix(got[3], "object v1 Pod a") {
		t.Errorf("list: %d lines", len(got))
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"
	for name, text := range map[string]string{
		"a/1.yaml": fmt.Sprintf(pod, "one"), "a/b/2.yml": fmt.Sprintf(pod, "two"), "a/.git/3.yaml": fmt.Sprintf(pod, "git"),
		"a/c.txt": "text", "x.md": "# Title\n\nwords\n", "e/empty.txt": "", "p.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"json"}}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "e"), filepath.Join(dir, "a/link")); err != nil {
		t.Fatal(err)
	}
	in := func(paths ...string) []string {
		for i, p := range paths {
			if p != "-" {
				paths[i] = filepath.Join(dir, p)
			}
		}
		var lines []string
		r := source.Files(paths, bytes.NewBufferString(fmt.Sprintf(pod, "stdin")))
		for _, line := range told(r) {
			lines = append(lines, strings.ReplaceAll(line, dir+"/", ""))
		}
		return append(lines, fmt.Sprintf("%d worlds, %d files, %d documents", len(r.Worlds), r.Files, r.Documents))
	}
	for _, test := range []struct {
		args, want []string
	}{
		{[]string{"a"}, []string{"object v1 Pod one at 1", "object v1 Pod two at 1", "skipped a/link: a link to a folder is not followed", "1 worlds, 2 files, 2 documents"}},
		{[]string{"a/1.yaml", "-", "p.json"}, []string{"object v1 Pod one at 1", "object v1 Pod stdin at 1", "object v1 Pod json at 1", "1 worlds, 3 files, 3 documents"}},
		{[]string{"a", "p.json"}, []string{"object v1 Pod one at 1", "object v1 Pod two at 1", "object v1 Pod json at 1", "skipped a/link: a link to a folder is not followed", "2 worlds, 3 files, 3 documents"}},
		{[]string{"a/**/*.y*ml"}, []string{"object v1 Pod git at 1", "object v1 Pod one at 1", "object v1 Pod two at 1", "1 worlds, 3 files, 3 documents"}},
		{[]string{"nothing/*.yaml"}, []string{"problem nothing/*.yaml: expand glob: no file matches", "0 worlds, 0 files, 0 documents"}},
		{[]string{"missing"}, []string{"problem missing: open: no such file or directory", "0 worlds, 0 files, 0 documents"}},
		{[]string{"x.md"}, []string{"problem x.md:3:1: read object: this is text, not a YAML mapping", "1 worlds, 1 files, 1 documents"}},
		{[]string{"e/empty.txt"}, []string{"problem e/empty.txt: read: there is no document in it", "1 worlds, 1 files, 0 documents"}},
		{[]string{"e"}, []string{"1 worlds, 0 files, 0 documents"}},
	} {
		if diff := cmp.Diff(test.want, in(test.args...)); diff != "" {
			t.Errorf("%v (-want +got)\n%s", test.args, diff)
		}
	}
}

// TestDecode: what a tool made is to be objects, is no template, and may have a key twice, as for the tool itself.
func TestDecode(t *testing.T) {
	t.Parallel()
	var docs []*object.Document
	for i, text := range []string{
		"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "words\n", "a: 1\n", "null\n",
		"apiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n  name: c\n", "a: {{ b }}: c\n",
	} {
		docs = append(docs, &object.Document{File: fmt.Sprint("made", i), Line: 1, Text: []byte(text)})
	}
	var got []string
	for _, d := range source.Decode(docs) {
		got = append(got, told(&source.Read{Worlds: []source.World{{Objects: d.Objects}}, Skipped: d.Skipped, Problems: d.Problems})...)
		got = append(got, strconv.FormatBool(d.Empty))
	}
	want := []string{
		"object v1 Pod a at 4", "false",
		"problem made1:1:1: read object: not a mapping", "false",
		"problem made2:1:1: read object: neither apiVersion nor kind", "false",
		"true",
		"object v1 Pod c at 1", `skipped made4:5:3: key "name" is already set in this mapping; the last counts`, "false",
		"problem made5:1: parse YAML: mapping values are not allowed in this context", "false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
