package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
)

const incidents = "../fixtures/incidents"

// told is a finding as findings.yaml lists it.
type told struct {
	Policy   string          `json:"policy"`
	Object   string          `json:"object"`
	Severity policy.Severity `json:"severity"`
}

// TestIncidents replays each incident: the state before gives exactly the findings listed, so does the change that
// lost the data, and the corrected setup gives none, not even an uncertain one.
func TestIncidents(t *testing.T) {
	t.Parallel()
	slugs, err := filepath.Glob(incidents + "/*/findings.yaml")
	if err != nil || len(slugs) < 5 {
		t.Fatalf("found %d incidents: %v", len(slugs), err)
	}
	for _, file := range slugs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Before []told `json:"before"`
				Change []told `json:"change"`
			}
			if err := yaml.UnmarshalStrict(text, &want); err != nil {
				t.Fatal(err)
			}
			before, change, after := filepath.Join(dir, "before"), filepath.Join(dir, "change"), filepath.Join(dir, "after")
			expect(t, want.Before, engine.Options{Paths: []string{before}, Unknown: engine.Fail})
			expect(t, nil, engine.Options{Paths: []string{after}, Unknown: engine.Fail})
			if _, err := os.Stat(change); err == nil {
				expect(t, want.Change, engine.Options{Paths: []string{change}, Base: before})
			} else if len(want.Change) > 0 {
				t.Error("findings of a change are listed and there is no change/")
			}
			policies := map[string]bool{}
			for _, f := range append(want.Before, want.Change...) {
				policies[f.Policy] = true
			}
			if len(policies) < 2 {
				t.Errorf("only %d policies catch it", len(policies))
			}
		})
	}
}

func expect(t *testing.T, want []told, o engine.Options) {
	t.Helper()
	o.Now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	result, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range result.Problems {
		t.Error(p)
	}
	for _, s := range result.Skipped {
		t.Errorf("skipped %s", s)
	}
	var got []told
	for _, f := range result.Findings {
		got = append(got, told{f.Policy.ID, f.Object.String(), f.Severity})
	}
	for _, list := range [][]told{want, got} {
		slices.SortFunc(list, func(a, b told) int {
			return slices.Compare([]string{a.Policy, a.Object, string(a.Severity)}, []string{b.Policy, b.Object, string(b.Severity)})
		})
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%v with base %q (-want +got)\n%s", o.Paths, o.Base, diff)
	}
}
