package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source/cluster"
)

// live is a cluster as a run sees it.
type live struct {
	*cluster.Cluster

	namespace string
	scopes    inventory.Scopes
	interests []interest
	// objects are what was read of it.
	objects []*object.Object
	stored  map[stored]*object.Object
}

// stored is where an API server has an object.
type stored struct {
	object.ID

	version string
}

func openLive(ctx context.Context, result *finding.Result, rules *rules, o Options) (*live, error) {
	interests, err := rules.interests()
	if err != nil {
		return nil, err
	}
	c, err := cluster.Open(ctx, *o.Live)
	if err != nil {
		return nil, err
	}
	l := &live{Cluster: c, namespace: cmp.Or(o.Namespace, c.Namespace), interests: interests}
	c.Scopes(l.scopes.Define)
	for _, kind := range rules.foreign.Unsaid() {
		result.Problems = append(result.Problems, finding.Problem{
			Message: fmt.Sprintf("read cluster %s: ConstraintTemplate %s looks into the inventory and no annotation metadata.gatekeeper.sh/requires-sync-data says for what; it sees what other policies read", c.Context, kind),
		})
	}
	return l, nil
}

// questionsLive are the reviews of a cluster alone, or of manifests that are to be applied to it.
func questionsLive(ctx context.Context, result *finding.Result, rules *rules, head [][]*object.Object, base []*object.Object, o Options) (*questions, error) {
	l, err := openLive(ctx, result, rules, o)
	if err != nil {
		return nil, err
	}
	if len(o.Paths) == 0 {
		return l.states(ctx, result, o)
	}
	for i := range head {
		head[i], _ = l.scopes.Store(head[i], l.namespace)
	}
	base, _ = l.scopes.Store(base, l.namespace)
	manifests := slices.Concat(append(slices.Clone(head), base)...)
	if err := l.read(ctx, result, wantsOfManifests(l.interests, manifests), l.only(manifests)); err != nil {
		return nil, err
	}
	if o.Base == "" {
		return l.applied(result, head), nil
	}
	return l.changed(result, head[0], base), nil
}

// states asks about the objects of the cluster as they stand.
func (l *live) states(ctx context.Context, result *finding.Result, o Options) (*questions, error) {
	namespace := l.namespace
	if o.AllNamespaces {
		namespace = ""
	}
	r, err := l.Read(ctx, wantsOfCluster(l.interests), namespace)
	if err != nil {
		return nil, err
	}
	l.tell(result, r, namespace)
	world := inventory.Within(inventory.Around{Objects: r.Seen, Scopes: l.scopes}, r.Judged, namespace)
	result.Looked.Objects = len(r.Judged)
	return &questions{head: review.States(world)}, nil
}

// only is the one namespace that all namespaced manifests are in, or "".
func (l *live) only(manifests []*object.Object) string {
	var namespaces []string
	for _, o := range manifests {
		if o.Namespace != "" && !slices.Contains(namespaces, o.Namespace) {
			namespaces = append(namespaces, o.Namespace)
		}
	}
	if len(namespaces) != 1 {
		return ""
	}
	return namespaces[0]
}

func (l *live) read(ctx context.Context, result *finding.Result, wants []cluster.Want, namespace string) error {
	r, err := l.Read(ctx, wants, namespace)
	if err != nil {
		return err
	}
	l.tell(result, r, "")
	l.objects = slices.Concat(r.Judged, r.Seen)
	l.stored = map[stored]*object.Object{}
	for _, o := range l.objects {
		l.stored[stored{o.ID, o.Version}] = o
	}
	return nil
}

func (l *live) tell(result *finding.Result, r *cluster.Read, namespace string) {
	for _, p := range r.Problems {
		result.Problems = append(result.Problems, finding.Problem{Place: p.Place, Message: p.Message})
	}
	for _, s := range r.Skipped {
		result.Skipped = append(result.Skipped, finding.Problem{Place: s.Place, Message: s.Reason})
	}
	result.Looked.Cluster = &finding.Cluster{
		Context: l.Context, Namespace: namespace, Objects: len(r.Judged) + len(r.Seen), Kinds: r.Kinds, Absent: r.Absent,
	}
}

// find is the live object that the manifest would be written to; nil when there is none.
func (l *live) find(o *object.Object) *object.Object {
	if o.Name == "" {
		return nil
	}
	return l.stored[stored{o.ID, o.Version}]
}

// over is the manifests as they would be stored.
func (l *live) over(manifests []*object.Object) []*object.Object {
	laid := make([]*object.Object, 0, len(manifests))
	for _, o := range manifests {
		laid = append(laid, o.Over(l.find(o)))
	}
	return laid
}

// within is the manifests with the rest of the cluster around them; without is no longer there.
func (l *live) within(result *finding.Result, manifests, without []*object.Object) *inventory.Inventory {
	taken := map[object.ID]bool{}
	for _, o := range slices.Concat(manifests, without) {
		taken[o.ID] = true
	}
	around := inventory.Around{Scopes: l.scopes}
	for _, o := range l.objects {
		if !taken[o.ID] {
			around.Objects = append(around.Objects, o)
		}
	}
	return world(result, around, l.over(manifests), l.namespace)
}

// applied asks what it means to apply the manifests: nothing is deleted, since nobody said that what is not among them
// is to go.
func (l *live) applied(result *finding.Result, head [][]*object.Object) *questions {
	q := &questions{}
	before := inventory.Within(inventory.Around{Objects: l.objects, Scopes: l.scopes}, nil, "")
	nothing := inventory.New(nil, "")
	for _, manifests := range head {
		after := l.within(result, manifests, nil)
		q.head = append(q.head, review.States(after)...)
		q.head = append(q.head, review.Onto(review.Changes(nothing, after), before, l.find)...)
	}
	return q
}

// changed asks what the change from base to head means to the cluster.
func (l *live) changed(result *finding.Result, head, base []*object.Object) *questions {
	was, after := l.within(result, base, nil), l.within(result, head, base)
	known := map[object.ID]bool{}
	for _, o := range l.objects {
		known[o.ID] = true
	}
	before := inventory.Around{Objects: slices.Clone(l.objects), Scopes: l.scopes}
	for _, o := range base {
		if !known[o.ID] && o.Name != "" {
			before.Objects = append(before.Objects, o)
		}
	}
	changes := review.Onto(review.Changes(was, after), inventory.Within(before, nil, ""), l.find)
	return &questions{head: append(review.States(after), changes...), base: review.States(was)}
}

// empty says that a cluster had nothing to judge.
func empty(c *finding.Cluster) string {
	where := "in namespace " + c.Namespace + " of cluster " + c.Context + " (-A looks at all)"
	if c.Namespace == "" {
		where = "in cluster " + c.Context
	}
	return fmt.Sprintf("look: there is no object %s that a policy is about", where)
}
