package e2e

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

// Stubs are CustomResourceDefinitions for the kinds of operators: those that policies look up and those among the
// objects. They keep every field. A kind of which some object has a namespace is namespaced; without any object it is
// when guard would think so, which is yes.
func Stubs(policies []*policy.Policy, objects []*object.Object) []*unstructured.Unstructured {
	versions := map[schema.GroupKind]map[string]bool{}
	add := func(kind schema.GroupVersionKind) {
		if inventory.Builtin(kind.GroupKind()) || !custom(kind.Group) {
			return
		}
		if versions[kind.GroupKind()] == nil {
			versions[kind.GroupKind()] = map[string]bool{}
		}
		versions[kind.GroupKind()][kind.Version] = true
	}
	for _, kind := range gatekeeper.Reads(policies) {
		add(kind)
	}
	seen, namespaced := map[schema.GroupKind]bool{}, map[schema.GroupKind]bool{}
	for _, o := range objects {
		kind := schema.GroupVersionKind{Group: o.Group, Version: o.Version, Kind: o.Kind}
		add(kind)
		seen[kind.GroupKind()] = true
		namespaced[kind.GroupKind()] = namespaced[kind.GroupKind()] || o.Namespace != ""
	}
	var stubs []*unstructured.Unstructured
	for _, kind := range slices.SortedFunc(maps.Keys(versions), func(a, b schema.GroupKind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind))
	}) {
		scope := "Namespaced"
		if seen[kind] && !namespaced[kind] {
			scope = "Cluster"
		}
		stubs = append(stubs, stub(kind, scope, slices.Sorted(maps.Keys(versions[kind]))))
	}
	return stubs
}

// custom says that a group can be served from a CustomResourceDefinition of the test's own. Groups without a dot are
// Kubernetes' own.
func custom(group string) bool {
	return strings.Contains(group, ".") && !slices.Contains([]string{
		"apiextensions.k8s.io", "apiregistration.k8s.io", "templates.gatekeeper.sh", "constraints.gatekeeper.sh",
		"config.gatekeeper.sh", "syncset.gatekeeper.sh", "status.gatekeeper.sh",
	}, group)
}

func stub(kind schema.GroupKind, scope string, versions []string) *unstructured.Unstructured {
	plural := gatekeeper.Resource(kind)
	var served []any
	for i, version := range versions {
		served = append(served, map[string]any{
			"name": version, "served": true, "storage": i == 0,
			"schema":       map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
			"subresources": map[string]any{"status": map[string]any{}},
		})
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{
			"name":        plural + "." + kind.Group,
			"annotations": map[string]any{"api-approved.kubernetes.io": "unapproved, a stub for tests"},
		},
		"spec": map[string]any{
			"group": kind.Group, "scope": scope, "versions": served,
			"names": map[string]any{"kind": kind.Kind, "plural": plural, "singular": strings.ToLower(kind.Kind)},
		},
	}}
}
