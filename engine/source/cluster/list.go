package cluster

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source/redact"
)

// pageSize is how many objects are asked for at once, as kubectl's --chunk-size.
const pageSize = 500

// api is a cluster's API server.
type api struct {
	// context is the kubeconfig's name for it; host is where it is, which nobody is told.
	context, host string
	objects       dynamic.Interface
	metadata      metadata.Interface
	raw           rest.Interface
	redactor      *redact.Redactor
}

// result is what came of reading one kind.
type result struct {
	objects []*object.Object
	err     error
	// partly says that the objects of the namespace alone could be read.
	partly bool
	// gone says that the kind went between discovery and now.
	gone bool
}

// read lists the objects of a kind. Who may not list it in all namespaces may do so in one; who may not list
// Namespaces may be allowed to get the one.
func (c *Cluster) read(ctx context.Context, l list, namespace string) result {
	in := namespace
	if !l.namespaced || len(l.read) > 0 {
		in = ""
	}
	objects, err := c.from.list(ctx, l, in)
	switch {
	case apierrors.IsNotFound(err):
		return result{gone: true}
	case apierrors.IsForbidden(err) && namespace != "" && in == "" && l.namespaced:
		part, partErr := c.from.list(ctx, l, namespace)
		return result{objects: part, err: err, partly: partErr == nil}
	case apierrors.IsForbidden(err) && namespace != "" && l.Group == "" && l.Kind == "Namespace":
		part, partErr := c.from.get(ctx, l, namespace)
		return result{objects: part, err: err, partly: partErr == nil}
	default:
		return result{objects: objects, err: err}
	}
}

// list reads all pages of one list. When the list becomes too old meanwhile it is read anew, once.
func (a *api) list(ctx context.Context, l list, namespace string) ([]*object.Object, error) {
	if l.Group == nodeGroup {
		return a.nodes(ctx, l.Kind)
	}
	objects, err := a.pages(ctx, l, namespace)
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		objects, err = a.pages(ctx, l, namespace)
	}
	if err != nil {
		return nil, err
	}
	return objects, nil
}

func (a *api) pages(ctx context.Context, l list, namespace string) ([]*object.Object, error) {
	decoder := object.NewDecoder()
	var objects []*object.Object
	options := apimeta.ListOptions{Limit: pageSize}
	for {
		items, next, err := a.page(ctx, l, namespace, options)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			o, err := a.object(decoder, l, item)
			if err != nil {
				return nil, err
			}
			objects = append(objects, o)
		}
		if next == "" {
			return objects, nil
		}
		if next == options.Continue {
			return nil, errors.New("the API server sends the same page again and again")
		}
		options.Continue = next
	}
}

// page asks for one page. Of Secrets only metadata crosses the network.
func (a *api) page(ctx context.Context, l list, namespace string, options apimeta.ListOptions) (items []map[string]any, next string, err error) {
	if !isSecret(l.GroupVersionKind) {
		page, err := a.objects.Resource(l.GroupVersionResource).Namespace(namespace).List(ctx, options)
		if err != nil {
			return nil, "", err
		}
		for _, item := range page.Items {
			items = append(items, item.Object)
		}
		return items, page.GetContinue(), nil
	}
	page, err := a.metadata.Resource(l.GroupVersionResource).Namespace(namespace).List(ctx, options)
	if err != nil {
		return nil, "", err
	}
	for i := range page.Items {
		item, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&page.Items[i])
		if err != nil {
			return nil, "", err
		}
		items = append(items, item)
	}
	return items, page.Continue, nil
}

func (a *api) get(ctx context.Context, l list, name string) ([]*object.Object, error) {
	u, err := a.objects.Resource(l.GroupVersionResource).Get(ctx, name, apimeta.GetOptions{})
	if err != nil {
		return nil, err
	}
	o, err := a.object(object.NewDecoder(), l, u.Object)
	return []*object.Object{o}, err
}

// object is an item of a list as policies see it.
func (a *api) object(decoder *object.Decoder, l list, item map[string]any) (*object.Object, error) {
	item["apiVersion"], item["kind"] = l.GroupVersion().String(), l.Kind
	value, err := decoder.FromJSON(a.redactor.Object(item))
	if err != nil {
		return nil, err
	}
	o, err := object.New(value, object.Origin{})
	if err != nil {
		return nil, fmt.Errorf("an object of it: %w", err)
	}
	o.Origin.Name = named(a.context, o.Kind, o.Namespace, o.Name)
	return o, nil
}
