package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine/gatekeeper"
)

// echo is a constraint that refuses a ConfigMap by telling what Gatekeeper's inventory holds.
const echo = `
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: e2eecho}
spec:
  crd: {spec: {names: {kind: E2EEcho}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    code:
    - engine: Rego
      source:
        version: v1
        rego: |
          package e2eecho
          violation contains {"msg": sprintf("ECHO%sECHO", [json.marshal(held)])} if {
            input.review.object.metadata.name == "e2e-echo"
            held := object.union(cluster, namespaced)
          }
          cluster := {key: o.metadata.resourceVersion |
            some version, kinds in data.inventory.cluster
            some kind, objects in kinds
            some name, o in objects
            key := sprintf("%s/%s//%s", [version, kind, name])
          }
          namespaced := {key: o.metadata.resourceVersion |
            some ns, versions in data.inventory.namespace
            some version, kinds in versions
            some kind, objects in kinds
            some name, o in objects
            key := sprintf("%s/%s/%s/%s", [version, kind, ns, name])
          }
`

const echoConstraint = `
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: E2EEcho
metadata: {name: e2e-echo}
spec:
  match: {kinds: [{apiGroups: [""], kinds: [ConfigMap]}]}
`

// Echo lets Gatekeeper tell its inventory: it is asked about ConfigMaps too, and not about what the user setup sends.
// Its second webhook, which guards the label that exempts a namespace, goes: no constraint would be asked about that.
func Echo(ctx context.Context, c *cluster.Cluster, clients *cluster.Clients) error {
	const patch = `[
	  {"op": "add", "path": "/webhooks/0/rules/-", "value": {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"], "scope": "*"}},
	  {"op": "add", "path": "/webhooks/0/matchConditions/-", "value": {"name": "not-the-setup-of-tests", "expression": "request.userInfo.username != '` + cluster.Setup + `'"}},
	  {"op": "remove", "path": "/webhooks/1"}]`
	webhooks := schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"}
	if _, err := clients.Dynamic.Resource(webhooks).Patch(ctx, gatekeeper.WebhookConfiguration, types.JSONPatchType, []byte(patch), apimeta.PatchOptions{}); err != nil {
		return fmt.Errorf("let Gatekeeper tell its inventory: %w", err)
	}
	for _, text := range []string{echo, echoConstraint} {
		objects, err := cluster.Objects([]byte(text))
		if err != nil {
			return err
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			// The constraint's kind comes a moment after its template.
			if err = clients.Apply(ctx, objects...); err == nil || time.Now().After(deadline) {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Whole is what the inventory holds, when that is everything of the kinds that the cluster serves.
func Whole(ctx context.Context, asker, reader *cluster.Clients, kinds []schema.GroupVersionKind) (map[string]string, error) {
	held, err := Held(ctx, asker)
	if err != nil {
		return nil, err
	}
	served := map[string]string{}
	for _, kind := range kinds {
		items, err := reader.List(ctx, kind)
		if err != nil {
			return nil, err
		}
		for _, o := range items {
			served[heldAs(kind, &o)] = o.GetResourceVersion()
		}
	}
	if !maps.Equal(held, served) {
		return nil, fmt.Errorf("the inventory holds %v, and the cluster %v", held, served)
	}
	return held, nil
}

// Held is the resourceVersion of every object in Gatekeeper's inventory, by apiVersion/kind/namespace/name.
func Held(ctx context.Context, asker *cluster.Clients) (map[string]string, error) {
	probe := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "e2e-echo", "namespace": "default"},
	}}
	client, _, err := asker.For(probe)
	if err != nil {
		return nil, err
	}
	_, err = client.Create(ctx, probe, apimeta.CreateOptions{DryRun: []string{apimeta.DryRunAll}})
	if !apierrors.IsForbidden(err) {
		return nil, fmt.Errorf("ask what the inventory holds: it was not refused: %w", errors.Join(err))
	}
	parts := strings.Split(err.Error(), "ECHO")
	if len(parts) != 3 {
		return nil, fmt.Errorf("ask what the inventory holds: %w", err)
	}
	held := map[string]string{}
	if err := json.Unmarshal([]byte(parts[1]), &held); err != nil {
		return nil, fmt.Errorf("ask what the inventory holds: %w", err)
	}
	return held, nil
}

// Synced waits until the inventory holds what the cluster had before and what is stored, of the kinds that are synced,
// and nothing else. Gatekeeper does not keep what is being deleted (gatekeeper v3.23 pkg/controller/sync).
func (w *World) Synced(ctx context.Context, asker *cluster.Clients, synced []schema.GroupVersionKind) error {
	want := maps.Clone(w.base)
	for _, o := range w.stored {
		if o.GetDeletionTimestamp() != nil {
			continue
		}
		for _, kind := range synced {
			if kind.GroupKind() == o.GroupVersionKind().GroupKind() {
				want[heldAs(kind, o)] = o.GetResourceVersion()
			}
		}
	}
	deadline := time.Now().Add(time.Minute)
	for {
		held, err := Held(ctx, asker)
		if err == nil && holds(held, want) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("wait for the inventory: held %v, want %v, last error: %v", held, want, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// holds compares versions. The API server writes the status of a definition after it was stored, so a later one will do.
func holds(held, want map[string]string) bool {
	if len(held) != len(want) {
		return false
	}
	for key, version := range want {
		later := strings.HasPrefix(key, "apiextensions.k8s.io/v1/CustomResourceDefinition/") && number(held[key]) > number(version)
		if held[key] != version && !later {
			return false
		}
	}
	return true
}

// number is a version of etcd's; 0 for none.
func number(version string) int {
	n, err := strconv.Atoi(version)
	if err != nil {
		return 0
	}
	return n
}

// heldAs is the key of the object in one of the versions in which its kind is synced.
func heldAs(kind schema.GroupVersionKind, o *unstructured.Unstructured) string {
	return strings.Join([]string{kind.GroupVersion().String(), kind.Kind, o.GetNamespace(), o.GetName()}, "/")
}
