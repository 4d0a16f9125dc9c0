package cluster

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Store writes objects into etcd as they are, below the API server: the only way to give them a uid, times and a
// status of one's own. The API server decodes JSON from etcd as it does protobuf, and every watch sees it.
type Store struct {
	cluster *Cluster
	clients *Clients
}

// Store of the cluster.
func (c *Cluster) Store() (*Store, error) {
	clients, err := c.Clients(Setup)
	return &Store{c, clients}, err
}

// Put writes the object, and returns the revision that becomes its resourceVersion.
func (s *Store) Put(ctx context.Context, object *unstructured.Unstructured) (revision string, err error) {
	key, err := s.key(object)
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(object.Object)
	if err != nil {
		return "", fmt.Errorf("store %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	var answer struct {
		Header struct{ Revision string } `json:"header"`
	}
	err = s.call(ctx, "put", map[string]any{"key": encoded(key), "value": base64.StdEncoding.EncodeToString(value)}, &answer)
	return answer.Header.Revision, err
}

// Delete removes the object, finalizers or not. One that is not there is no error.
func (s *Store) Delete(ctx context.Context, object *unstructured.Unstructured) error {
	key, err := s.key(object)
	if err != nil {
		return err
	}
	return s.call(ctx, "deleterange", map[string]any{"key": encoded(key)}, nil)
}

// key is where the API server keeps the object (kubernetes v1.36 pkg/kubeapiserver/default_storage_factory_builder.go,
// SpecialDefaultResourcePrefixes; custom resources below their group).
func (s *Store) key(object *unstructured.Unstructured) (string, error) {
	_, mapping, err := s.clients.For(object)
	if err != nil {
		return "", err
	}
	resource := mapping.Resource
	folder, special := map[string]string{
		"nodes": "minions", "replicationcontrollers": "controllers", "services": "services/specs", "endpoints": "services/endpoints",
		"customresourcedefinitions": "apiextensions.k8s.io/customresourcedefinitions",
		"apiservices":               "apiregistration.k8s.io/apiservices",
	}[resource.Resource]
	builtin := resource.Group == "" || !strings.Contains(resource.Group, ".") || strings.HasSuffix(resource.Group, ".k8s.io") && resource.Group != "snapshot.storage.k8s.io"
	switch {
	case !builtin:
		folder = path.Join(resource.Group, resource.Resource)
	case !special:
		folder = resource.Resource
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		folder = path.Join(folder, object.GetNamespace())
	}
	return path.Join("/registry", folder, object.GetName()), nil
}

func encoded(key string) string { return base64.StdEncoding.EncodeToString([]byte(key)) }

// call asks etcd through its gateway for JSON.
func (s *Store) call(ctx context.Context, method string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("ask etcd to %s: %w", method, err)
	}
	url := fmt.Sprintf("http://127.0.0.1:%d/v3/kv/%s", s.cluster.ports.etcd, method)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("ask etcd to %s: %w", method, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask etcd to %s: %w", method, err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask etcd to %s: %s: %s: %w", method, response.Status, got, err)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(got, answer)
}
