package kustomize_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/source/kustomize"
)

func TestGraph(t *testing.T) {
	files := tree(t, `
-- base/kustomization.yaml --
resources: [a.yaml]
-- base/a.yaml --
-- base/unlisted.yaml --
-- part/kustomization.yml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches: [{path: p.yaml}]
-- part/p.yaml --
-- alone/Kustomization --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
-- dev/kustomization.yaml --
resources: [../base]
-- prod/kustomization.yaml --
resources: [../base]
components: [../part]
configMapGenerator: [{name: x, files: [key=conf/x.ini, conf/missing.ini]}]
transformers: [../t]
-- prod/conf/x.ini --
-- t/kustomization.yaml --
resources: [t.yaml]
-- t/t.yaml --
-- c1/kustomization.yaml --
resources: [../c2]
-- c2/kustomization.yaml --
resources: [../c1]
-- bad/kustomization.yaml --
resources: {}
`)
	want := `alone: false [alone/Kustomization]
bad: true [bad/kustomization.yaml]
base: false [base/a.yaml base/kustomization.yaml]
c1: true [c1/kustomization.yaml c2/kustomization.yaml]
c2: false [c1/kustomization.yaml c2/kustomization.yaml]
dev: true [base/a.yaml base/kustomization.yaml dev/kustomization.yaml]
part: false [part/kustomization.yml part/p.yaml]
prod: true [base/a.yaml base/kustomization.yaml part/kustomization.yml part/p.yaml prod/conf/x.ini prod/kustomization.yaml t/kustomization.yaml t/t.yaml]
t: false [t/kustomization.yaml t/t.yaml]
`
	var got strings.Builder
	for _, f := range kustomize.Graph(files, []string{"alone", "bad", "base", "c1", "c2", "dev", "part", "prod", "t"}) {
		fmt.Fprintf(&got, "%s: %v %v\n", f.Path, f.Root, f.Files)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestFile(t *testing.T) {
	files := tree(t, `
-- flux/kustomization.yaml --
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
-- both/kustomization.yaml --
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
-- both/kustomization.yml --
resources: []
-- plain/Kustomization --
-- none/a.yaml --
-- folder/kustomization.yaml/x --
`)
	for path, want := range map[string]string{"flux": "", "both": "both/kustomization.yml", "plain": "plain/Kustomization", "none": "", "folder": "", "absent": ""} {
		if got, ok := kustomize.File(kustomize.Kustomization{Tree: files, Path: path}); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", path, got, ok, want)
		}
	}
}
