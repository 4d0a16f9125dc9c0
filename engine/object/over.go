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
