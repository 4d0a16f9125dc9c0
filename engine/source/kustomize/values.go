package kustomize

import (
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// at is the value that steps lead to, nil when there is none.
func at(value ast.Value, steps []string) ast.Value {
	for _, step := range steps {
		if value = child(value, step); value == nil {
			return nil
		}
	}
	return value
}

func child(value ast.Value, step string) ast.Value {
	var term *ast.Term
	switch parent := value.(type) {
	case ast.Object:
		term = parent.Get(ast.StringTerm(step))
	case *ast.Array:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < parent.Len() {
			term = parent.Elem(i)
		}
	}
	if term == nil {
		return nil
	}
	return term.Value
}

// follow finds in another text what steps lead to in a value: the same keys, and in lists the item that is the same one,
// wherever it stands. A step that the other does not have ends it: ok is false.
func (s *subject) follow(value, other ast.Value, steps []string) (there []string, found ast.Value, ok bool) {
	for _, step := range steps {
		next := child(value, step)
		if next == nil {
			return nil, nil, false
		}
		if list, isList := value.(*ast.Array); isList {
			others, isList := other.(*ast.Array)
			if !isList {
				return nil, nil, false
			}
			i := s.counterpart(list, others, next, step)
			if i < 0 {
				return nil, nil, false
			}
			step = strconv.Itoa(i)
		}
		if other = child(other, step); other == nil {
			return nil, nil, false
		}
		value = next
		there = append(there, step)
	}
	return there, other, true
}

// counterpart is the index of the item in another list that is the same one as an item: by the key that merges it, if that
// is unique in both lists, or else by standing in the same place alike, or by being equal to it alone.
func (s *subject) counterpart(list, others *ast.Array, item ast.Value, step string) int {
	for _, key := range []string{"name", "mountPath", "devicePath", "containerPort", "port", "key", "topologyKey", "ip", "uid"} {
		name := child(item, key)
		if name == nil || count(list, name, key) != 1 {
			continue
		}
		if i, n := search(others, name, key); n == 1 {
			return i
		}
		if key == "name" {
			return s.oldName(others, text(name))
		}
	}
	if i, err := strconv.Atoi(step); err == nil && i < others.Len() && s.alike(others.Elem(i).Value, item) {
		return i
	}
	if i, n := search(others, item, ""); n == 1 {
		return i
	}
	return -1
}

// alike says that values are equal but for names that kustomizations change.
func (s *subject) alike(there, value ast.Value) bool {
	own, isObject := there.(ast.Object)
	made, isToo := value.(ast.Object)
	if !isObject || !isToo {
		return equal(there, value) || s.renamed(text(there), text(value))
	}
	return own.Len() == made.Len() && !own.Until(func(k, v *ast.Term) bool {
		other := made.Get(k)
		return other == nil || !s.alike(v.Value, other.Value)
	})
}

// oldName is the index of the only item whose name kustomizations change to another, -1 when there is none.
func (s *subject) oldName(others *ast.Array, name string) int {
	found := -1
	for i := range others.Len() {
		if s.renamed(text(child(others.Elem(i).Value, "name")), name) {
			if found >= 0 {
				return -1
			}
			found = i
		}
	}
	return found
}

func count(list *ast.Array, value ast.Value, key string) int {
	_, n := search(list, value, key)
	return n
}

// search finds the items that are equal to a value, or have it under a key: the first, and how many there are.
func search(list *ast.Array, value ast.Value, key string) (first, n int) {
	first = -1
	for i := range list.Len() {
		has := list.Elem(i).Value
		if key != "" {
			has = child(has, key)
		}
		if has != nil && has.Compare(value) == 0 {
			if n == 0 {
				first = i
			}
			n++
		}
	}
	return first, n
}

func equal(a, b ast.Value) bool { return a != nil && b != nil && a.Compare(b) == 0 }

// composite says that both are mappings or both are lists: what a merge goes on within.
func composite(a, b ast.Value) bool {
	switch a.(type) {
	case ast.Object:
		_, ok := b.(ast.Object)
		return ok
	case *ast.Array:
		_, ok := b.(*ast.Array)
		return ok
	default:
		return false
	}
}

func text(value ast.Value) string {
	if value == nil {
		return ""
	}
	return object.Text(ast.NewTerm(value))
}
