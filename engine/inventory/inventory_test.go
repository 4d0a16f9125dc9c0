package inventory_test

import (
	"testing"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/source"
)

func TestNew(t *testing.T) {
	t.Parallel()
	r := source.Text("t.yaml", []byte(`
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: shop}, spec: {size: 1}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: shop}, spec: {size: 2}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}}
---
{apiVersion: x.example.com/v1, kind: Wide, metadata: {name: w}}
---
{apiVersion: x.example.com/v1, kind: Narrow, metadata: {name: narrow}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: narrow}, spec: {group: x.example.com, names: {kind: Narrow}, scope: Namespaced}}
---
{apiVersion: v1, kind: Pod, metadata: {generateName: p-}}
`))
	inv := inventory.New(r.Worlds[0].Objects, "prod")
	want := `{"cluster": {"apiextensions.k8s.io/v1": {"CustomResourceDefinition": {"narrow": {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "narrow"}, "spec": {"group": "x.example.com", "names": {"kind": "Narrow"}, "scope": "Namespaced"}}}}, ` +
		`"v1": {"PersistentVolume": {"v": {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}}}}, ` +
		`"x.example.com/v1": {"Wide": {"w": {"apiVersion": "x.example.com/v1", "kind": "Wide", "metadata": {"name": "w"}}}}}, ` +
		`"namespace": {"prod": {"v1": {"PersistentVolumeClaim": {"a": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a", "namespace": "prod"}}}}, ` +
		`"x.example.com/v1": {"Narrow": {"narrow": {"apiVersion": "x.example.com/v1", "kind": "Narrow", "metadata": {"name": "narrow", "namespace": "prod"}}}}}, ` +
		`"shop": {"v1": {"PersistentVolumeClaim": {"a": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"size": 1}}}}}}}`
	if got := inv.Value().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(inv.Duplicates) != 1 || inv.Duplicates[0][1].Origin.Start().Line != 6 {
		t.Errorf("duplicates: %v", inv.Duplicates)
	}
	if inv.ScopeAssumed != 1 {
		t.Errorf("scope assumed for %d, want 1", inv.ScopeAssumed)
	}
	if got := inv.Objects[len(inv.Objects)-1].String(); got != "Pod prod/p-*" {
		t.Errorf("the unnamed object is %s", got)
	}
	if r.Worlds[0].Objects[0].Namespace != "" {
		t.Error("the object as read was changed")
	}
}
