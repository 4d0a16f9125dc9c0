package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

// run writes files, starts a cluster with the objects and runs.
func run(t *testing.T, objects string, files map[string]string, o engine.Options) (*finding.Result, *clustertest.Server) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &clustertest.Server{Resources: clustertest.Builtin()}
	for document := range strings.SplitSeq(objects, "---\n") {
		object := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		s.Objects = append(s.Objects, object)
	}
	server := s.Start()
	t.Cleanup(server.Close)
	kubeconfig, err := clustertest.Kubeconfig(dir, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range o.Paths {
		o.Paths[i] = filepath.Join(dir, p)
	}
	for i, p := range o.Policies {
		o.Policies[i] = filepath.Join(dir, p)
	}
	if o.Base != "" {
		o.Base = filepath.Join(dir, o.Base)
	}
	o.Live, o.Now = &cluster.Config{Kubeconfig: kubeconfig}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

func saying(r *finding.Result) []string {
	var said []string
	for _, f := range r.Findings {
		said = append(said, strings.TrimSpace(string(f.Operation)+" "+f.Policy.ID+" "+f.Object.String()))
	}
	for _, p := range r.Problems {
		said = append(said, "problem: "+p.Message)
	}
	return said
}

func same(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

const (
	liveVolume = `{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv, uid: v1, creationTimestamp: "2026-01-01T00:00:00Z", finalizers: [kubernetes.io/pv-protection]},
  spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: POLICY, nfs: {server: nas.example.com, path: /a}, claimRef: {namespace: shop, name: data, uid: c1}}, status: {phase: Bound}}
`
	liveClaim = `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop, uid: c1, creationTimestamp: "2026-01-01T00:00:00Z", finalizers: [kubernetes.io/pvc-protection]},
  spec: {accessModes: [ReadWriteOnce], volumeName: pv, resources: {requests: {storage: 1Gi}}}, status: {phase: Bound, capacity: {storage: 1Gi}}}
`
	claim = `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, finalizers: [FINALIZERS]}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
`
)

func TestManifestsAreJudgedWithTheClusterAround(t *testing.T) {
	t.Parallel()
	// A second volume on the directory of a live one: only the cluster knows.
	second := strings.NewReplacer("name: pv, uid: v1", "name: second", "POLICY", "Retain", "claimRef: {namespace: shop, name: data, uid: c1}", "mountOptions: []", ", status: {phase: Bound}", "").Replace(liveVolume)
	live := strings.ReplaceAll(liveVolume, "POLICY", "Retain") + "---\n" + liveClaim
	r, s := run(t, live, map[string]string{"head/pv.yaml": second}, engine.Options{Paths: []string{"head"}})
	same(t, []string{"pv-backend-overlap PersistentVolume second"}, saying(r))
	for _, path := range s.Requests() {
		if strings.HasSuffix(path, "/nodes") || strings.HasSuffix(path, "/horizontalpodautoscalers") {
			t.Errorf("%s was read, though no policy about the manifests looks at it", path)
		}
	}
	// A bad live object that no manifest is about is not judged.
	r, _ = run(t, strings.ReplaceAll(liveVolume, "POLICY", "Recycle"), map[string]string{"head/c.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"}, engine.Options{Paths: []string{"head"}})
	same(t, nil, saying(r))
}

func TestFinalizersThatApplyLeavesAndThoseItTakesAway(t *testing.T) {
	t.Parallel()
	live := strings.ReplaceAll(liveVolume, "POLICY", "Retain") + "---\n" + liveClaim
	with, without := strings.ReplaceAll(claim, "FINALIZERS", "kubernetes.io/pvc-protection"), strings.ReplaceAll(claim, "FINALIZERS", "")
	r, _ := run(t, live, map[string]string{"head/c.yaml": without}, engine.Options{Paths: []string{"head"}})
	same(t, nil, saying(r))
	r, _ = run(t, live, map[string]string{"head/c.yaml": without, "base/c.yaml": without}, engine.Options{Paths: []string{"head"}, Base: "base"})
	same(t, nil, saying(r))
	r, _ = run(t, live, map[string]string{"head/c.yaml": without, "base/c.yaml": with}, engine.Options{Paths: []string{"head"}, Base: "base"})
	same(t, []string{"UPDATE protective-finalizer-removed PersistentVolumeClaim shop/data"}, saying(r))
}

func TestTheLiveObjectSaysWhatADeletionLoses(t *testing.T) {
	t.Parallel()
	files := map[string]string{"base/c.yaml": strings.ReplaceAll(claim, "FINALIZERS", ""), "head/x.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"}
	o := func() engine.Options { return engine.Options{Paths: []string{"head"}, Base: "base"} }
	r, _ := run(t, strings.ReplaceAll(liveVolume, "POLICY", "Delete")+"---\n"+liveClaim, files, o())
	same(t, []string{"DELETE protect-pvc-delete PersistentVolumeClaim shop/data"}, saying(r))
	if f := r.Findings[0]; f.Severity != policy.Critical || len(f.Unknown) > 0 || !strings.HasSuffix(f.Place.File, "base/c.yaml") || f.Place.Line != 1 {
		t.Errorf("%+v", f)
	}
	// The manifest does not name the volume: only the live claim leads to one that keeps its data.
	r, _ = run(t, strings.ReplaceAll(liveVolume, "POLICY", "Retain")+"---\n"+liveClaim, files, o())
	if f := r.Findings[0]; f.Severity.Rank() <= policy.Critical.Rank() || len(f.Unknown) > 0 {
		t.Errorf("%+v", f)
	}
	// A claim that is on its way out already is no question.
	going := strings.ReplaceAll(liveClaim, "uid: c1, ", `uid: c1, deletionTimestamp: "2026-02-01T00:00:00Z", `)
	r, _ = run(t, strings.ReplaceAll(liveVolume, "POLICY", "Delete")+"---\n"+going, files, o())
	same(t, nil, saying(r))
}

const foreign = `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: labelled
  annotations: {metadata.gatekeeper.sh/requires-sync-data: '"[[{"groups":[""],"versions":["v1"],"kinds":["Node"]}]]"'}
spec:
  crd: {spec: {names: {kind: Labelled}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package labelled
        violation[{"msg": msg}] {
          input.review.object.kind == "PersistentVolumeClaim"
          msg := sprintf("%d nodes", [count(data.inventory.cluster.v1.Node)])
        }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: Labelled
metadata: {name: all}
spec: {match: {kinds: [{apiGroups: ["*"], kinds: ["*"]}], namespaceSelector: {matchLabels: {team: a}}}}
`

func TestForeignTemplatesAskTheCluster(t *testing.T) {
	t.Parallel()
	objects := "{apiVersion: v1, kind: Node, metadata: {name: node-1, uid: node-1}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: shop, uid: s, labels: {team: a}}}\n---\n" + liveClaim
	r, s := run(t, objects, map[string]string{"own/t.yaml": foreign}, engine.Options{Policies: []string{"own"}, Include: []string{"db-termination-grace"}})
	same(t, []string{"Labelled PersistentVolumeClaim shop/data"}, saying(r))
	for _, path := range s.Requests() {
		if strings.HasSuffix(path, "/secrets") {
			t.Error("Secrets were read")
		}
	}
	unsaid := strings.Replace(foreign, "requires-sync-data", "title", 1)
	r, _ = run(t, objects, map[string]string{"own/t.yaml": unsaid}, engine.Options{Policies: []string{"own"}, Include: []string{"db-termination-grace"}})
	if said := strings.Join(saying(r), "\n"); !strings.Contains(said, "ConstraintTemplate Labelled looks into the inventory") {
		t.Error(said)
	}
}

func TestAPolicyIsNotAskedForItsKindsWhenItCannotBeAsked(t *testing.T) {
	t.Parallel()
	_, s := run(t, liveClaim, nil, engine.Options{Include: []string{"protect-pvc-delete"}, AllowEmpty: true})
	for _, path := range s.Requests() {
		if strings.HasSuffix(path, "persistentvolumeclaims") {
			t.Error("claims were read for a policy that judges deletions alone")
		}
	}
}
