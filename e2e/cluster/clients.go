package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/api/meta"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	memory "k8s.io/client-go/discovery/cached"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Clients ask the API server as one user.
type Clients struct {
	Dynamic dynamic.Interface
	Mapper  *restmapper.DeferredDiscoveryRESTMapper
}

// Clients of a user of the cluster.
func (c *Cluster) Clients(user string) (*Clients, error) {
	config, err := c.Config(user)
	if err != nil {
		return nil, err
	}
	return connect(config)
}

// Impersonating are clients of the administrator in the name of another user.
func (c *Cluster) Impersonating(user rest.ImpersonationConfig) (*Clients, error) {
	config, err := c.Config(Admin)
	if err != nil {
		return nil, err
	}
	config.Impersonate = user
	return connect(config)
}

func connect(config *rest.Config) (*Clients, error) {
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", config.Host, err)
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", config.Host, err)
	}
	return &Clients{dynamicClient, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(found))}, nil
}

// Pods of a namespace.
func (c *Clients) Pods(namespace string) dynamic.ResourceInterface {
	return c.Dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(namespace)
}

// For is the client of the object's kind and namespace.
func (c *Clients) For(object *unstructured.Unstructured) (dynamic.ResourceInterface, *meta.RESTMapping, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.Mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		c.Mapper.Reset()
		if mapping, err = c.Mapper.RESTMapping(kind.GroupKind(), kind.Version); err != nil {
			return nil, nil, fmt.Errorf("find the resource of %s: %w", kind, err)
		}
	}
	resource := c.Dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return resource.Namespace(object.GetNamespace()), mapping, nil
	}
	return resource, mapping, nil
}

// List is everything of the kind, in every namespace.
func (c *Clients) List(ctx context.Context, kind schema.GroupVersionKind) ([]unstructured.Unstructured, error) {
	probe := &unstructured.Unstructured{}
	probe.SetGroupVersionKind(kind)
	_, mapping, err := c.For(probe)
	if err != nil {
		return nil, err
	}
	list, err := c.Dynamic.Resource(mapping.Resource).List(ctx, apimeta.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, err)
	}
	return list.Items, nil
}

// Apply puts the objects into the cluster by server-side apply, in their order.
func (c *Clients) Apply(ctx context.Context, objects ...*unstructured.Unstructured) error {
	for _, object := range objects {
		client, _, err := c.For(object)
		if err != nil {
			return err
		}
		if _, err := client.Apply(ctx, object.GetName(), object, apimeta.ApplyOptions{FieldManager: "e2e", Force: true}); err != nil {
			return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// Objects of a YAML stream.
func Objects(text []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		switch {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("read objects: %w", err)
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}
