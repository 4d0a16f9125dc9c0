package cluster_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

func TestWhatCannotBeReadIsNamedWithWhomItBlinds(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{
		Resources: clustertest.Builtin(), Objects: objects(t, shop),
		Status: map[string]int{
			"persistentvolumes": http.StatusForbidden, "persistentvolumeclaims": http.StatusForbidden, "namespaces": http.StatusForbidden,
			"deployments": http.StatusInternalServerError, "pods": http.StatusNotFound,
		},
	}
	c := open(t, s)
	const (
		volumes     = `live:e2e: list v1/PersistentVolume: persistentvolumes is forbidden: User "dev" cannot list resource "persistentvolumes" in API group "" at the cluster scope; not judged, though policies are about it: volumes`
		deployments = `live:e2e: list apps/v1/Deployment: Internal Server Error; not judged, though policies are about it: workloads`
		claims      = `live:e2e: list v1/PersistentVolumeClaim: persistentvolumeclaims is forbidden: User "dev" cannot list resource "persistentvolumeclaims" in API group "" at the cluster scope`
		namespaces  = `live:e2e: list v1/Namespace: namespaces is forbidden: User "dev" cannot list resource "namespaces" in API group "" at the cluster scope`
	)
	asked := append(wants(), cluster.Want{Kind: "Pod", Judge: []string{"pods"}})
	r, err := c.Read(t.Context(), asked, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "everywhere", []string{
		namespaces + "; judged without it: workloads",
		volumes,
		claims + "; not judged, though policies are about it: claims; judged without it: volumes",
		deployments,
	}, problems(r))
	if len(r.Judged)+len(r.Seen) != 0 || r.Absent != 3 {
		t.Errorf("%v %v, %d absent", r.Judged, r.Seen, r.Absent)
	}

	r, err = c.Read(t.Context(), asked, "shop")
	if err != nil {
		t.Fatal(err)
	}
	const part = " (what belongs to the namespace could be read)"
	equal(t, "in one namespace", []string{
		namespaces + part + "; judged without it: workloads",
		volumes,
		claims + part + "; judged without it: volumes",
	}, problems(r))
	equal(t, "judged", []string{"v1 PersistentVolumeClaim shop/a", "apps/v1 Deployment shop/d"}, names(r.Judged))
	equal(t, "seen", []string{"v1 Namespace shop"}, names(r.Seen))
}

func TestOneReasonIsToldOnce(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Status: map[string]int{"persistentvolumes": 401, "persistentvolumeclaims": 401, "nodes": 401}}
	r, err := open(t, s).Read(t.Context(), []cluster.Want{
		{Kind: "Node", Judge: []string{"b"}}, {Kind: "PersistentVolume", Judge: []string{"a", "b"}}, {Kind: "PersistentVolumeClaim", Read: []string{"c"}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "problems", []string{
		"live:e2e: list v1/Node, v1/PersistentVolume, v1/PersistentVolumeClaim: Unauthorized; not judged, though policies are about it: a, b; judged without it: c",
	}, problems(r))
}

func TestAListThatGrowsTooOldIsReadAnewOnce(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop), PageSize: 1, Expired: map[string]int{"deployments": 1, "namespaces": 2}}
	r, err := open(t, s).Read(t.Context(), wants(), "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "judged", 5, len(r.Judged))
	equal(t, "problems", []string{"live:e2e: list v1/Namespace: The provided continue parameter is too old; judged without it: workloads"}, problems(r))
}

func TestAServerThatRepeatsAPageIsAProblem(t *testing.T) {
	t.Parallel()
	s := &clustertest.Server{Resources: clustertest.Builtin(), Objects: objects(t, shop), Stuck: map[string]bool{"nodes": true}}
	r, err := open(t, s).Read(t.Context(), []cluster.Want{{Kind: "Node", Judge: []string{"a"}}}, "")
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "again and again") {
		t.Errorf("%v %v", err, r)
	}
}

func TestPartsOfTheAPIThatAreDown(t *testing.T) {
	t.Parallel()
	metrics := clustertest.Resource{Group: "metrics.k8s.io", Versions: []string{"v1beta1"}, Kind: "PodMetrics", Name: "pods", Namespaced: true}
	for _, aggregated := range []bool{false, true} {
		s := &clustertest.Server{
			Resources: append(clustertest.Builtin(), metrics), Objects: objects(t, shop), Aggregated: aggregated,
			Down: map[string]bool{"metrics.k8s.io/v1beta1": true, "autoscaling/v1": true},
		}
		c := open(t, s)
		r, err := c.Read(t.Context(), wants(), "")
		if err != nil || len(r.Problems) > 0 || len(r.Judged) != 5 {
			t.Errorf("nobody wants what is down: %v %v", err, r.Problems)
		}
		r, err = c.Read(t.Context(), []cluster.Want{
			{Group: "metrics.k8s.io", Kind: "NodeMetrics", Judge: []string{"a"}},
			{Group: "metrics.k8s.io", Kind: "PodMetrics", Judge: []string{"b"}},
			{Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler", Read: []string{"c"}},
			{Group: "autoscaling", Kind: "HorizontalPodAutoscaler", Judge: []string{"d"}},
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "judged", []string{"autoscaling/v2 HorizontalPodAutoscaler shop/h"}, names(r.Judged))
		text := strings.Join(problems(r), "\n")
		for _, want := range []string{"NodeMetrics", "PodMetrics", "not judged, though policies are about it: a, b", "judged without it: c"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
		if strings.Contains(text, "about it: d") || r.Absent != 0 {
			t.Errorf("%d absent; %s", r.Absent, text)
		}
	}
}
