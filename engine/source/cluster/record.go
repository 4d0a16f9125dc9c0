package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/object"
)

// Record is a cluster as it was read once.
type Record struct {
	// Context is the kubeconfig's name for it, Namespace the context's.
	Context, Namespace string
	// Only is the namespace that the reading was bound to, but for kinds that somebody looks up from elsewhere; "" for all.
	Only string
	// Kinds are all that the cluster serves, sorted.
	Kinds []Kind
	// Failed has the parts of the API (group/version) that did not say what they have, and why.
	Failed map[string]string
	// Absent are kinds (group/Kind) that were wanted and are not served.
	Absent []string
}

// Kind is one that the cluster serves.
type Kind struct {
	Group, Version, Kind string
	Namespaced           bool
	// Preferred says that this is the version in which the cluster itself would show the kind.
	Preferred bool
	// Listing is what was read of it; nil when nobody wanted it.
	Listing *Listing
}

// Listing is what was read of one kind.
type Listing struct {
	// Namespace is where Objects are; "" for everywhere.
	Namespace string
	Objects   []*object.Object
	// Gap is why not all could be read; nil when all were.
	Gap *Gap
}

// Gap is the API server's refusal.
type Gap struct {
	// Reason and Code are those of the server's Status; "" and 0 for what is none, such as a broken connection.
	Reason string
	Code   int32
	// Message does not tell where the server is.
	Message string
}

// String is group/version/Kind, without the slash of the core group.
func (k Kind) String() string { return strings.TrimPrefix(k.Group+"/", "/") + k.Version + "/" + k.Kind }

// Everything are all kinds that the cluster can list, each in its preferred version.
func (c *Cluster) Everything() []Want {
	var wants []Want
	for gk := range c.kinds.preferred {
		if gk.Group != nodeGroup {
			wants = append(wants, Want{Group: gk.Group, Kind: gk.Kind})
		}
	}
	return wants
}

// Record reads the kinds that are wanted, as Read does. Who may not list a kind everywhere gets what is in the context's
// namespace. progress is called as kinds are done, one call at a time; nil is none. What cannot be read is a Gap; only a
// cancelled context is an error.
func (c *Cluster) Record(ctx context.Context, wants []Want, namespace string, progress func(done, total int)) (*Record, error) {
	lists := c.lists(&Read{}, wants)
	listings := make([]*Listing, len(lists))
	done, mu := 0, sync.Mutex{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(listsAtOnce)
	for i, l := range lists {
		group.Go(func() error {
			listings[i] = c.listing(ctx, l, namespace)
			mu.Lock()
			defer mu.Unlock()
			if done++; progress != nil {
				progress(done, len(lists))
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read cluster %s: %w", c.Context, err)
	}
	r := &Record{Context: c.Context, Namespace: c.Namespace, Only: namespace, Failed: map[string]string{}, Absent: c.absent(wants)}
	for version, err := range c.kinds.failed {
		r.Failed[version.String()] = c.gap(err).Message
	}
	read := map[schema.GroupVersionKind]*Listing{}
	for i, l := range lists {
		read[l.GroupVersionKind] = listings[i]
	}
	for _, gvk := range slices.SortedFunc(maps.Keys(c.kinds.served), compareKinds) {
		r.Kinds = append(r.Kinds, Kind{
			gvk.Group, gvk.Version, gvk.Kind, c.kinds.served[gvk].namespaced, c.kinds.preferred[gvk.GroupKind()] == gvk, read[gvk],
		})
	}
	return r, nil
}

func (c *Cluster) listing(ctx context.Context, l list, namespace string) *Listing {
	got, in := c.read(ctx, l, namespace), namespace
	if !l.namespaced || len(l.read) > 0 {
		in = ""
	}
	switch {
	case got.gone:
		return &Listing{Gap: &Gap{Reason: string(apimeta.StatusReasonNotFound), Code: http.StatusNotFound, Message: "it went while the cluster was read"}}
	case got.err == nil:
		return &Listing{Namespace: in, Objects: got.objects}
	case got.partly:
		return &Listing{Namespace: namespace, Objects: got.objects, Gap: c.gap(got.err)}
	case namespace == "" && apierrors.IsForbidden(got.err):
		if part := c.read(ctx, l, c.Namespace); part.partly || part.err == nil {
			return &Listing{Namespace: c.Namespace, Objects: part.objects, Gap: c.gap(got.err)}
		}
	}
	return &Listing{Objects: got.objects, Gap: c.gap(got.err)}
}

// gap is the refusal without the server's address.
func (c *Cluster) gap(err error) *Gap {
	g := &Gap{Message: err.Error()}
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		g.Reason, g.Code = string(status.Status().Reason), status.Status().Code
	}
	if server, ok := c.from.(*api); ok {
		names := []string{server.host}
		if u, err := url.Parse(server.host); err == nil && u.Host != "" {
			names = append(names, u.Host, u.Hostname())
		}
		for _, name := range names {
			g.Message = strings.ReplaceAll(g.Message, name, "(API server)")
		}
	}
	return g
}

func (c *Cluster) absent(wants []Want) []string {
	var absent []string
	for _, want := range wants {
		if found, err := c.kinds.find(want); err == nil && len(found) == 0 {
			absent = append(absent, strings.TrimPrefix(want.Group+"/", "/")+want.Kind)
		}
	}
	slices.Sort(absent)
	return slices.Compact(absent)
}
