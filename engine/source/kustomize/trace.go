package kustomize

import (
	"fmt"
	"slices"
	"sync"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// trace finds where the objects of a build come from. It looks once somebody asks: most builds have no finding.
type trace struct {
	walk *walk
	top  *layer

	once    sync.Once
	origins map[kind][]*origin
	patches map[string]*patch
	mutex   sync.Mutex
}

type kind struct{ group, name string }

// origin is one text that an object can come from: a document among the resources or an entry of a generator.
type origin struct {
	// object is the document; nil for a generator.
	object *object.Object
	// generator is the entry's pointer in the kustomization file of the last layer; "" for a document.
	generator string
	// amends says that the generator's entry changes what another one makes.
	amends bool
	// way are the layers that the object goes through, the last that changes it first, and the first one first among those
	// that change it at the same time.
	way []*layer
	// names are what the object is called on its way, its own name first.
	names []string
	// namespace is where the kustomizations put it; "" when they leave it where it is.
	namespace string
}

// unnamed are the kinds that kustomize adds no prefix or suffix to (api/internal/builtins/PrefixTransformer.go).
//
//nolint:gochecknoglobals // a constant
var unnamed = []kind{{"apiextensions.k8s.io", "CustomResourceDefinition"}, {"apiregistration.k8s.io", "APIService"}, theNamespace}

// theNamespace is the kind whose objects kustomize calls as the namespace that it puts everything into.
//
//nolint:gochecknoglobals // a constant
var theNamespace = kind{"", "Namespace"}

func (t *trace) index() {
	t.origins = map[kind][]*origin{}
	t.collect(t.top, nil)
}

// collect adds what a layer and those below it read, above being the layers that come after it, outermost first.
func (t *trace) collect(l *layer, above []*layer) {
	way := append(slices.Clone(above), l)
	for _, u := range slices.Backward(l.uses) {
		if u.kind == component && u.layer != nil {
			way = append(way, components(u.layer)...)
		}
	}
	for _, u := range l.uses {
		switch {
		case u.kind == component && u.layer != nil:
			t.collect(u.layer, way)
		case u.kind == base && u.layer != nil:
			t.collect(u.layer, way)
		case u.kind == base && u.path != "":
			t.document(u.path, way)
		}
	}
	for i, g := range l.spec.ConfigMapGenerator {
		t.generator(kind{name: "ConfigMap"}, g.Name, g.Namespace, g.Behavior, fmt.Sprintf("/configMapGenerator/%d", i), l, way)
	}
	for i, g := range l.spec.SecretGenerator {
		t.generator(kind{name: "Secret"}, g.Name, g.Namespace, g.Behavior, fmt.Sprintf("/secretGenerator/%d", i), l, way)
	}
}

// components is a component and those it uses itself.
func components(l *layer) []*layer {
	out := []*layer{l}
	for _, u := range slices.Backward(l.uses) {
		if u.kind == component && u.layer != nil {
			out = append(out, components(u.layer)...)
		}
	}
	return out
}

func (t *trace) document(path string, way []*layer) {
	text, err := t.walk.disk.ReadFile(path)
	if err != nil {
		return
	}
	for _, world := range source.Text(t.walk.disk.show(path), text).Worlds {
		for _, o := range world.Objects {
			t.add(kind{o.Group, o.Kind}, o.Name, o.Namespace, &origin{object: o, way: way})
		}
	}
}

func (t *trace) generator(k kind, name, namespace, behavior, pointer string, l *layer, way []*layer) {
	amends := behavior == "merge" || behavior == "replace"
	way = append(slices.Clone(way), l)
	t.add(k, name, namespace, &origin{generator: pointer, amends: amends, way: way})
}

func (t *trace) add(k kind, name, namespace string, o *origin) {
	o.names, o.namespace = []string{name}, namespace
	for i, l := range slices.Backward(o.way) {
		if slices.Contains(o.way[i+1:], l) {
			continue
		}
		if l.spec.Namespace != "" {
			o.namespace = l.spec.Namespace
		}
		if l.spec.Namespace != "" && k == theNamespace {
			name = l.spec.Namespace
			o.names = append(o.names, name)
		}
		if named := l.spec.NamePrefix + name + l.spec.NameSuffix; named != name && !slices.Contains(unnamed, k) {
			name = named
			o.names = append(o.names, name)
		}
	}
	t.origins[k] = append(t.origins[k], o)
}

// named is what the object is called in the end, but for a hash.
func (o *origin) named() string { return o.names[len(o.names)-1] }

// layer is the one whose file the generator's entry stands in.
func (o *origin) layer() *layer { return o.way[len(o.way)-1] }

// file is the path of the text.
func (o *origin) file() string {
	if o.object == nil {
		return o.layer().doc.File
	}
	return o.object.Origin.Start().File
}

// find returns all that an object may come from: one when it can be told. stable is its name without a hash.
func (t *trace) find(made *object.Object, stable string) []*origin {
	t.once.Do(t.index)
	var named, placed, first []*origin
	for _, o := range t.origins[kind{made.Group, made.Kind}] {
		switch name := o.named(); {
		case name == made.Name, o.object == nil && name == stable:
			named = append(named, o)
		}
	}
	for _, o := range named {
		if o.namespace == made.Namespace {
			placed = append(placed, o)
		}
	}
	if len(placed) == 0 {
		placed = named
	}
	for _, o := range placed {
		if !o.amends && !slices.ContainsFunc(first, o.same) {
			first = append(first, o)
		}
	}
	return first
}

// same says that the text is the same: a base may be reached on several ways.
func (o *origin) same(other *origin) bool {
	if o.object == nil || other.object == nil {
		return o.object == other.object && o.generator == other.generator && o.layer() == other.layer()
	}
	a, b := o.object.Origin, other.object.Origin
	return a.Document.File == b.Document.File && a.Document.Line == b.Document.Line && slices.Equal(a.Steps, b.Steps)
}
