package cluster

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/data-guard/guard/engine/object"
)

// pageSize is how many objects are asked for at once, as kubectl's --chunk-size.
const pageSize = 500

// lastApplied repeats the whole manifest, values of a Secret included.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

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
	objects, err := c.list(ctx, l, in)
	switch {
	case apierrors.IsNotFound(err):
		return result{gone: true}
	case apierrors.IsForbidden(err) && namespace != "" && in == "" && l.namespaced:
		part, partErr := c.list(ctx, l, namespace)
		return result{objects: part, err: err, partly: partErr == nil}
	case apierrors.IsForbidden(err) && namespace != "" && l.Group == "" && l.Kind == "Namespace":
		part, partErr := c.get(ctx, l, namespace)
		return result{objects: part, err: err, partly: partErr == nil}
	default:
		return result{objects: objects, err: err}
	}
}

// list reads all pages of one list. When the list becomes too old meanwhile it is read anew, once.
func (c *Cluster) list(ctx context.Context, l list, namespace string) ([]*object.Object, error) {
	objects, err := c.pages(ctx, l, namespace)
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		objects, err = c.pages(ctx, l, namespace)
	}
	if err != nil {
		return nil, err
	}
	return objects, nil
}

func (c *Cluster) pages(ctx context.Context, l list, namespace string) ([]*object.Object, error) {
	decoder := object.NewDecoder()
	var objects []*object.Object
	options := apimeta.ListOptions{Limit: pageSize}
	for {
		items, next, err := c.page(ctx, l, namespace, options)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			o, err := c.object(decoder, l, item)
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
func (c *Cluster) page(ctx context.Context, l list, namespace string, options apimeta.ListOptions) (items []map[string]any, next string, err error) {
	if !isSecret(l.GroupVersionKind) {
		page, err := c.objects.Resource(l.GroupVersionResource).Namespace(namespace).List(ctx, options)
		if err != nil {
			return nil, "", err
		}
		for _, item := range page.Items {
			items = append(items, item.Object)
		}
		return items, page.GetContinue(), nil
	}
	page, err := c.metadata.Resource(l.GroupVersionResource).Namespace(namespace).List(ctx, options)
	if err != nil {
		return nil, "", err
	}
	for i := range page.Items {
		delete(page.Items[i].Annotations, lastApplied)
		item, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&page.Items[i])
		if err != nil {
			return nil, "", err
		}
		items = append(items, item)
	}
	return items, page.Continue, nil
}

func (c *Cluster) get(ctx context.Context, l list, name string) ([]*object.Object, error) {
	u, err := c.objects.Resource(l.GroupVersionResource).Get(ctx, name, apimeta.GetOptions{})
	if err != nil {
		return nil, err
	}
	o, err := c.object(object.NewDecoder(), l, u.Object)
	return []*object.Object{o}, err
}

// object is an item of a list as policies see it. managedFields are as large as the object and say nothing about it.
func (c *Cluster) object(decoder *object.Decoder, l list, item map[string]any) (*object.Object, error) {
	item["apiVersion"], item["kind"] = l.GroupVersion().String(), l.Kind
	if metadata, ok := item["metadata"].(map[string]any); ok {
		delete(metadata, "managedFields")
	}
	value, err := decoder.FromJSON(item)
	if err != nil {
		return nil, err
	}
	o, err := object.New(value, object.Origin{})
	if err != nil {
		return nil, fmt.Errorf("an object of it: %w", err)
	}
	o.Origin.Name = c.name(o.Kind, o.Namespace, o.Name)
	return o, nil
}
