package review

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
)

// Side is a world before or after a change, and what is known of how its objects were made.
type Side struct {
	World *inventory.Inventory
	// Stable are the names of objects whose own name changes with their content; nil for none.
	Stable map[*object.Object]string
	// Unstable are fields that differ from one render of the same input to the next, as RFC 6901 pointers: they tell no
	// change, and where it is the name, objects are matched in their order. nil for none.
	Unstable map[*object.Object][]string
	// Left are objects that a Helm release installs and does not own, hooks and what is in crds/: Helm does not delete them
	// when the chart no longer has them, and one that it owned it deletes when it becomes one of these. nil for a world that
	// is no release.
	Left map[*object.Object]bool
}

// Pair is one world before and after; either is nil where there was or is none.
type Pair struct{ Base, Head *Side }

// Changes compares two worlds and asks what a cluster would be asked to get from base to head.
func Changes(base, head *inventory.Inventory) []*Review {
	return Compare([]Pair{{&Side{World: base}, &Side{World: head}}})
}

// Compare asks what clusters would be asked to get from base to head: what only head has is a CREATE, what differs an
// UPDATE, what is gone a DELETE. All see their world before the change, as admission does. What is gone from one world and
// new in another is one object whose files moved. An object without a name cannot be matched and is a CREATE in head only.
func Compare(pairs []Pair) []*Review {
	c := &comparison{}
	for _, p := range pairs {
		c.pair(p)
	}
	c.moved()
	var reviews []*Review
	for i := range c.changes {
		renamed(c.changes[i].created, c.changes[i].deleted)
		reviews = slices.Concat(reviews, c.changes[i].asked, c.changes[i].created, c.changes[i].deleted)
	}
	slices.SortStableFunc(reviews, func(a, b *Review) int { return c.order[a.Subject()] - c.order[b.Subject()] })
	return slices.Clip(reviews)
}

// comparison is what is known on the way.
type comparison struct {
	changes []changes
	// order is the place of each object among all: head's of a world, then base's.
	order map[*object.Object]int
	sides map[*object.Object]*Side
}

// changes are those of one pair of worlds.
type changes struct{ asked, created, deleted []*Review }

// identity is what an object of base is found by in head.
type identity struct {
	object.ID

	// nth counts objects of a kind whose names are random.
	nth int
}

func (c *comparison) add(s *Side) []identity {
	if c.order == nil {
		c.order, c.sides = map[*object.Object]int{}, map[*object.Object]*Side{}
	}
	random := map[object.ID]int{}
	ids := make([]identity, 0, len(s.World.Objects))
	for _, o := range s.World.Objects {
		c.order[o], c.sides[o] = len(c.order), s
		id := identity{ID: o.ID}
		if name, ok := s.Stable[o]; ok {
			id.Name = name
		}
		if slices.Contains(s.Unstable[o], "/metadata/name") {
			id.Name = ""
			random[id.ID]++
			id.nth = random[id.ID]
		}
		ids = append(ids, id)
	}
	return ids
}

// named says that the object can be matched: it has a name, or one of guard's making.
func (i identity) named() bool { return i.Name != "" || i.nth > 0 }

func (c *comparison) pair(p Pair) {
	nothing := &Side{World: inventory.New(nil, "")}
	if p.Base == nil {
		p.Base = nothing
	}
	if p.Head == nil {
		p.Head = nothing
	}
	in := cmp.Or(p.Head.World.Name, p.Base.World.Name)
	headIDs, baseIDs := c.add(p.Head), c.add(p.Base)
	old := map[identity]*object.Object{}
	for i, o := range p.Base.World.Objects {
		if _, seen := old[baseIDs[i]]; !seen && baseIDs[i].named() {
			old[baseIDs[i]] = o
		}
	}
	var found changes
	kept := map[identity]bool{}
	for i, o := range p.Head.World.Objects {
		id := headIDs[i]
		before, known := old[id]
		switch {
		case !known:
			found.created = append(found.created, &Review{Operation: Create, Object: o, World: p.Base.World, In: in})
		case kept[id]:
		case p.Head.Left[o] && p.Base.Left != nil && !p.Base.Left[before]:
			found.deleted = append(found.deleted, &Review{Operation: Delete, Old: before, World: p.Base.World, In: in})
		case c.differ(before, o):
			found.asked = append(found.asked, &Review{Operation: Update, Object: o, Old: before, World: p.Base.World, In: in})
		}
		kept[id] = true
	}
	for i, o := range p.Base.World.Objects {
		if id := baseIDs[i]; id.named() && !kept[id] && !p.Base.Left[o] {
			found.deleted = append(found.deleted, &Review{Operation: Delete, Old: o, World: p.Base.World, In: in})
			kept[id] = true
		}
	}
	c.changes = append(c.changes, found)
}

// differ compares what the input decides.
func (c *comparison) differ(a, b *object.Object) bool {
	unstable := slices.Concat(c.sides[a].Unstable[a], c.sides[b].Unstable[b])
	return a.Without(unstable).Compare(b.Without(unstable)) != 0
}

// moved joins what is gone from one world and new in another.
func (c *comparison) moved() {
	for i := range c.changes {
		from := &c.changes[i]
		from.deleted = slices.DeleteFunc(from.deleted, func(gone *Review) bool {
			for j := range c.changes {
				to := &c.changes[j]
				at := slices.IndexFunc(to.created, func(n *Review) bool { return i != j && n.Object.Name != "" && n.Object.ID == gone.Old.ID })
				if at < 0 {
					continue
				}
				if created := to.created[at]; c.differ(gone.Old, created.Object) {
					to.asked = append(to.asked, &Review{Operation: Update, Object: created.Object, Old: gone.Old, World: gone.World, In: created.In})
				}
				to.created = slices.Delete(to.created, at, at+1)
				return true
			}
			return false
		})
	}
}

// String says what is asked, for tests and debugging.
func (r *Review) String() string {
	operation := r.Operation
	if operation == State {
		operation = "STATE"
	}
	return fmt.Sprintf("%s %s", operation, r.Subject())
}
