package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// listsAtOnce bounds how many kinds are read at the same time, and so how many pages are in memory.
const listsAtOnce = 6

// Want is a kind of object that a run wants, and which policies want it.
type Want struct {
	// Group and Kind; "*" stands for every one.
	Group, Kind string
	// Version is exact; "" is the one that the cluster prefers.
	Version string
	// Judge are policies that are asked about the objects, Read those that look at them while judging others.
	Judge, Read []string
}

// Read is what a cluster showed.
type Read struct {
	// Judged are the objects that a policy is asked about: those of the namespace, and cluster-scoped ones (of the
	// Namespaces only that one); without a namespace, all. Each object once, however many groups serve it.
	Judged []*object.Object
	// Seen are all others that were read. One that is read in two versions is there (or among Judged) twice.
	Seen []*object.Object
	// Kinds is how many kinds were read whole, Absent how many are wanted and not served (in the wanted version).
	Kinds, Absent int
	Skipped       []source.Skipped
	// Problems are kinds that are there and could not be read, and whom that blinds.
	Problems []source.Problem
}

// list is one kind that is to be read.
type list struct {
	schema.GroupVersionKind
	resource

	judge, read []string
}

// Read reads the kinds that are wanted, each once. With a namespace, namespaced kinds that nobody looks at from
// elsewhere are listed in it alone. What cannot be read is in Problems; only a cancelled context is an error.
// Of Secrets, which no wildcard means, everything but metadata stays in the cluster.
func (c *Cluster) Read(ctx context.Context, wants []Want, namespace string) (*Read, error) {
	r := &Read{}
	lists := c.lists(r, wants)
	results := make([]result, len(lists))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(listsAtOnce)
	for i, l := range lists {
		group.Go(func() error {
			results[i] = c.read(ctx, l, namespace)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read cluster %s: %w", c.Context, err)
	}
	judged := map[string]bool{}
	for i, l := range lists {
		for _, o := range results[i].objects {
			uid := o.UID()
			if len(l.judge) > 0 && within(o, namespace) && (uid == "" || !judged[uid]) {
				judged[uid] = true
				r.Judged = append(r.Judged, o)
			} else {
				r.Seen = append(r.Seen, o)
			}
		}
		switch {
		case results[i].gone:
			r.Absent++
		case results[i].err == nil:
			r.Kinds++
		}
	}
	r.Problems = append(r.Problems, c.problems(lists, results)...)
	return r, nil
}

func within(o *object.Object, namespace string) bool {
	if o.Group == "" && o.Kind == "Namespace" {
		return namespace == "" || o.Name == namespace
	}
	return namespace == "" || o.Namespace == "" || o.Namespace == namespace
}

// lists finds out where the wanted kinds are, each once.
func (c *Cluster) lists(r *Read, wants []Want) []list {
	byKind := map[schema.GroupVersionKind]*list{}
	absent := map[schema.GroupKind]bool{}
	unknown := map[string][]Want{}
	for _, want := range wants {
		found, err := c.kinds.find(want)
		if err != nil {
			unknown[err.Error()] = append(unknown[err.Error()], want)
		} else if len(found) == 0 {
			absent[schema.GroupKind{Group: want.Group, Kind: want.Kind}] = true
		}
		for _, gvk := range found {
			if isSecret(gvk) && (want.Group == wildcard || want.Kind == wildcard) {
				r.skipSecrets(c.place("Secret", "", ""))
				continue
			}
			l := byKind[gvk]
			if l == nil {
				l = &list{GroupVersionKind: gvk, resource: c.kinds.served[gvk]}
				byKind[gvk] = l
			}
			l.judge, l.read = append(l.judge, want.Judge...), append(l.read, want.Read...)
		}
	}
	for reason, wants := range unknown {
		r.Problems = append(r.Problems, c.undiscovered(reason, wants))
	}
	slices.SortFunc(r.Problems, func(a, b source.Problem) int { return cmp.Compare(a.Message, b.Message) })
	r.Absent = len(absent)
	lists := make([]list, 0, len(byKind))
	for _, l := range byKind {
		lists = append(lists, *l)
	}
	slices.SortFunc(lists, func(a, b list) int { return compareKinds(a.GroupVersionKind, b.GroupVersionKind) })
	return lists
}

func isSecret(gvk schema.GroupVersionKind) bool { return gvk.Group == "" && gvk.Kind == "Secret" }

func (r *Read) skipSecrets(place object.Place) {
	if len(r.Skipped) == 0 {
		r.Skipped = []source.Skipped{{Place: place, Reason: "a policy about every kind is not shown Secrets of a cluster"}}
	}
}

// place names an object of the cluster, or with empty parts a kind, or the cluster.
func (c *Cluster) place(kind, namespace, name string) object.Place {
	return object.Place{File: named(c.Context, kind, namespace, name)}
}

// named is how reports call an object of a cluster, read there or from a record.
func named(context string, parts ...string) string {
	var name strings.Builder
	name.WriteString("live:" + context)
	for _, part := range parts {
		if part != "" {
			name.WriteString("/" + part)
		}
	}
	return name.String()
}
