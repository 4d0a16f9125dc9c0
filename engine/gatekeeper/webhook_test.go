package gatekeeper_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/policies"
)

// TestPoliciesKnowTheShippedMatchConditions: a policy that judges the webhook's match conditions knows those that the
// bundle itself gives it.
func TestPoliciesKnowTheShippedMatchConditions(t *testing.T) {
	t.Parallel()
	loaded, _, err := policy.Load(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	var want []any
	for _, name := range slices.Sorted(maps.Keys(gatekeeper.MatchConditions())) {
		want = append(want, name)
	}
	known := 0
	for _, p := range loaded {
		defaults, err := p.Schema.Complete(nil)
		if err != nil {
			t.Fatal(err)
		}
		names, ok := defaults["matchConditions"].([]any)
		if !ok {
			continue
		}
		known++
		slices.SortFunc(names, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s (-shipped +known):\n%s", p.ID, diff)
		}
	}
	if known == 0 {
		t.Error("no policy judges match conditions")
	}
}
