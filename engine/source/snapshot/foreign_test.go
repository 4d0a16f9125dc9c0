package snapshot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/snapshot"
)

func TestWhatKubectlPrintsIsASnapshot(t *testing.T) {
	t.Parallel()
	const pod = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db-0", "namespace": "shop", "managedFields": [{}]}, "spec": {"containers": [{"name": "db", "image": "mysql", "env": [{"name": "A", "value": "hunter2"}]}]}}`
	dir := t.TempDir()
	for name, text := range map[string]string{
		"list.json":        `{"apiVersion": "v1", "kind": "List", "items": [` + pod + `]}`,
		"list.yaml":        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: db-0, namespace: shop, managedFields: [{}]}\n  spec: {containers: [{name: db, image: mysql, env: [{name: A, value: hunter2}]}]}\n",
		"one.json":         pod,
		"bare.json":        "[\n" + pod + "]",
		"bare/pods.yaml":   "- apiVersion: v1\n  kind: Pod\n  metadata: {name: db-0, namespace: shop}\n  spec: {containers: [{name: db, image: mysql, env: [{name: A, value: hunter2}]}]}\n",
		"d/nodes.json":     `{"apiVersion": "v1", "kind": "NodeList", "items": []}`,
		"d/shop/pods.json": `{"apiVersion": "v1", "kind": "PodList", "items": [` + pod + `]}`,
		"d/shop/copy.json": `{"apiVersion": "v1", "kind": "PodList", "items": [` + pod + `]}`,
		"d/shop/logs.txt":  "password hunter2",
		"d/version.json":   `{"clientVersion": {"major": "1"}}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"list.json", "list.yaml", "one.json", "bare.json", "bare", "d"} {
		s, err := snapshot.Open(filepath.Join(dir, name))
		if err != nil || len(s.Problems) > 0 {
			t.Fatal(name, err, s.Problems)
		}
		r, err := s.Cluster().Read(t.Context(), []cluster.Want{{Kind: "Pod", Judge: []string{"a"}}, {Kind: "PersistentVolume", Judge: []string{"a"}}}, "")
		if err != nil || len(r.Problems) > 0 {
			t.Fatal(name, err, r.Problems)
		}
		if len(r.Judged) != 1 || r.Absent != 1 || s.Context != name || !s.Taken.IsZero() {
			t.Errorf("%s: %v, %d absent, context %s", name, r.Judged, r.Absent, s.Context)
		}
		o := r.Judged[0]
		place := o.Origin.Locate("/spec/containers/0/env/0/value")
		if text := fmt.Sprint(o.Value, place, o.Origin.Start()); strings.Contains(text, "hunter2") || strings.Contains(text, "managedFields") {
			t.Error(text)
		}
		if place.Line == 0 || !strings.HasPrefix(place.File, dir) {
			t.Errorf("%s: %+v", name, place)
		}
	}
	for name, text := range map[string]string{"no.json": `["a"]`, "part.json": "[" + pod + `, {"kind": "Pod"}]`} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := snapshot.Open(path); err != nil || len(s.Problems) != 1 || len(s.Objects()) > 0 {
			t.Errorf("%s: %v %+v", name, err, s)
		}
	}
	s, err := snapshot.Open(filepath.Join(dir, "d"))
	if err != nil || len(s.Skipped) != 1 || s.Files != 4 || !strings.Contains(s.Skipped[0].Message, "neither apiVersion nor kind") {
		t.Errorf("%v %+v", err, s)
	}
}

func TestOpenKnowsAFileOfGuardsByItsBytes(t *testing.T) {
	t.Parallel()
	path := written(t, taken(t))
	renamed := filepath.Join(t.TempDir(), "prod.json")
	if err := os.WriteFile(renamed, read(t, path), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, renamed} {
		if s, err := snapshot.Open(path); err != nil || s.Guard != "v0" || !snapshot.Is(path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	torn := filepath.Join(t.TempDir(), "torn.snapshot")
	if err := os.WriteFile(torn, read(t, path)[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Open(torn); err == nil || !snapshot.Is(torn) {
		t.Errorf("%v", err)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir(), "doc.go"} {
		if snapshot.Is(path) {
			t.Errorf("%s is none", path)
		}
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("a: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(broken)
	if err != nil || len(s.Problems) != 1 {
		t.Errorf("%v %+v", err, s)
	}
	if diff := cmp.Diff(0, len(s.Objects())); diff != "" {
		t.Error(diff)
	}
}
