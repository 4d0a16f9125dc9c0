package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

func TestASnapshotAsBase(t *testing.T) {
	t.Parallel()
	release := `annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: shop}, `
	claim := func(name, marks string) string {
		return strings.NewReplacer("name: data", "name: "+name, "uid: c1, ", "uid: "+name+", "+marks, "volumeName: pv, ", "").Replace(liveClaim)
	}
	objects := []string{
		strings.ReplaceAll(liveVolume, "POLICY", "Recycle"),
		liveClaim,
		claim("released", release),
		claim("argo", `labels: {argocd.argoproj.io/instance: shop}, `),
		claim("tracked", `annotations: {"argocd.argoproj.io/tracking-id": "shop:/PersistentVolumeClaim:shop/tracked"}, `),
		claim("flux", `labels: {kustomize.toolkit.fluxcd.io/name: shop, kustomize.toolkit.fluxcd.io/namespace: flux-system}, `),
		claim("other", `annotations: {meta.helm.sh/release-name: other, meta.helm.sh/release-namespace: shop}, `),
		claim("owned", release+`ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: a, uid: a, controller: true}], `),
		`{apiVersion: v1, kind: ServiceAccount, metadata: {name: shop, namespace: shop, uid: s}}`,
		`{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop, namespace: shop, uid: d, ` + strings.TrimSuffix(release, ", ") + `}, spec: {replicas: 1, template: {spec: {containers: [{name: a, image: a}]}}}}`,
	}
	path := kept(t, &clustertest.Server{Resources: clustertest.Builtin(), Objects: documents(t, strings.Join(objects, "\n---\n"))}, engine.SnapshotOptions{Now: time.Now()})
	for marks, want := range map[string][]string{
		"": {"DELETE protect-pvc-delete PersistentVolumeClaim shop/released"},
		"labels: {argocd.argoproj.io/instance: shop}": {
			"DELETE protect-pvc-delete PersistentVolumeClaim shop/argo", "DELETE protect-pvc-delete PersistentVolumeClaim shop/released", "DELETE protect-pvc-delete PersistentVolumeClaim shop/tracked",
		},
		"labels: {kustomize.toolkit.fluxcd.io/name: shop, kustomize.toolkit.fluxcd.io/namespace: flux-system}": {
			"DELETE protect-pvc-delete PersistentVolumeClaim shop/flux", "DELETE protect-pvc-delete PersistentVolumeClaim shop/released",
		},
	} {
		head := filepath.Join(t.TempDir(), "d.yaml")
		text := `{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop, namespace: shop, ` + marks + `}, spec: {replicas: 2, template: {spec: {containers: [{name: a, image: a}]}}}}`
		if err := os.WriteFile(head, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := engine.Run(t.Context(), engine.Options{Paths: []string{head}, Base: path, Now: time.Now(), Include: []string{"protect-pvc-delete", "pv-reclaim-recycle"}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, saying(r))
	}
	// A state that the cluster has already is no news.
	head := filepath.Join(t.TempDir(), "pv.yaml")
	if err := os.WriteFile(head, []byte(objects[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	o := engine.Options{Paths: []string{head}, Base: path, Now: time.Now(), Include: []string{"pv-reclaim-recycle"}}
	for all, want := range map[bool][]string{false: nil, true: {"pv-reclaim-recycle PersistentVolume pv"}} {
		o.All = all
		r, err := engine.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, saying(r))
	}
}
