package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/object"
)

// Cluster is the recorded cluster, to be read as if it were there. What was not recorded is a problem to who wants it.
func (r *Record) Cluster() *Cluster {
	k := &kinds{
		served: map[schema.GroupVersionKind]resource{}, preferred: map[schema.GroupKind]schema.GroupVersionKind{},
		failed: map[schema.GroupVersion]error{},
	}
	from := replay{only: r.Only, listings: map[schema.GroupVersionKind]*Listing{}}
	for _, kind := range r.Kinds {
		gvk := schema.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Kind}
		k.served[gvk] = resource{namespaced: kind.Namespaced}
		if kind.Preferred {
			k.preferred[gvk.GroupKind()] = gvk
		}
		if kind.Listing != nil {
			from.listings[gvk] = kind.Listing
		}
		for _, o := range kind.objects() {
			if o.Origin.Document == nil && o.Origin.Made == nil {
				o.Origin.Name = named(r.Context, o.Kind, o.Namespace, o.Name)
			}
		}
	}
	for version, reason := range r.Failed {
		if gv, err := schema.ParseGroupVersion(version); err == nil {
			k.failed[gv] = errors.New(reason)
		}
	}
	return &Cluster{Context: r.Context, Namespace: r.Namespace, kinds: k, from: from}
}

func (k Kind) objects() []*object.Object {
	if k.Listing == nil {
		return nil
	}
	return k.Listing.Objects
}

// Objects are all that were recorded.
func (r *Record) Objects() []*object.Object {
	var all []*object.Object
	for _, kind := range r.Kinds {
		all = append(all, kind.objects()...)
	}
	return all
}

// replay answers from what was recorded.
type replay struct {
	only     string
	listings map[schema.GroupVersionKind]*Listing
}

func (p replay) list(_ context.Context, l list, namespace string) ([]*object.Object, error) {
	listing := p.listings[l.GroupVersionKind]
	switch {
	case listing == nil:
		return nil, p.missing(l)
	case listing.Gap != nil && (listing.Namespace == "" || !l.namespaced || namespace != listing.Namespace):
		if listing.Namespace == "" {
			return listing.Objects, listing.Gap.err()
		}
		return nil, listing.Gap.err()
	case listing.Namespace != "" && namespace != listing.Namespace:
		return nil, (&Gap{Reason: string(apimeta.StatusReasonForbidden), Message: "the snapshot holds those of namespace " + listing.Namespace + " alone"}).err()
	case namespace == listing.Namespace:
		return listing.Objects, nil
	}
	var within []*object.Object
	for _, o := range listing.Objects {
		if o.Namespace == namespace {
			within = append(within, o)
		}
	}
	return within, nil
}

func (p replay) get(_ context.Context, l list, name string) ([]*object.Object, error) {
	listing := p.listings[l.GroupVersionKind]
	if listing == nil {
		return nil, p.missing(l)
	}
	i := slices.IndexFunc(listing.Objects, func(o *object.Object) bool { return o.Name == name })
	switch {
	case i >= 0:
		return listing.Objects[i : i+1], nil
	case listing.Gap != nil:
		return nil, listing.Gap.err()
	default:
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: l.Group, Resource: l.Kind}, name)
	}
}

func (p replay) missing(l list) error {
	var versions []string
	for gvk := range p.listings {
		if gvk.GroupKind() == l.GroupKind() {
			versions = append(versions, gvk.GroupVersion().String())
		}
	}
	if len(versions) > 0 {
		return fmt.Errorf("the snapshot holds it as %s alone", slices.Min(versions))
	}
	return errors.New("the snapshot was taken without it (guard snapshot --all-kinds takes all)")
}

func (g *Gap) err() error {
	if g.Reason == "" {
		return errors.New(g.Message)
	}
	return &apierrors.StatusError{ErrStatus: apimeta.Status{
		Status: apimeta.StatusFailure, Reason: apimeta.StatusReason(g.Reason), Code: g.Code, Message: g.Message,
	}}
}
