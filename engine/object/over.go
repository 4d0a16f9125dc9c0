package object

import (
	"slices"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Over is the manifest as the API server would store it in place of live: status, uid, resourceVersion and a deletion
// that is under way are live's, whatever the manifest says (apiserver v0.36 pkg/registry/rest/update.go, BeforeUpdate).
// Nothing else is added: creationTimestamp stays live's alone, which tells a manifest that was laid over the object
// from a request that read the object first. Place and identity are the manifest's. A nil live changes nothing.
func (o *Object) Over(live *Object) *Object {
	if live == nil {
		return o
	}
	stored := *o
	if status := live.Value.Get(ast.InternedTerm("status")); status != nil {
		stored.Value = with(stored.Value, "status", status.Value)
	}
	metadata := o.metadata()
	if kept := live.metadata(); kept != nil {
		for _, key := range []string{"uid", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"} {
			if term := kept.Get(ast.StringTerm(key)); term != nil {
				metadata = with(metadata, key, term.Value)
			}
		}
	}
	if metadata != nil {
		stored.Value = with(stored.Value, "metadata", metadata)
	}
	return &stored
}

// Same says that to write the object in place of live would change nothing but what the API server keeps itself.
func (o *Object) Same(live *Object) bool {
	return o.written().Compare(live.written()) == 0
}

func (o *Object) written() ast.Object {
	metadata := o.metadata()
	if metadata == nil {
		return o.Value
	}
	kept := ast.NewObject()
	metadata.Foreach(func(k, v *ast.Term) {
		if !slices.Contains([]string{"creationTimestamp", "generation", "managedFields", "selfLink"}, Text(k)) {
			kept.Insert(k, v)
		}
	})
	return with(o.Value, "metadata", kept)
}

// At is the object as if it had been read there.
func (o *Object) At(origin Origin) *Object {
	moved := *o
	moved.Origin = origin
	return &moved
}

// UID is metadata.uid, "" for an object that no API server has stored.
func (o *Object) UID() string {
	if metadata := o.metadata(); metadata != nil {
		return Text(metadata.Get(ast.InternedTerm("uid")))
	}
	return ""
}

// Has says whether the field of an RFC 6901 pointer is set.
func (o *Object) Has(pointer string) bool {
	var value ast.Value = o.Value
	for _, step := range SplitPointer(pointer) {
		var child *ast.Term
		switch parent := value.(type) {
		case ast.Object:
			child = parent.Get(ast.StringTerm(step))
		case *ast.Array:
			if i, err := strconv.Atoi(step); err == nil {
				child = parent.Get(ast.IntNumberTerm(i))
			}
		default:
		}
		if child == nil {
			return false
		}
		value = child.Value
	}
	return true
}

// Without is the object's value without the fields of RFC 6901 pointers; what is not there is not missed.
func (o *Object) Without(pointers []string) ast.Value {
	var value ast.Value = o.Value
	for _, pointer := range pointers {
		if steps := SplitPointer(pointer); len(steps) > 0 {
			value = without(value, steps)
		}
	}
	return value
}

// without leaves null where an item of a list was, so that the other items keep their places.
func without(value ast.Value, steps []string) ast.Value {
	switch parent := value.(type) {
	case ast.Object:
		child := parent.Get(ast.StringTerm(steps[0]))
		if child == nil {
			return value
		}
		changed := ast.NewObject()
		parent.Foreach(func(k, v *ast.Term) {
			switch {
			case Text(k) != steps[0]:
				changed.Insert(k, v)
			case len(steps) > 1:
				changed.Insert(k, ast.NewTerm(without(v.Value, steps[1:])))
			}
		})
		return changed
	case *ast.Array:
		at, err := strconv.Atoi(steps[0])
		if err != nil || at < 0 || at >= parent.Len() {
			return value
		}
		items := make([]*ast.Term, 0, parent.Len())
		for i := range parent.Len() {
			switch {
			case i != at:
				items = append(items, parent.Elem(i))
			case len(steps) > 1:
				items = append(items, ast.NewTerm(without(parent.Elem(i).Value, steps[1:])))
			default:
				items = append(items, ast.NullTerm())
			}
		}
		return ast.NewArray(items...)
	default:
		return value
	}
}
