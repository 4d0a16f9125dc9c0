package gatekeeper_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	kinds := func(group string, kinds ...string) match.Kinds {
		return match.Kinds{APIGroups: []string{group}, Kinds: kinds}
	}
	for name, test := range map[string]struct {
		policy policy.Policy
		want   []string
	}{
		"a state is asked at birth and change": {
			policy.Policy{Asks: []policy.Question{policy.AsksState}, Match: match.Match{Kinds: []match.Kinds{kinds("apps", "StatefulSet")}}},
			[]string{"CREATE apps statefulsets", "UPDATE apps statefulsets"},
		},
		"a state and an update ask once": {
			policy.Policy{Asks: []policy.Question{policy.AsksState, policy.AsksUpdate}, Match: match.Match{Kinds: []match.Kinds{kinds("", "Pod", "Pod")}}},
			[]string{"CREATE  pods", "UPDATE  pods"},
		},
		"plurals of their own": {
			policy.Policy{Asks: []policy.Question{policy.AsksDelete}, Match: match.Match{Kinds: []match.Kinds{kinds("elasticsearch.k8s.elastic.co", "Elasticsearch"), kinds("redis.redis.opstreelabs.in", "Redis")}}},
			[]string{"DELETE elasticsearch.k8s.elastic.co elasticsearches", "DELETE redis.redis.opstreelabs.in redis"},
		},
		"a deletion in two groups": {
			policy.Policy{Asks: []policy.Question{policy.AsksDelete}, Match: match.Match{Kinds: []match.Kinds{{APIGroups: []string{"b", "a"}, Kinds: []string{"Policy"}}}}},
			[]string{"DELETE a policies", "DELETE b policies"},
		},
		"subresources of the kinds that have them": {
			policy.Policy{
				Asks: []policy.Question{policy.AsksUpdate}, Subresources: []string{"status", "finalize", "eviction", "scale"},
				Match: match.Match{Kinds: []match.Kinds{kinds("", "Namespace", "Pod"), kinds("apps", "Deployment")}},
			},
			[]string{
				"UPDATE  namespaces", "UPDATE  namespaces/finalize", "UPDATE  namespaces/status", "UPDATE  pods", "CREATE  pods/eviction",
				"UPDATE  pods/status", "UPDATE apps deployments", "UPDATE apps deployments/scale", "UPDATE apps deployments/status",
			},
		},
		"what stands for a scaled object is no resource": {
			policy.Policy{
				Asks: []policy.Question{policy.AsksUpdate}, Subresources: []string{"scale", "status"},
				Match: match.Match{Kinds: []match.Kinds{kinds("autoscaling", "Scale"), kinds("apps", "StatefulSet")}},
			},
			[]string{"UPDATE apps statefulsets", "UPDATE apps statefulsets/scale", "UPDATE apps statefulsets/status"},
		},
		"a scaled custom resource": {
			policy.Policy{
				Asks: []policy.Question{policy.AsksUpdate}, Subresources: []string{"scale"},
				Match: match.Match{Kinds: []match.Kinds{kinds("autoscaling", "Scale"), kinds("apps.kruise.io", "StatefulSet")}},
			},
			[]string{"UPDATE apps.kruise.io statefulsets", "UPDATE apps.kruise.io statefulsets/scale"},
		},
		"what stands for evicted pods alone minds all pods": {
			policy.Policy{Asks: []policy.Question{policy.AsksState}, Subresources: []string{"eviction"}, Match: match.Match{Kinds: []match.Kinds{kinds("policy", "Eviction")}}},
			[]string{"CREATE  pods/eviction"},
		},
		"every kind of every group": {
			policy.Policy{Asks: []policy.Question{policy.AsksDelete}, Subresources: []string{"finalize", "status"}, Match: match.Match{Kinds: []match.Kinds{kinds("*", "*")}}},
			[]string{"UPDATE  namespaces/finalize", "DELETE * *", "UPDATE * */status"},
		},
		"what no webhook is shown": {
			policy.Policy{
				Asks: []policy.Question{policy.AsksState}, Subresources: []string{"status"},
				Match: match.Match{Kinds: []match.Kinds{kinds("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")}},
			},
			nil,
		},
		"audit alone": {
			policy.Policy{Asks: []policy.Question{policy.AsksState}, AuditOnly: "slow", Match: match.Match{Kinds: []match.Kinds{kinds("", "Pod")}}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, n := range gatekeeper.Needs(&test.policy) {
				resource := n.Resource
				if n.Subresource != "" {
					resource += "/" + n.Subresource
				}
				got = append(got, n.Operation+" "+n.Group+" "+resource)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}
