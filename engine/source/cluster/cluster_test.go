package cluster_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

// objects reads YAML documents.
func objects(t testing.TB, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for document := range strings.SplitSeq(text, "---\n") {
		o := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func open(t testing.TB, s *clustertest.Server) *cluster.Cluster {
	t.Helper()
	server := s.Start()
	t.Cleanup(server.Close)
	path, err := clustertest.Kubeconfig(t.TempDir(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Open(t.Context(), cluster.Config{Kubeconfig: path})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func names(objects []*object.Object) []string {
	var names []string
	for _, o := range objects {
		names = append(names, o.APIVersion()+" "+o.String())
	}
	return names
}

func problems(r *cluster.Read) []string {
	var all []string
	for _, p := range r.Problems {
		all = append(all, p.Error())
	}
	return all
}

func equal(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

const shop = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, uid: n1}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other, uid: n2}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv, uid: v1, managedFields: [{manager: x}]}, spec: {capacity: {storage: 1Gi}}, status: {phase: Bound}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: shop, uid: c1}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: b, namespace: other, uid: c2}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: shop, uid: d1}, spec: {replicas: 3}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: other, uid: d2}}
---
{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop, uid: s1, annotations: {helm.sh/hook: b, kubectl.kubernetes.io/last-applied-configuration: hunter2}}, data: {password: aHVudGVyMg==}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, namespace: shop, uid: h1}}
`

// wants are what three policies might want.
func wants() []cluster.Want {
	return []cluster.Want{
		{Kind: "PersistentVolume", Judge: []string{"volumes"}},
		{Kind: "PersistentVolumeClaim", Version: "v1", Read: []string{"volumes"}},
		{Kind: "PersistentVolumeClaim", Judge: []string{"claims"}},
		{Group: "apps", Kind: "Deployment", Judge: []string{"workloads"}},
		{Kind: "Namespace", Version: "v1", Read: []string{"workloads"}},
		{Group: "ceph.rook.io", Kind: "CephCluster", Judge: []string{"claims"}},
		{Group: "apps", Version: "v1beta1", Kind: "StatefulSet", Read: []string{"claims"}},
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, aggregated := range []bool{false, true} {
		s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop), Aggregated: aggregated, PageSize: 1}
		c := open(t, s)
		before := len(s.Requests())
		r, err := c.Read(t.Context(), wants(), "")
		if err != nil || len(r.Problems) > 0 {
			t.Fatal(err, r.Problems)
		}
		equal(t, "judged", []string{
			"v1 PersistentVolume pv", "v1 PersistentVolumeClaim shop/a", "v1 PersistentVolumeClaim other/b",
			"apps/v1 Deployment shop/d", "apps/v1 Deployment other/d",
		}, names(r.Judged))
		equal(t, "seen", []string{"v1 Namespace shop", "v1 Namespace other"}, names(r.Seen))
		if r.Kinds != 4 || r.Absent != 2 {
			t.Errorf("%d kinds, %d absent", r.Kinds, r.Absent)
		}
		volume := r.Judged[0]
		if got := volume.Value.String(); got != `{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv", "uid": "v1"}, "spec": {"capacity": {"storage": "1Gi"}}, "status": {"phase": "Bound"}}` {
			t.Error(got)
		}
		if got := r.Judged[1].Origin.Start().String(); got != "live:e2e/PersistentVolumeClaim/shop/a" {
			t.Error(got)
		}
		asked := s.Requests()[before:]
		slices.Sort(asked)
		equal(t, "requests", []string{
			"/api/v1/namespaces", "/api/v1/persistentvolumeclaims", "/api/v1/persistentvolumes", "/apis/apps/v1/deployments",
		}, slices.Compact(asked))
		if c.Context != "e2e" || c.Namespace != "shop" {
			t.Errorf("context %s, namespace %s", c.Context, c.Namespace)
		}
		scopes := map[string]bool{}
		c.Scopes(func(group, kind string, namespaced bool) { scopes[group+"/"+kind] = namespaced })
		if len(scopes) != len(clustertest.Builtin())+len(cluster.NodeWants()) || !scopes["apps/Deployment"] || scopes["/Node"] {
			t.Errorf("scopes: %v", scopes)
		}
	}
}

func TestReadOneNamespace(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop)}
	r, err := open(t, s).Read(t.Context(), append(wants(), cluster.Want{Kind: "Namespace", Judge: []string{"n"}}), "shop")
	if err != nil || len(r.Problems) > 0 {
		t.Fatal(err, r.Problems)
	}
	equal(t, "judged", []string{
		"v1 Namespace shop", "v1 PersistentVolume pv", "v1 PersistentVolumeClaim shop/a", "apps/v1 Deployment shop/d",
	}, names(r.Judged))
	equal(t, "seen", []string{"v1 Namespace other", "v1 PersistentVolumeClaim other/b"}, names(r.Seen))
	if !slices.Contains(s.Requests(), "/apis/apps/v1/namespaces/shop/deployments") || slices.Contains(s.Requests(), "/apis/apps/v1/deployments") {
		t.Error("deployments of other namespaces were read, though nobody looks at them")
	}
}

func TestAnObjectThatTwoGroupsServeIsJudgedOnce(t *testing.T) {
	t.Parallel()
	resources := slices.Clone(clustertest.Builtin())
	for i := range resources {
		if resources[i].Kind == "Deployment" {
			resources[i].Group2 = "extensions"
		}
	}
	s := &clustertest.Server{Resources: resources, Objects: objects(t, shop)}
	r, err := open(t, s).Read(t.Context(), []cluster.Want{{Group: "extensions", Kind: "Deployment", Judge: []string{"a"}}, {Group: "*", Kind: "Deployment", Judge: []string{"b"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "judged", []string{"apps/v1 Deployment shop/d", "apps/v1 Deployment other/d"}, names(r.Judged))
	equal(t, "seen", []string{"extensions/v1 Deployment shop/d", "extensions/v1 Deployment other/d"}, names(r.Seen))
}

func TestEachVersionThatSomebodyReadsIsThereAndTheBestIsJudged(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop)}
	r, err := open(t, s).Read(t.Context(), []cluster.Want{
		{Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler", Read: []string{"a"}},
		{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler", Read: []string{"a"}},
		{Group: "autoscaling", Kind: "HorizontalPodAutoscaler", Judge: []string{"b"}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "judged", []string{"autoscaling/v2 HorizontalPodAutoscaler shop/h"}, names(r.Judged))
	equal(t, "seen", []string{"autoscaling/v1 HorizontalPodAutoscaler shop/h"}, names(r.Seen))
}

func TestSecretsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop)}
	c := open(t, s)
	r, err := c.Read(t.Context(), []cluster.Want{{Group: "*", Kind: "*", Judge: []string{"a"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(s.Requests(), "/api/v1/secrets") || len(r.Judged) != 8 || len(r.Skipped) != 1 || r.Skipped[0].File != "live:e2e/Secret" {
		t.Errorf("%v %+v", names(r.Judged), r.Skipped)
	}
	r, err = c.Read(t.Context(), []cluster.Want{{Version: "v1", Kind: "Secret", Read: []string{"a"}}}, "")
	if err != nil || len(r.Seen) != 1 {
		t.Fatal(err, r)
	}
	want := `{"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {"helm.sh/hook": "b"}, "name": "s", "namespace": "shop", "uid": "s1"}}`
	equal(t, "secret", want, r.Seen[0].Value.String())
}

func TestReadStopsWhenItIsCancelled(t *testing.T) {
	t.Parallel()
	c := open(t, &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := c.Read(ctx, wants(), ""); err == nil {
		t.Errorf("got %v", r)
	}
}
