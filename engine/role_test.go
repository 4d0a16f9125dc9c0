package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
)

func TestRoleIsWhatIsRead(t *testing.T) {
	t.Parallel()
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := engine.Role(all)
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(text, &role); err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, rule := range role.Rules {
		if !slices.Equal(rule.Verbs, []string{"get", "list"}) || !slices.IsSorted(rule.Resources) {
			t.Errorf("%v", rule)
		}
		for _, resource := range rule.Resources {
			allowed[rule.APIGroups[0]+"/"+resource] = true
		}
	}
	for _, resource := range []string{"/secrets", "/*", "*/*", "/configmaps"} {
		if allowed[resource] {
			t.Errorf("the role lets guard read %s", resource)
		}
	}
	for _, resource := range []string{"/persistentvolumes", "storage.k8s.io/storageclasses", "elasticsearch.k8s.elastic.co/elasticsearches", "longhorn.io/backingimages"} {
		if !allowed[resource] {
			t.Errorf("the role does not let guard read %s", resource)
		}
	}
	_, s := run(t, liveClaim, nil, engine.Options{AllNamespaces: true})
	lists := 0
	for _, path := range s.Requests() {
		parts := strings.Split(strings.Trim(path, "/"), "/")
		switch {
		case len(parts) == 3 && parts[0] == "api" && allowed["/"+parts[2]], len(parts) == 4 && allowed[parts[1]+"/"+parts[3]]:
			lists++
		case len(parts) == 3 && parts[0] == "api", len(parts) > 3:
			t.Errorf("%s was read, which the role does not allow", path)
		}
	}
	if lists < 10 {
		t.Errorf("%d lists were read", lists)
	}
}

func TestRoleRefusesPoliciesAboutEverything(t *testing.T) {
	t.Parallel()
	_, err := engine.Role([]*policy.Policy{
		{ID: "a", Match: match.Match{}},
		{ID: "b", Match: match.Match{Kinds: []match.Kinds{{APIGroups: []string{""}, Kinds: []string{"*"}}}}},
	})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v", err)
	}
	changes := &policy.Policy{ID: "c", Match: match.Match{}, Asks: []policy.Question{policy.AsksUpdate}, AuditOnly: "about files"}
	if _, err := engine.Role([]*policy.Policy{changes}); err != nil {
		t.Errorf("a policy that no cluster has a use for: %v", err)
	}
	if text, err := engine.Role(nil); err != nil || !strings.Contains(string(text), "- namespaces\n") {
		t.Errorf("%v\n%s", err, text)
	}
}
