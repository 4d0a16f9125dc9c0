package policies_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// TestResourcesThatHoldDataAreGuarded compares the kinds that lib/operators knows with those that
// protect-data-cr-delete is about: METADATA cannot look them up.
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
	known, guarded := map[string]bool{}, map[string]bool{}
	for _, kind := range results[0].Expressions[0].Value.([]any) {
		known[kind.(string)] = true
	}
	for _, p := range load(t) {
		if p.ID == "protect-data-cr-delete" {
			for _, kind := range matched(p) {
				guarded[kind] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(guarded))); diff != "" {
		t.Errorf("(-lib/operators +protect-data-cr-delete)\n%s", diff)
	}
}
