package review_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

func world(t *testing.T, text string) *inventory.Inventory {
	t.Helper()
	r := source.Text("t.yaml", []byte(text))
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	return inventory.New(r.Worlds[0].Objects, "")
}

func TestChanges(t *testing.T) {
	t.Parallel()
	base := world(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: same}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: changed}, data: {a: "1"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}
---
{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: version}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: volume}}
---
{apiVersion: v1, kind: Pod, metadata: {generateName: run-}}
`)
	head := world(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {namespace: default, name: changed}, data: {a: "2"}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {namespace: default, name: same}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: version}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {namespace: other, name: gone}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: volume}}
---
{apiVersion: v1, kind: Pod, metadata: {generateName: run-}}
`)
	var got []string
	for _, r := range review.Changes(base, head) {
		if r.World != base {
			t.Errorf("%s %s does not see the world before the change", r.Operation, r.Subject())
		}
		got = append(got, fmt.Sprintf("%s %s old=%v new=%v", r.Operation, r.Subject(), r.Old != nil, r.Object != nil))
	}
	want := []string{
		"CREATE ConfigMap default/new old=false new=true",
		"UPDATE ConfigMap default/changed old=true new=true",
		"UPDATE Deployment default/version old=true new=true",
		"CREATE ConfigMap other/gone old=false new=true",
		"CREATE Pod default/run-* old=false new=true",
		"DELETE ConfigMap default/gone old=true new=false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestInputHasGatekeepersShape(t *testing.T) {
	t.Parallel()
	w := world(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	r := &review.Review{Operation: review.Delete, Old: w.Objects[0], User: "u", UserGroups: []string{"g"}, World: w}
	object := `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}`
	shape := func(options string) string {
		return `{"kind": {"group": "", "kind": "ConfigMap", "version": "v1"}, "name": "a", "namespace": "default", "object": ` + object +
			`, "oldObject": ` + object + `, "operation": "DELETE", "options": ` + options + `, "resource": {"group": "", "resource": "", "version": ""}, "uid": "", ` +
			`"userInfo": {"groups": ["g"], "username": "u"}}`
	}
	if got, want := r.Input().String(), shape("null"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.Options = ast.MustParseTerm(`{"kind": "DeleteOptions", "gracePeriodSeconds": 0}`).Value
	if got, want := r.Input().String(), shape(`{"gracePeriodSeconds": 0, "kind": "DeleteOptions"}`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOnto(t *testing.T) {
	t.Parallel()
	live := world(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: drifted, uid: u1, creationTimestamp: "2026-01-01T00:00:00Z"}, data: {a: live}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: applied, uid: u2}, data: {a: head}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone, uid: u3}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: untouched, uid: u4}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: taken, uid: u5}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: there, uid: u6}, data: {a: head}}
`)
	stored := func(o *object.Object) *object.Object {
		for _, l := range live.Objects {
			if l.ID == o.ID {
				return l
			}
		}
		return nil
	}
	over := func(text string) *inventory.Inventory {
		var objects []*object.Object
		for _, o := range world(t, text).Objects {
			objects = append(objects, o.Over(stored(o)))
		}
		return inventory.New(objects, "")
	}
	base := over(`
{apiVersion: v1, kind: ConfigMap, metadata: {name: drifted}, data: {a: base}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: applied}, data: {a: base}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: lost}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: same}}
`)
	head := over(`
{apiVersion: v1, kind: ConfigMap, metadata: {name: drifted}, data: {a: head}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: applied}, data: {a: head}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: same}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: taken}, data: {a: head}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: there}, data: {a: head}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}
`)
	var got []string
	for _, r := range review.Onto(review.Changes(base, head), live, stored) {
		if r.World != live {
			t.Errorf("%s %s does not see the cluster before the change", r.Operation, r.Subject())
		}
		old := "nothing"
		if r.Old != nil {
			old = "base"
			if l := stored(r.Old); l != nil && r.Old.Value.Compare(l.Value) == 0 {
				old = "live"
			}
		}
		got = append(got, fmt.Sprintf("%s %s of %s", r.Operation, r.Subject(), old))
	}
	want := []string{
		"UPDATE ConfigMap default/drifted of base",
		"UPDATE ConfigMap default/drifted of live",
		"UPDATE ConfigMap default/applied of base",
		"UPDATE ConfigMap default/taken of live",
		"CREATE ConfigMap default/new of nothing",
		"DELETE ConfigMap default/gone of live",
		"DELETE ConfigMap default/lost of base",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
