// Package inventory holds a world: every object by the path at which Gatekeeper's policies find it.
package inventory

import (
	"cmp"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// Inventory is a world, as policies see it in data.inventory. It does not change after New.
type Inventory struct {
	// Name is what a report calls the world; "" where it need not be told from others.
	Name string
	// Objects are the world's objects in the order in which they were read, each with the namespace in which
	// the API server would store it.
	Objects []*object.Object
	// Duplicates are groups of two or more objects with one identity. All are judged; the inventory has the first.
	Duplicates [][]*object.Object
	// ScopeAssumed counts objects of kinds that neither Kubernetes nor a CustomResourceDefinition here defines.
	ScopeAssumed int

	value      ast.Object
	namespaces map[string]*object.Object
}

// Around is what stands around a world's own objects: a cluster.
type Around struct {
	// Name is that of the inventory.
	Name string
	// Objects are seen and not judged, each stored as the cluster says. One object may be there in several versions.
	Objects []*object.Object
	// Scopes are those that the cluster tells; the zero value knows built-in kinds.
	Scopes Scopes
}

// New builds the world of objects. A namespaced object without namespace gets namespace, and "default" where that
// is empty; a cluster-scoped one that names a namespace loses nothing, since the API server would refuse it.
func New(objects []*object.Object, namespace string) *Inventory {
	return Within(Around{}, objects, namespace)
}

// Within is New for objects with others around them; where both have something at one path, the world's own stands.
func Within(around Around, objects []*object.Object, namespace string) *Inventory {
	inv := &Inventory{Name: around.Name, namespaces: map[string]*object.Object{}}
	inv.Objects, inv.ScopeAssumed = around.Scopes.Store(objects, namespace)
	scopes := around.Scopes.with(objects)
	byID := map[object.ID][]*object.Object{}
	groups := tree{}
	for _, o := range inv.Objects {
		namespaced, _ := scopes.Namespaced(o)
		if o.Name == "" {
			continue
		}
		byID[o.ID] = append(byID[o.ID], o)
		if len(byID[o.ID]) > 1 {
			continue
		}
		if o.Group == "" && o.Kind == "Namespace" {
			inv.namespaces[o.Name] = o
		}
		groups.add(o, namespaced)
	}
	for _, o := range around.Objects {
		groups.add(o, o.Namespace != "")
		if o.Group == "" && o.Kind == "Namespace" && inv.namespaces[o.Name] == nil {
			inv.namespaces[o.Name] = o
		}
	}
	for _, same := range byID {
		if len(same) > 1 {
			inv.Duplicates = append(inv.Duplicates, same)
		}
	}
	slices.SortFunc(inv.Duplicates, func(a, b []*object.Object) int { return cmp.Compare(a[0].String(), b[0].String()) })
	inv.value = groups.value()
	return inv
}

// Value is data.inventory.
func (inv *Inventory) Value() ast.Object { return inv.value }

// Namespace is the Namespace object of that name, or nil when nobody showed it.
func (inv *Inventory) Namespace(name string) *object.Object { return inv.namespaces[name] }

// tree is the inventory while it is built: maps below, objects at the leaves.
type tree map[string]any

// add puts the object where Gatekeeper's policies look for it.
func (t tree) add(o *object.Object, namespaced bool) {
	if namespaced {
		t.insert(o.Value, "namespace", o.Namespace, o.APIVersion(), o.Kind, o.Name)
	} else {
		t.insert(o.Value, "cluster", o.APIVersion(), o.Kind, o.Name)
	}
}

// insert leaves alone what is there.
func (t tree) insert(leaf ast.Value, path ...string) {
	for _, step := range path[:len(path)-1] {
		child, ok := t[step].(tree)
		if !ok {
			child = tree{}
			t[step] = child
		}
		t = child
	}
	if _, taken := t[path[len(path)-1]]; !taken {
		t[path[len(path)-1]] = leaf
	}
}

func (t tree) value() ast.Object {
	pairs := make([][2]*ast.Term, 0, len(t))
	for key, child := range t {
		var v ast.Value
		switch c := child.(type) {
		case tree:
			v = c.value()
		case ast.Value:
			v = c
		}
		pairs = append(pairs, ast.Item(ast.StringTerm(key), ast.NewTerm(v)))
	}
	return ast.NewObject(pairs...)
}
