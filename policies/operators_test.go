package policies_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/data-guard/guard/engine/policy"
)

// TestResourcesThatHoldDataAreGuarded compares the kinds that lib/operators knows with those that
// protect-data-cr-delete and protection-removed are about: METADATA cannot look them up.
func TestResourcesThatHoldDataAreGuarded(t *testing.T) {
	t.Parallel()
	compiler := ast.NewCompiler()
	compiler.Compile(modules(t))
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	results, err := rego.New(rego.Query("data.lib.operators.kinds"), rego.Compiler(compiler)).Eval(t.Context())
	if err != nil || len(results) != 1 {
		t.Fatalf("evaluate lib.operators.kinds: %d results, %v", len(results), err)
	}
	var known []string
	for _, kind := range results[0].Expressions[0].Value.([]any) {
		known = append(known, kind.(string))
	}
	slices.Sort(known)
	for _, id := range []string{"protect-data-cr-delete", "protection-removed"} {
		all := load(t)
		guarded := matched(all[slices.IndexFunc(all, func(p *policy.Policy) bool { return p.ID == id })])
		guarded = slices.DeleteFunc(guarded, func(kind string) bool { return slices.Contains(builtin, kind) })
		slices.Sort(guarded)
		if diff := cmp.Diff(known, guarded); diff != "" {
			t.Errorf("(-lib/operators +%s)\n%s", id, diff)
		}
	}
}

// builtin are kinds with data that belong to no operator of lib/operators.
var builtin = []string{
	"/Namespace", "/PersistentVolume", "/PersistentVolumeClaim", "apiextensions.k8s.io/CustomResourceDefinition",
	"apps.kruise.io/StatefulSet", "apps/StatefulSet",
}
