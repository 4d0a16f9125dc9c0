package object

import (
	"maps"

	"github.com/open-policy-agent/opa/v1/ast"
)

// WithMetadata returns the object with labels and annotations in addition to, and over, those that it has. The receiver
// stays as it was read.
func (o *Object) WithMetadata(labels, annotations map[string]string) *Object {
	changed := *o
	metadata := o.metadata()
	changed.Labels, metadata = withStrings(o.Labels, metadata, "labels", labels)
	changed.Annotations, metadata = withStrings(o.Annotations, metadata, "annotations", annotations)
	changed.Value = with(o.Value, "metadata", metadata)
	return &changed
}

func withStrings(had map[string]string, metadata ast.Object, key string, more map[string]string) (map[string]string, ast.Object) {
	all := make(map[string]string, len(had)+len(more))
	maps.Copy(all, had)
	maps.Copy(all, more)
	value := ast.NewObject()
	for k, v := range all {
		value.Insert(ast.StringTerm(k), ast.StringTerm(v))
	}
	return all, with(metadata, key, value)
}
