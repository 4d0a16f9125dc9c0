package cluster_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

func record(t *testing.T, c *cluster.Cluster, wants []cluster.Want, namespace string) *cluster.Record {
	t.Helper()
	r, err := c.Record(t.Context(), wants, namespace, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestARecordIsReadAsTheClusterIs reads clusters with all that goes wrong, and what was recorded of them.
func TestARecordIsReadAsTheClusterIs(t *testing.T) {
	t.Parallel()
	metrics := clustertest.Resource{Group: "metrics.k8s.io", Versions: []string{"v1beta1"}, Kind: "PodMetrics", Name: "pods", Namespaced: true}
	everything := append(wants(),
		cluster.Want{Kind: "Pod", Judge: []string{"pods"}}, cluster.Want{Group: "metrics.k8s.io", Kind: "PodMetrics", Judge: []string{"m"}},
		cluster.Want{Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler", Read: []string{"a"}},
		cluster.Want{Kind: "Secret", Version: "v1", Read: []string{"s"}},
	)
	for name, s := range map[string]*clustertest.Server{
		"whole":     {},
		"forbidden": {Status: map[string]int{"persistentvolumes": 403, "persistentvolumeclaims": 403, "namespaces": 403, "deployments": 500, "shop/deployments": 500, "pods": 404, "shop/pods": 404}},
		"no page":   {PageSize: 1, Stuck: map[string]bool{"deployments": true}},
		"down":      {Down: map[string]bool{"metrics.k8s.io/v1beta1": true}},
	} {
		s.Resources, s.Objects = append(clustertest.Builtin(), metrics), objects(t, shop)
		c := open(t, s)
		for taken, eval := range map[string][]string{"": {"", "shop", "other"}, "shop": {"shop"}} {
			kept := record(t, c, everything, taken).Cluster()
			for _, in := range eval {
				if in == "other" && name == "forbidden" {
					// What may be listed in one namespace was recorded of the context's alone.
					continue
				}
				for _, wanted := range [][]cluster.Want{everything, wants()} {
					live, err := c.Read(t.Context(), wanted, in)
					if err != nil {
						t.Fatal(err)
					}
					again, err := kept.Read(t.Context(), wanted, in)
					if err != nil {
						t.Fatal(err)
					}
					what := name + " taken in " + taken + " read in " + in
					equal(t, what+": judged", names(live.Judged), names(again.Judged))
					equal(t, what+": seen", names(live.Seen), names(again.Seen))
					equal(t, what+": problems", problems(live), problems(again))
					equal(t, what+": counts", []int{live.Kinds, live.Absent}, []int{again.Kinds, again.Absent})
				}
			}
		}
	}
}

func TestARecordSaysWhatItDoesNotHold(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop)}
	kept := record(t, open(t, s), wants(), "shop").Cluster()
	r, err := kept.Read(t.Context(), []cluster.Want{
		{Group: "apps", Kind: "Deployment", Judge: []string{"a"}}, {Kind: "Node", Judge: []string{"b"}}, {Kind: "PersistentVolumeClaim", Judge: []string{"c"}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "problems", []string{
		"live:e2e: list v1/Node: the snapshot was taken without it (guard snapshot --all-kinds takes all); not judged, though policies are about it: b",
		"live:e2e: list apps/v1/Deployment: the snapshot holds those of namespace shop alone; not judged, though policies are about it: a",
	}, problems(r))
	equal(t, "judged", []string{"v1 PersistentVolumeClaim shop/a", "v1 PersistentVolumeClaim other/b"}, names(r.Judged))
	r, err = kept.Read(t.Context(), []cluster.Want{{Group: "apps", Kind: "Deployment", Judge: []string{"a"}}}, "other")
	if err != nil || len(r.Judged) > 0 || len(r.Problems) != 1 {
		t.Errorf("%v %v", err, r)
	}
}

func TestAGapDoesNotTellWhereTheServerIs(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop)}
	server := s.Start()
	path, err := clustertest.Kubeconfig(t.TempDir(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Open(t.Context(), cluster.Config{Kubeconfig: path})
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	for _, kind := range record(t, c, []cluster.Want{{Kind: "Pod", Judge: []string{"a"}}}, "").Kinds {
		if kind.Listing != nil && (kind.Listing.Gap == nil || strings.Contains(kind.Listing.Gap.Message, "127.0.0.1") || !strings.Contains(kind.Listing.Gap.Message, "refused")) {
			t.Errorf("%+v", kind.Listing.Gap)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Record(ctx, wants(), "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled reading: %v", err)
	}
}

func TestKubeletsAreAsked(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{
		Resources: clustertest.Builtin(),
		Objects:   objects(t, "{apiVersion: v1, kind: Node, metadata: {name: n1, uid: n1}}\n---\n{apiVersion: v1, kind: Node, metadata: {name: n2, uid: n2}}\n"),
		Kubelets: map[string]string{
			"n1/configz": `{"kubeletconfig": {"evictionHard": {"nodefs.available": "10%"}, "clusterDNS": ["10.0.0.10"], "authentication": {"secret": "hunter2"}}}`,
			"n1/stats/summary": `{"node": {"fs": {"time": "2026-01-01T00:00:00Z", "availableBytes": 5, "capacityBytes": 9007199254740993}},
				"pods": [{"volume": [{"name": "b", "usedBytes": 2, "pvcRef": {"namespace": "shop", "name": "b"}}, {"name": "token", "usedBytes": 1}]},
					{"volume": [{"usedBytes": 2, "pvcRef": {"namespace": "shop", "name": "b"}}, {"usedBytes": 1, "availableBytes": 3, "pvcRef": {"namespace": "shop", "name": "a"}}]}]}`,
			"n2/stats/summary": `not JSON`,
		},
	}
	c := open(t, s)
	got := map[string]string{}
	for _, kind := range record(t, c, cluster.NodeWants(), "").Kinds {
		if kind.Listing == nil {
			continue
		}
		for _, o := range kind.Listing.Objects {
			got[o.Kind+" "+o.Name] = o.Value.String()
		}
		got[kind.Kind] = kind.Listing.Gap.Message
	}
	if diff := cmp.Diff(map[string]string{
		"NodeConfiguration n1": `{"apiVersion": "data-guard.dev/v1", "configuration": {"evictionHard": {"nodefs.available": "10%"}}, "kind": "NodeConfiguration", "metadata": {"name": "n1"}}`,
		"NodeStatistics n1":    `{"apiVersion": "data-guard.dev/v1", "claims": [{"availableBytes": 3, "name": "a", "namespace": "shop", "usedBytes": 1}, {"name": "b", "namespace": "shop", "usedBytes": 2}], "fs": {"availableBytes": 5, "capacityBytes": 9007199254740993}, "kind": "NodeStatistics", "metadata": {"name": "n1"}}`,
		"NodeConfiguration":    `nodes "n2" is forbidden: User "dev" cannot get resource "nodes/proxy" in API group "" at the cluster scope`,
		"NodeStatistics":       "read what node n2 says: invalid character 'o' in literal null (expecting 'u')",
	}, got); diff != "" {
		t.Error(diff)
	}
	r, err := c.Read(t.Context(), []cluster.Want{{Group: "*", Kind: "*", Judge: []string{"a"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range append([]*object.Object(nil), r.Judged...) {
		if strings.HasPrefix(o.Kind, "Node") && o.Kind != "Node" {
			t.Errorf("%s was read for a policy about every kind", o)
		}
	}
}
