package e2e

import (
	"context"
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/object"
)

// World is what stands in the cluster for one case. The API server is asked, by dry run, whether it would take each
// object, and fills in its defaults; then the object is stored with the uid, times and status that the case gives it.
type World struct {
	clients *cluster.Clients
	store   *cluster.Store
	// stored is what was put into the world, and replaced what of the cluster's own it overwrote.
	stored, replaced map[string]*unstructured.Unstructured
	// base is what Gatekeeper's inventory holds of the cluster's own.
	base map[string]string
}

// NewWorld is empty but for what the cluster itself has, which Gatekeeper holds as base.
func NewWorld(c *cluster.Cluster, base map[string]string) (*World, error) {
	clients, err := c.Clients(cluster.Setup)
	if err != nil {
		return nil, err
	}
	store, err := c.Store()
	return &World{clients, store, map[string]*unstructured.Unstructured{}, map[string]*unstructured.Unstructured{}, base}, err
}

// Clear removes everything that was put into the world, and puts back what of the cluster's own it overwrote.
func (w *World) Clear(ctx context.Context) error {
	for name, o := range w.stored {
		if own := w.replaced[name]; own != nil {
			revision, err := w.store.Put(ctx, own)
			if err != nil {
				return err
			}
			w.base[name] = revision
			delete(w.replaced, name)
		} else if err := w.store.Delete(ctx, o); err != nil {
			return err
		}
		delete(w.stored, name)
	}
	return nil
}

// Remove takes one object out of the world again.
func (w *World) Remove(ctx context.Context, o *unstructured.Unstructured) error {
	delete(w.stored, key(o))
	return w.store.Delete(ctx, o)
}

// Get is the object as the API server serves it, with the defaults that it gives to what is stored.
func (w *World) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	client, _, err := w.clients.For(o)
	if err != nil {
		return nil, err
	}
	return client.Get(ctx, o.GetName(), apimeta.GetOptions{})
}

// Put stores an object, and its namespace when nobody stored that: no API server has one without the other.
func (w *World) Put(ctx context.Context, o *object.Object) (*unstructured.Unstructured, error) {
	written, err := unstructuredOf(o)
	if err != nil {
		return nil, err
	}
	if err := w.PutNamespace(ctx, written.GetNamespace()); err != nil {
		return nil, err
	}
	if err := w.makeRoom(ctx, written); err != nil {
		return nil, err
	}
	taken, err := w.Admitted(ctx, written)
	if err != nil {
		return nil, err
	}
	keep(written, taken)
	return taken, w.put(ctx, taken)
}

// makeRoom removes an object of that name: a namespace that was made for what is in it, or the cluster's own.
func (w *World) makeRoom(ctx context.Context, o *unstructured.Unstructured) error {
	if w.base[key(o)] != "" && w.replaced[key(o)] == nil {
		own, err := w.Get(ctx, o)
		if err != nil {
			return fmt.Errorf("read %s before it is replaced: %w", o.GetName(), err)
		}
		w.replaced[key(o)] = own
	} else if w.stored[key(o)] == nil {
		return nil
	}
	return w.Remove(ctx, o)
}

func (w *World) put(ctx context.Context, o *unstructured.Unstructured) error {
	revision, err := w.store.Put(ctx, o)
	if err != nil {
		return err
	}
	o.SetResourceVersion(revision)
	w.stored[key(o)] = o
	return nil
}

// PutNamespace stores a namespace of that name unless there is one; "" is none.
func (w *World) PutNamespace(ctx context.Context, name string) error {
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}, "spec": map[string]any{"finalizers": []any{"kubernetes"}},
	}}
	if name == "" || w.stored[key(namespace)] != nil || isSystem(name) {
		return nil
	}
	taken, err := w.Admitted(ctx, namespace)
	if err != nil {
		return err
	}
	return w.put(ctx, taken)
}

// isSystem says that the cluster has the namespace from the start.
func isSystem(name string) bool {
	return name == "default" || name == "gatekeeper-system" || strings.HasPrefix(name, "kube-")
}

// Admitted is the object as the API server would take it in a CREATE, its defaults filled in.
func (w *World) Admitted(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	client, _, err := w.clients.For(o)
	if err != nil {
		return nil, err
	}
	o = o.DeepCopy()
	o.SetResourceVersion("")
	taken, err := client.Create(ctx, o, apimeta.CreateOptions{DryRun: []string{apimeta.DryRunAll}})
	if err != nil {
		return nil, fmt.Errorf("the API server takes no %s %s: %w", o.GetKind(), o.GetName(), err)
	}
	taken.SetManagedFields(nil)
	return taken, nil
}

// keep gives the object what a CREATE does not take from its author.
func keep(written, taken *unstructured.Unstructured) {
	metadata, _, _ := unstructured.NestedMap(written.Object, "metadata")
	for _, field := range []string{"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"} {
		if value, ok := metadata[field]; ok && value != nil {
			_ = unstructured.SetNestedField(taken.Object, value, "metadata", field)
		}
	}
	if status, ok := written.Object["status"]; ok {
		taken.Object["status"] = status
	} else {
		delete(taken.Object, "status")
	}
	// A namespace that is being deleted keeps its finalizers in spec, and they are not taken from its author either.
	if finalizers, ok, _ := unstructured.NestedSlice(written.Object, "spec", "finalizers"); ok && written.GetKind() == "Namespace" {
		_ = unstructured.SetNestedSlice(taken.Object, finalizers, "spec", "finalizers")
	}
}

// Going says that the object is being deleted.
func Going(o *object.Object) bool {
	u, err := unstructuredOf(o)
	return err == nil && u.GetDeletionTimestamp() != nil
}

// HasPast says that the object comes with a status or a time of creation, which a CREATE takes from nobody.
func HasPast(o *object.Object) bool {
	u, err := unstructuredOf(o)
	if err != nil {
		return false
	}
	status, _, _ := unstructured.NestedMap(u.Object, "status")
	created := u.GetCreationTimestamp()
	return len(status) > 0 || !created.IsZero()
}

// Own says that the cluster itself runs on one of the objects, or would by it: Gatekeeper takes every Config at its
// word.
func (w *World) Own(ctx context.Context, objects ...*object.Object) bool {
	for _, o := range objects {
		if o == nil || o.Kind == "Namespace" && o.Name != "gatekeeper-system" {
			continue
		}
		if o.Group == "config.gatekeeper.sh" {
			return true
		}
		if u, err := unstructuredOf(o); err == nil && u.GetName() != "" && !w.Has(o) {
			if _, err := w.Get(ctx, u); err == nil {
				return true
			}
		}
	}
	return false
}

// Has says that an object of that kind and name was put into the world.
func (w *World) Has(o *object.Object) bool {
	u, err := unstructuredOf(o)
	return err == nil && w.stored[key(u)] != nil
}

func key(o *unstructured.Unstructured) string {
	return strings.Join([]string{o.GetAPIVersion(), o.GetKind(), o.GetNamespace(), o.GetName()}, "/")
}

func unstructuredOf(o *object.Object) (*unstructured.Unstructured, error) {
	u, err := eval.Unstructured(o)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", o, err)
	}
	Complete(u)
	return u, nil
}
