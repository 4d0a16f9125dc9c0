package gatekeeper_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

// TestDoctorRoleAllowsWhatIsListedAndNoMore reads the manifest back.
func TestDoctorRoleAllowsWhatIsListedAndNoMore(t *testing.T) {
	t.Parallel()
	policies := []*policy.Policy{{ID: "b-policy"}, {ID: "a-policy"}}
	manifest, err := gatekeeper.DoctorRole(policies)
	if err != nil {
		t.Fatal(err)
	}
	type grant struct {
		group, resource, verb string
		inNamespace           bool
	}
	got, want := map[grant]int{}, map[grant]int{}
	for doc := range bytes.SplitSeq(manifest, []byte("---\n")) {
		var role rbacv1.Role
		if err := yaml.UnmarshalStrict(doc, &role); err != nil || (role.Kind != "Role" && role.Kind != "ClusterRole") {
			continue
		}
		if inNamespace := role.Kind == "Role"; inNamespace != (role.Namespace == gatekeeper.Namespace) {
			t.Errorf("%s in namespace %q", role.Kind, role.Namespace)
		}
		for _, rule := range role.Rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					got[grant{rule.APIGroups[0], resource, verb, role.Kind == "Role"}]++
				}
			}
		}
	}
	for _, a := range gatekeeper.Accesses(policies) {
		want[grant{a.Group, a.Resource, "list", a.InNamespace}]++
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(grant{})); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}
