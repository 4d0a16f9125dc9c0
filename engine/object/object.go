// Package object holds one Kubernetes object as it was read, and where it was read.
package object

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// ID names an object within a world: the API version is not part of it, since one object can be
// read and written through several.
type ID struct {
	Group, Kind, Namespace, Name string
}

// String spells the object as findings do: kind, then namespace/name.
func (id ID) String() string {
	if id.Namespace == "" {
		return id.Kind + " " + id.Name
	}
	return id.Kind + " " + id.Namespace + "/" + id.Name
}

// Object is one Kubernetes object. It is never modified after New: reviews, inventories and workers
// share its Value.
type Object struct {
	ID
	// Version is the API version without its group.
	Version string
	// GenerateName is metadata.generateName, or empty.
	GenerateName string
	// Labels are the string labels; nil when there are none.
	Labels map[string]string
	// Annotations are the string annotations; nil when there are none.
	Annotations map[string]string
	// Value is the whole object as policies see it.
	Value ast.Object
	// Origin is where the object was read.
	Origin Origin
}

// ShapeError says which field of an object has another shape than the API server accepts.
type ShapeError struct {
	// Pointer is the field's RFC 6901 pointer.
	Pointer string
	Message string
}

// Error is the message alone: who knows the file adds the place.
func (e *ShapeError) Error() string { return "read object: " + e.Message }

// New reads the identity of value. It is an error, joined of a *ShapeError each, when apiVersion, kind or metadata have
// another shape than the API server accepts; a missing name is not, since generateName or a report can do without.
func New(value ast.Value, origin Origin) (*Object, error) {
	root, ok := value.(ast.Object)
	if !ok {
		return nil, &ShapeError{"", "want a mapping, got " + ast.ValueName(value)}
	}
	var problems []error
	text := func(parent ast.Object, key, path string) string {
		s, err := stringAt(parent, key, path)
		problems = append(problems, err)
		return s
	}
	o := &Object{Value: root, Origin: origin}
	apiVersion := text(root, "apiVersion", "apiVersion")
	o.Kind = text(root, "kind", "kind")
	if apiVersion == "" {
		problems = append(problems, &ShapeError{"", "apiVersion is missing"})
	}
	if o.Kind == "" {
		problems = append(problems, &ShapeError{"", "kind is missing"})
	}
	o.Group, o.Version = splitAPIVersion(apiVersion)

	meta, err := mapAt(root, "metadata", "metadata")
	problems = append(problems, err)
	if meta != nil {
		o.Name = text(meta, "name", "metadata.name")
		o.Namespace = text(meta, "namespace", "metadata.namespace")
		o.GenerateName = text(meta, "generateName", "metadata.generateName")
		o.Labels, err = stringMapAt(meta, "labels")
		problems = append(problems, err)
		o.Annotations, err = stringMapAt(meta, "annotations")
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return o, nil
}

// APIVersion is group/version, or the version alone for the core group.
func (o *Object) APIVersion() string {
	if o.Group == "" {
		return o.Version
	}
	return o.Group + "/" + o.Version
}

// DisplayName is the name, or generateName with an asterisk, or "(unnamed)".
func (o *Object) DisplayName() string {
	switch {
	case o.Name != "":
		return o.Name
	case o.GenerateName != "":
		return o.GenerateName + "*"
	default:
		return "(unnamed)"
	}
}

// String spells the object as findings do, also when it has no name yet.
func (o *Object) String() string {
	id := o.ID
	id.Name = o.DisplayName()
	return id.String()
}

// WithNamespace returns the object as the API server would store it in that namespace. The receiver
// stays as it was read.
func (o *Object) WithNamespace(namespace string) *Object {
	stored := *o
	stored.Namespace = namespace
	stored.Value = with(o.Value, "metadata", with(o.metadata(), "namespace", ast.String(namespace)))
	return &stored
}

// WithoutAnnotation returns the object without the annotation of that key.
func (o *Object) WithoutAnnotation(key string) *Object {
	kept := maps.Clone(o.Annotations)
	delete(kept, key)
	return o.withAnnotations(kept)
}

// WithAnnotation returns the object with that text as the annotation of that key.
func (o *Object) WithAnnotation(key, text string) *Object {
	annotations := map[string]string{key: text}
	for k, v := range o.Annotations {
		if k != key {
			annotations[k] = v
		}
	}
	return o.withAnnotations(annotations)
}

func (o *Object) withAnnotations(annotations map[string]string) *Object {
	changed := *o
	changed.Annotations = annotations
	value := ast.NewObject()
	for k, v := range annotations {
		value.Insert(ast.StringTerm(k), ast.StringTerm(v))
	}
	changed.Value = with(o.Value, "metadata", with(o.metadata(), "annotations", value))
	return &changed
}

// metadata is the object's metadata, nil when there is none; New has refused any other shape.
func (o *Object) metadata() ast.Object {
	if term := o.Value.Get(ast.InternedTerm("metadata")); term != nil {
		if meta, ok := term.Value.(ast.Object); ok {
			return meta
		}
	}
	return nil
}

// Text is the string that a term holds; "" for nil and for every other value.
func Text(term *ast.Term) string {
	if term == nil {
		return ""
	}
	if s, ok := term.Value.(ast.String); ok {
		return string(s)
	}
	return ""
}

func with(parent ast.Object, key string, value ast.Value) ast.Object {
	changed := ast.NewObject()
	if parent != nil {
		parent.Foreach(func(k, v *ast.Term) { changed.Insert(k, v) })
	}
	changed.Insert(ast.StringTerm(key), ast.NewTerm(value))
	return changed
}

func splitAPIVersion(apiVersion string) (group, version string) {
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return group, version
	}
	return "", apiVersion
}

func misshapen(path, want string, got ast.Value) error {
	message := fmt.Sprintf("%s must be %s, got %s", path, want, ast.ValueName(got))
	switch got.(type) {
	case ast.Number, ast.Boolean:
		message += " (quote it)"
	}
	return &ShapeError{"/" + strings.ReplaceAll(path, ".", "/"), message}
}

func stringAt(parent ast.Object, key, path string) (string, error) {
	term := parent.Get(ast.StringTerm(key))
	if term == nil {
		return "", nil
	}
	switch v := term.Value.(type) {
	case ast.String:
		return string(v), nil
	case ast.Null:
		return "", nil
	default:
		return "", misshapen(path, "a string", v)
	}
}

func mapAt(parent ast.Object, key, path string) (ast.Object, error) {
	term := parent.Get(ast.StringTerm(key))
	if term == nil {
		return nil, nil //nolint:nilnil // absent and null both mean none
	}
	switch v := term.Value.(type) {
	case ast.Object:
		return v, nil
	case ast.Null:
		return nil, nil //nolint:nilnil // absent and null both mean none
	default:
		return nil, misshapen(path, "a mapping", v)
	}
}

func stringMapAt(meta ast.Object, key string) (map[string]string, error) {
	values, err := mapAt(meta, key, "metadata."+key)
	if values == nil || err != nil {
		return nil, err
	}
	out := make(map[string]string, values.Len())
	var problems []error
	values.Foreach(func(k, v *ast.Term) {
		name := Text(k)
		if _, ok := v.Value.(ast.String); !ok {
			problems = append(problems, &ShapeError{
				"/metadata/" + key + "/" + escape(name),
				fmt.Sprintf("metadata.%s[%q] must be a string, got %s (quote it)", key, name, ast.ValueName(v.Value)),
			})
			return
		}
		out[name] = Text(v)
	})
	return out, errors.Join(problems...)
}
