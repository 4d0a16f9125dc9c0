package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/snapshot"
)

// live is a cluster, or a snapshot of one, as a run sees it.
type live struct {
	*cluster.Cluster

	// snapshot is what Cluster was read from; nil when it is there.
	snapshot *snapshot.Snapshot
	// now is the moment of the run.
	now       time.Time
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
	l := &live{now: o.Now, interests: interests}
	if o.Snapshot == "" {
		l.Cluster, err = cluster.Open(ctx, *o.Live)
	} else if l.snapshot, err = openSnapshot(result, o.Snapshot); err == nil {
		l.Cluster = l.snapshot.Cluster()
	}
	if err != nil {
		return nil, err
	}
	l.namespace = cmp.Or(o.Namespace, l.Namespace)
	l.Scopes(l.scopes.Define)
	for _, kind := range rules.foreign.Unsaid() {
		result.Problems = append(result.Problems, finding.Problem{
			Message: fmt.Sprintf("read cluster %s: ConstraintTemplate %s looks into the inventory and no annotation metadata.gatekeeper.sh/requires-sync-data says for what; it sees what other policies read", l.Context, kind),
		})
	}
	return l, nil
}

// questionsLive are the reviews of a cluster alone, or of manifests that are to be applied to it.
func questionsLive(ctx context.Context, result *finding.Result, rules *rules, pairs []worlds, o Options) (*questions, error) {
	l, err := openLive(ctx, result, rules, o)
	if err != nil {
		return nil, err
	}
	if !o.files() {
		return l.states(ctx, result, o)
	}
	var manifests []*object.Object
	for _, p := range pairs {
		for _, w := range []*source.World{p.base, p.head} {
			if w != nil {
				manifests = append(manifests, l.store(w)...)
			}
		}
	}
	if err := l.read(ctx, result, wantsOfManifests(l.interests, manifests), l.only(manifests)); err != nil {
		return nil, err
	}
	return l.changed(result, pairs, nil), nil
}

// store puts the objects of a world where the cluster would.
func (l *live) store(w *source.World) []*object.Object {
	stored, _ := l.scopes.Store(w.Objects, cmp.Or(w.Namespace, l.namespace))
	for i, o := range w.Objects {
		if fields, ok := w.Unstable[o]; ok {
			w.Unstable[stored[i]] = fields
		}
		if name, ok := w.Stable[o]; ok {
			w.Stable[stored[i]] = name
		}
	}
	w.Objects = stored
	return stored
}

// states asks about the objects of the cluster as they stand.
func (l *live) states(ctx context.Context, result *finding.Result, o Options) (*questions, error) {
	namespace := l.judged(o)
	r, err := l.Read(ctx, wantsOfCluster(l.interests), namespace)
	if err != nil {
		return nil, err
	}
	l.tell(result, r, namespace)
	world := inventory.Within(inventory.Around{Objects: r.Seen, Scopes: l.scopes}, r.Judged, namespace)
	result.Looked.Objects = len(r.Judged)
	q := &questions{head: review.States(world)}
	if l.snapshot != nil {
		q.now = l.snapshot.Taken
	}
	return q, nil
}

// judged is the namespace whose objects are judged, "" for all. A file is judged as far as it goes.
func (l *live) judged(o Options) string {
	switch {
	case o.AllNamespaces:
		return ""
	case l.snapshot != nil && o.Namespace == "":
		return l.snapshot.Only
	default:
		return l.namespace
	}
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
	l.dated(result)
	l.objects = slices.Concat(r.Judged, r.Seen)
	l.stored = map[stored]*object.Object{}
	for _, o := range l.objects {
		l.stored[stored{o.ID, o.Version}] = o
	}
	return nil
}

func (l *live) tell(result *finding.Result, r *cluster.Read, namespace string) {
	tellWrong(result, r.Problems, r.Skipped)
	result.Looked.Cluster = &finding.Cluster{
		Context: l.Context, Namespace: namespace, Objects: len(r.Judged) + len(r.Seen), Kinds: r.Kinds, Absent: r.Absent,
	}
}

// dated says how old the snapshot is in which manifests are judged.
func (l *live) dated(result *finding.Result) {
	if l.snapshot != nil && !l.snapshot.Taken.IsZero() {
		c := result.Looked.Cluster
		c.Taken, c.Age = l.snapshot.Taken.Format(time.RFC3339), l.now.Sub(l.snapshot.Taken)
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

// within is a world with the rest of the cluster around it; without is no longer there.
func (l *live) within(result *finding.Result, w *source.World, without []*object.Object) *review.Side {
	taken := map[object.ID]bool{}
	for _, o := range slices.Concat(w.Objects, without) {
		taken[o.ID] = true
	}
	around := inventory.Around{Name: w.Label(), Scopes: l.scopes}
	for _, o := range l.objects {
		if !taken[o.ID] {
			around.Objects = append(around.Objects, o)
		}
	}
	return made(world(result, around, l.over(w.Objects), l.namespace), w)
}

// changed asks what the change means to the cluster, after which what is gone is not there either. Without a base it asks
// what it means to apply the manifests: nothing else is deleted then, since nobody said that what is not among them is to
// go.
func (l *live) changed(result *finding.Result, pairs []worlds, gone []*object.Object) *questions {
	known, kept := map[object.ID]bool{}, map[object.ID]bool{}
	for _, o := range l.objects {
		known[o.ID] = true
	}
	for _, p := range pairs {
		if p.head != nil {
			for _, o := range p.head.Objects {
				kept[o.ID] = true
			}
		}
	}
	before := inventory.Around{Objects: slices.Clone(l.objects), Scopes: l.scopes}
	for _, p := range pairs {
		if p.base == nil {
			continue
		}
		for _, o := range p.base.Objects {
			if !kept[o.ID] {
				gone = append(gone, o)
			}
			if !known[o.ID] && o.Name != "" {
				before.Objects = append(before.Objects, o)
			}
		}
	}
	q, sides := ofPairs(pairs, func(w *source.World, base bool) *review.Side {
		if base {
			return l.within(result, w, nil)
		}
		return l.within(result, w, gone)
	})
	q.head = append(q.head, review.Onto(review.Compare(sides), inventory.Within(before, nil, ""), l.find)...)
	return q
}

// empty says that a cluster had nothing to judge.
func empty(c *finding.Cluster) string {
	where := "in namespace " + c.Namespace + " of cluster " + c.Context + " (-A looks at all)"
	if c.Namespace == "" {
		where = "in cluster " + c.Context
	}
	return fmt.Sprintf("look: there is no object %s that a policy is about", where)
}
