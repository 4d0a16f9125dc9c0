package object_test

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

func read(t *testing.T, text string) *object.Object {
	t.Helper()
	value, _, err := object.NewDecoder().DecodeJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o, err := object.New(value, object.Origin{Name: "a.json"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const liveClaim = `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a", "uid": "u", "resourceVersion": "7",
	"creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-02-01T00:00:00Z", "finalizers": ["f"]},
	"spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}}`

func TestOver(t *testing.T) {
	t.Parallel()
	live := read(t, liveClaim)
	manifest := read(t, `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a", "uid": "x"}, "spec": {"a": 1}, "status": {"phase": "Lost"}}`)
	before := manifest.Value.String()
	want := `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"deletionTimestamp": "2026-02-01T00:00:00Z", "name": "a", "resourceVersion": "7", "uid": "u"}, ` +
		`"spec": {"a": 1}, "status": {"phase": "Bound"}}`
	stored := manifest.Over(live)
	if got := stored.Value.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if manifest.Value.String() != before {
		t.Error("the manifest was changed")
	}
	if manifest.Over(nil) != manifest {
		t.Error("nothing is laid over nothing")
	}
	bare := read(t, `{"apiVersion": "v1", "kind": "PersistentVolumeClaim"}`)
	if got := bare.Over(live).UID(); got != "u" {
		t.Errorf("without metadata: uid %q", got)
	}
	if got := manifest.Over(bare).Value; got.Compare(manifest.Value) != 0 {
		t.Errorf("over an object without metadata and status: %s", got)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	live := read(t, liveClaim)
	exported := read(t, `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a", "finalizers": ["f"], "creationTimestamp": null}, "spec": {"volumeName": "pv"}}`)
	if !exported.Over(live).Same(live) {
		t.Error("what was exported is no change")
	}
	changed := read(t, `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}, "spec": {"volumeName": "pv"}}`)
	if changed.Over(live).Same(live) {
		t.Error("a finalizer less is a change")
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	o := read(t, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"x/y": ""}}, "spec": {"containers": [{"name": "c"}]}}`)
	for pointer, want := range map[string]bool{
		"": true, "/metadata/annotations/x~1y": true, "/spec/containers/0/name": true,
		"/spec/containers/1": false, "/spec/containers/-": false, "/spec/containers/0/name/x": false, "/status": false,
	} {
		if o.Has(pointer) != want {
			t.Errorf("%q: want %v", pointer, want)
		}
	}
	if place := o.Origin.Locate("/spec"); place.File != "a.json" || place.Line != 0 || place.String() != "a.json" {
		t.Errorf("an object without a document is at %+v", place)
	}
	if moved := o.At(object.Origin{Name: "b"}); moved.Origin.Start().File != "b" || o.Origin.Name != "a.json" || moved.Value.Compare(ast.Value(o.Value)) != 0 {
		t.Errorf("moved to %+v", moved.Origin)
	}
}

func TestWithoutTakesFieldsAndKeepsPlaces(t *testing.T) {
	t.Parallel()
	o := read(t, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"x/y": "z"}}, "spec": {"containers": [{"name": "one", "image": "i"}, {"name": "two"}]}}`)
	got := o.Without([]string{"/metadata/labels/x~1y", "/spec/containers/0/image", "/spec/containers/1", "/spec/none/0", "/kind", "/spec/containers/7", ""}).String()
	want := `{"apiVersion": "v1", "metadata": {"labels": {}, "name": "a"}, "spec": {"containers": [{"name": "one"}, null]}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWithMetadata(t *testing.T) {
	t.Parallel()
	bare := read(t, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"x": "1", "y": "2"}}}`)
	marked := bare.WithMetadata(map[string]string{"x": "3"}, map[string]string{"n": "4"})
	want := read(t, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"x": "3", "y": "2"}, "annotations": {"n": "4"}}}`)
	if marked.Value.Compare(want.Value) != 0 || marked.Labels["x"] != "3" || marked.Labels["y"] != "2" || marked.Annotations["n"] != "4" {
		t.Errorf("got %v", marked.Value)
	}
	if bare.Labels["x"] != "1" || bare.Annotations != nil || bare.Has("/metadata/annotations") {
		t.Error("the object itself changed")
	}
	if alone := read(t, `{"apiVersion": "v1", "kind": "Pod"}`).WithMetadata(nil, map[string]string{"n": "4"}); !alone.Has("/metadata/annotations/n") {
		t.Errorf("got %v", alone.Value)
	}
}
