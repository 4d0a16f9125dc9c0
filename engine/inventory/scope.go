package inventory

import (
	"cmp"
	"maps"

	"github.com/open-policy-agent/opa/v1/ast"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/object"
)

//go:generate go run scope_gen.go

// Scopes tells cluster-scoped kinds from namespaced ones: the built-in kinds by a table made from the
// Kubernetes API's sources, custom ones by the CustomResourceDefinitions among the objects.
type Scopes struct {
	defined map[string]bool
}

// Define says that the kind is namespaced, or cluster-scoped.
func (s *Scopes) Define(group, kind string, namespaced bool) {
	if s.defined == nil {
		s.defined = map[string]bool{}
	}
	s.defined[group+"/"+kind] = !namespaced
}

// ScopesOf learns from the CustomResourceDefinitions among objects; what is malformed teaches nothing.
func ScopesOf(objects []*object.Object) Scopes { return Scopes{}.with(objects) }

func (s Scopes) with(objects []*object.Object) Scopes {
	s.defined = maps.Clone(s.defined)
	for _, o := range objects {
		if o.Group != "apiextensions.k8s.io" || o.Kind != "CustomResourceDefinition" {
			continue
		}
		group, kind, scope := text(o.Value, "spec", "group"), text(o.Value, "spec", "names", "kind"), text(o.Value, "spec", "scope")
		if kind != "" && scope != "" {
			s.Define(group, kind, scope != "Cluster")
		}
	}
	return s
}

// Builtin says that every cluster serves the kind, in one version or another.
func Builtin(kind schema.GroupKind) bool {
	_, ok := builtin[kind.Group+"/"+kind.Kind]
	return ok
}

// Store gives each namespaced object without namespace the one in which the API server would store it: namespace, and
// "default" where that is empty. assumed counts objects of kinds that nobody defined, CustomResourceDefinitions among
// the objects included.
func (s Scopes) Store(objects []*object.Object, namespace string) (stored []*object.Object, assumed int) {
	s = s.with(objects)
	for _, o := range objects {
		namespaced, known := s.Namespaced(o)
		if !known {
			assumed++
		}
		if namespaced && o.Namespace == "" {
			o = o.WithNamespace(cmp.Or(namespace, "default"))
		}
		stored = append(stored, o)
	}
	return stored, assumed
}

// Namespaced says whether the object lives in a namespace. For a kind that nobody defined it does when it
// names one; known is false then.
func (s Scopes) Namespaced(o *object.Object) (namespaced, known bool) {
	key := o.Group + "/" + o.Kind
	if cluster, ok := builtin[key]; ok {
		return !cluster, true
	}
	if cluster, ok := s.defined[key]; ok {
		return !cluster, true
	}
	return o.Namespace != "", false
}

func text(value ast.Value, path ...string) string {
	for _, step := range path {
		parent, ok := value.(ast.Object)
		if !ok {
			return ""
		}
		term := parent.Get(ast.StringTerm(step))
		if term == nil {
			return ""
		}
		value = term.Value
	}
	return object.Text(ast.NewTerm(value))
}
