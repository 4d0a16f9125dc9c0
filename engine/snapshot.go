package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/snapshot"
)

// SnapshotOptions says what a snapshot is to hold.
type SnapshotOptions struct {
	// Live is the cluster.
	Live cluster.Config
	// Policies are folders with policies, ConstraintTemplates and constraints beside guard's own.
	Policies []string
	// Namespace bounds it: of kinds that no policy looks up from elsewhere, the objects of this one alone. "" is all.
	Namespace string
	// AllKinds takes every kind that the cluster can list, not only those that policies match and look up.
	AllKinds bool
	// Now is the moment that it says, Guard the version of guard.
	Now   time.Time
	Guard string
	// Progress is told how many kinds are done; nil is nobody.
	Progress func(done, total int)
}

// TakeSnapshot reads a cluster. What could not be read is in the snapshot's gaps; that nothing could is an error.
func TakeSnapshot(ctx context.Context, o SnapshotOptions) (*snapshot.Snapshot, error) {
	rules, err := loadRules(Options{Policies: o.Policies})
	if err != nil {
		return nil, err
	}
	interests, err := rules.interests()
	if err != nil {
		return nil, err
	}
	c, err := cluster.Open(ctx, o.Live)
	if err != nil {
		return nil, err
	}
	wants := append(wantsOfSnapshot(interests), cluster.NodeWants()...)
	if o.AllKinds {
		wants = append(wants, c.Everything()...)
	}
	record, err := c.Record(ctx, wants, o.Namespace, o.Progress)
	if err != nil {
		return nil, err
	}
	s := &snapshot.Snapshot{Record: record, Taken: o.Now.UTC().Truncate(time.Second), Guard: o.Guard}
	var gaps []error
	for _, k := range s.Kinds {
		switch {
		case k.Listing == nil:
		case k.Listing.Gap == nil || len(k.Listing.Objects) > 0:
			return s, nil
		default:
			gaps = append(gaps, fmt.Errorf("list %s: %s", k, k.Listing.Gap.Message))
		}
	}
	return nil, errors.Join(append([]error{fmt.Errorf("read cluster %s: nothing in it could be read", c.Context)}, gaps...)...)
}

// wantsOfSnapshot are all kinds that policies match and look up, whatever they ask: a snapshot answers questions that
// nobody has asked yet.
func wantsOfSnapshot(interests []interest) []cluster.Want {
	all := slices.Clone(interests)
	for i := range all {
		all[i].state = true
	}
	return slices.DeleteFunc(wantsOfCluster(all), func(w cluster.Want) bool {
		return stands(schema.GroupKind{Group: w.Group, Kind: w.Kind})
	})
}

func openSnapshot(result *finding.Result, path string) (*snapshot.Snapshot, error) {
	s, err := snapshot.Open(path)
	if err != nil {
		return nil, err
	}
	for _, p := range s.Problems {
		result.Problems = append(result.Problems, finding.Problem{Place: p.Place, Message: p.Message})
	}
	for _, p := range s.Skipped {
		result.Skipped = append(result.Skipped, finding.Problem{Place: p.Place, Message: p.Message})
	}
	return s, nil
}

// questionsSince asks what it means that the cluster that a snapshot shows becomes as the manifests say.
func questionsSince(ctx context.Context, result *finding.Result, rules *rules, o Options) (*questions, error) {
	if o.Live != nil || o.Snapshot != "" {
		return nil, fmt.Errorf("read base %s: it is a snapshot, and the cluster of this run; give no other", o.Base)
	}
	o.Base, o.Snapshot = "", o.Base
	pairs := readPairs(result, o)
	l, err := openLive(ctx, result, rules, o)
	if err != nil {
		return nil, err
	}
	var head []*object.Object
	for _, p := range pairs {
		head = append(head, l.store(p.head)...)
	}
	gone := pruned(l.snapshot.Objects(), head)
	manifests := slices.Concat(head, gone)
	if err := l.read(ctx, result, wantsOfManifests(l.interests, manifests), l.only(manifests)); err != nil {
		return nil, err
	}
	q := l.changed(result, pairs, gone)
	before := inventory.Within(inventory.Around{Objects: l.objects, Scopes: l.scopes}, nil, "")
	deletions := review.Changes(inventory.Within(inventory.Around{Scopes: l.scopes}, gone, ""), inventory.New(nil, ""))
	q.head = append(q.head, review.Onto(deletions, before, l.find)...)
	q.base = review.States(l.withinItself(head))
	return q, nil
}

// withinItself is what the cluster has in place of the manifests, among the rest of it.
func (l *live) withinItself(manifests []*object.Object) *inventory.Inventory {
	var stored []*object.Object
	for _, o := range manifests {
		if found := l.find(o); found != nil && !slices.Contains(stored, found) {
			stored = append(stored, found)
		}
	}
	return inventory.Within(inventory.Around{Objects: l.objects, Scopes: l.scopes}, stored, "")
}

// pruned are the objects that whoever deploys head would delete, since they have deployed them and head no longer has
// them. An object without such a mark is somebody else's: a controller's, or made by hand.
func pruned(objects, head []*object.Object) []*object.Object {
	kept, deployers := map[object.ID]bool{}, map[string]bool{}
	for _, o := range head {
		kept[o.ID] = true
		for _, d := range deployedBy(o) {
			deployers[d] = true
		}
	}
	for _, o := range objects {
		if kept[o.ID] {
			for _, d := range deployedBy(o) {
				deployers[d] = true
			}
		}
	}
	var gone []*object.Object
	for _, o := range objects {
		theirs := slices.ContainsFunc(deployedBy(o), func(d string) bool { return deployers[d] })
		// What has an owner goes with it, and is made anew without.
		if theirs && !kept[o.ID] && !o.Has("/metadata/ownerReferences/0") {
			kept[o.ID] = true
			gone = append(gone, o)
		}
	}
	return gone
}

// deployedBy are the release, application or kustomization that the object says it belongs to, as Helm, Argo CD and Flux
// mark what they deploy (helm v4 pkg/action/validate.go; argo-cd v3 util/argo/resource_tracking.go; kustomize-controller
// and helm-controller, ownership labels).
func deployedBy(o *object.Object) []string {
	var by []string
	add := func(tool string, parts ...string) {
		if !slices.Contains(parts, "") {
			by = append(by, tool+" "+strings.Join(parts, "/"))
		}
	}
	add("helm", o.Annotations["meta.helm.sh/release-namespace"], o.Annotations["meta.helm.sh/release-name"])
	application, _, _ := strings.Cut(o.Annotations["argocd.argoproj.io/tracking-id"], ":")
	add("argo", application)
	add("argo", o.Labels["argocd.argoproj.io/instance"])
	for _, domain := range []string{"kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"} {
		add(domain, o.Labels[domain+"/namespace"], o.Labels[domain+"/name"])
	}
	return by
}
