// Package review turns objects, or base and head, into the questions that policies are asked, in exactly
// the shape that Gatekeeper gives them.
package review

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
)

// Operation is what is asked for; State asks about an object as it stands.
type Operation string

// The operations, spelled as in an AdmissionRequest; Gatekeeper's audit leaves the operation empty.
const (
	State  Operation = ""
	Create Operation = "CREATE"
	Update Operation = "UPDATE"
	Delete Operation = "DELETE"
)

// Review is one question. It does not change after it was made.
type Review struct {
	Operation Operation
	// Object is the object as it would be; nil on DELETE.
	Object *object.Object
	// Old is the object as it is; nil on CREATE and for a state question.
	Old *object.Object
	// SubResource is "status", "finalize" and the like, or empty.
	SubResource string
	// User, UserGroups are who asks; empty in CI, which exempts from nothing.
	User       string
	UserGroups []string
	// Options are the request's DeleteOptions, CreateOptions and the like, an object; nil where nobody sends any, as in
	// CI. Of a DELETE the API server shows the grace period that it has settled on, of a DELETECOLLECTION the one that
	// was sent (apiserver v0.36 pkg/registry/rest/delete.go, BeforeDelete).
	Options ast.Value
	// World is what the question is asked in.
	World *inventory.Inventory
	// In is what a report calls the world that the subject is from; "" where it need not be told from others.
	In string
	// Counterpart is, of a DELETE, the object that stands in the place of the old one under another name, and of that
	// object's CREATE the old one; nil when there is none. Policies do not see it: an API server knows no renames.
	Counterpart *object.Object
	// Granted are the annotations that the object had before the change that a run judges, empty for one that is new: an
	// exemption counts as far as it held there too. nil where no change is judged: the object's own count.
	Granted map[string]string
}

// Subject is what the review is about: the object, or on DELETE the one that would go.
func (r *Review) Subject() *object.Object {
	if r.Object != nil {
		return r.Object
	}
	return r.Old
}

// States asks the state question of every object of a world.
func States(world *inventory.Inventory) []*Review {
	reviews := make([]*Review, 0, len(world.Objects))
	for _, o := range world.Objects {
		reviews = append(reviews, &Review{Object: o, World: world, In: world.Name})
	}
	return reviews
}

// Onto turns the changes of manifests into what a cluster is asked: where it has the object, that is the old one; what
// it has already as head wants it is asked nothing. world is the cluster before the change, stored looks an object up
// there and is nil for one that it does not have. Changes of an object that both base and the cluster have are asked
// from either side: apply takes away what base set and head does not (a finalizer), which the live object alone cannot
// tell from what others set.
func Onto(changes []*Review, world *inventory.Inventory, stored func(*object.Object) *object.Object) []*Review {
	var reviews []*Review
	for _, change := range changes {
		r := *change
		r.World = world
		live := stored(r.Subject())
		if live == nil {
			reviews = append(reviews, &r)
			continue
		}
		switch r.Operation {
		case Create, Update:
			if r.Operation == Update {
				fromBase := r
				reviews = append(reviews, &fromBase)
			}
			if !r.Object.Same(live) {
				r.Operation, r.Old = Update, live
				reviews = append(reviews, &r)
			}
		case Delete:
			r.Old = live.At(r.Old.Origin)
			reviews = append(reviews, &r)
		case State:
			reviews = append(reviews, &r)
		}
	}
	return reviews
}

// Input is input.review, with the keys that Gatekeeper's target sends (gatekeeper/v3 pkg/target, gkReview): absent
// objects are null, and on DELETE the old object stands in both places.
func (r *Review) Input() ast.Value {
	subject := r.Subject()
	gvk := ast.NewObject(
		item("group", subject.Group), item("version", subject.Version), item("kind", subject.Kind))
	gvr := ast.NewObject(item("group", ""), item("version", ""), item("resource", ""))
	options := ast.NullTerm()
	if r.Options != nil {
		options = ast.NewTerm(r.Options)
	}
	review := ast.NewObject(
		item("uid", ""),
		ast.Item(ast.InternedTerm("kind"), ast.NewTerm(gvk)),
		ast.Item(ast.InternedTerm("resource"), ast.NewTerm(gvr)),
		item("operation", string(r.Operation)),
		ast.Item(ast.InternedTerm("userInfo"), ast.NewTerm(r.userInfo())),
		ast.Item(ast.InternedTerm("object"), valueOf(subject)),
		ast.Item(ast.InternedTerm("oldObject"), valueOf(r.Old)),
		ast.Item(ast.InternedTerm("options"), options),
	)
	if subject.Name != "" {
		review.Insert(ast.InternedTerm("name"), ast.StringTerm(subject.Name))
	}
	if subject.Namespace != "" {
		review.Insert(ast.InternedTerm("namespace"), ast.StringTerm(subject.Namespace))
	}
	if r.SubResource != "" {
		review.Insert(ast.InternedTerm("subResource"), ast.StringTerm(r.SubResource))
	}
	return review
}

func (r *Review) userInfo() ast.Value {
	info := ast.NewObject()
	if r.User != "" {
		info.Insert(ast.InternedTerm("username"), ast.StringTerm(r.User))
	}
	if len(r.UserGroups) > 0 {
		var groups []*ast.Term
		for _, g := range r.UserGroups {
			groups = append(groups, ast.StringTerm(g))
		}
		info.Insert(ast.InternedTerm("groups"), ast.ArrayTerm(groups...))
	}
	return info
}

func item(key, value string) [2]*ast.Term {
	return ast.Item(ast.InternedTerm(key), ast.InternedTerm(value))
}

func valueOf(o *object.Object) *ast.Term {
	if o == nil {
		return ast.NullTerm()
	}
	return ast.NewTerm(o.Value)
}
