package object_test

import (
	"maps"
	"testing"

	"github.com/data-guard/guard/engine/object"
)

func TestAnnotationsAreWrittenOnACopy(t *testing.T) {
	t.Parallel()
	o := read(t, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"a": "1", "b": "2"}, "name": "x"}}`)
	before := o.Value.String()
	for _, test := range []struct {
		got        *object.Object
		want, text string
	}{
		{o.WithAnnotation("a", "3"), "3", `{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"a": "3", "b": "2"}, "name": "x"}}`},
		{o.WithoutAnnotation("a"), "", `{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"b": "2"}, "name": "x"}}`},
		{o.WithoutAnnotation("c"), "1", before},
	} {
		if test.got.Annotations["a"] != test.want || test.got.Annotations["b"] != "2" || test.got.Value.String() != test.text {
			t.Errorf("got %v and %s", test.got.Annotations, test.got.Value)
		}
	}
	bare := read(t, `{"apiVersion": "v1", "kind": "Pod"}`)
	if got := bare.WithAnnotation("a", "1").Value.String(); got != `{"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"a": "1"}}}` {
		t.Error(got)
	}
	if o.Value.String() != before || !maps.Equal(o.Annotations, map[string]string{"a": "1", "b": "2"}) {
		t.Error("the object was changed")
	}
}
