package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/policy"
)

const recycled = `{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {persistentVolumeReclaimPolicy: Recycle, nfs: {server: s, path: /p}}}`

// judgeRecycled judges one manifest with options that a configuration sets.
func judgeRecycled(t *testing.T, o engine.Options) (*finding.Result, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(file, []byte(recycled), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Paths = []string{file}
	return engine.Run(t.Context(), o)
}

func TestAPolicyThatIsSwitchedOffIsNamedUnlessItIsIncluded(t *testing.T) {
	t.Parallel()
	off := map[string]string{"pv-reclaim-recycle": ".guard.yaml:7"}
	result, err := judgeRecycled(t, engine.Options{Off: off})
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, u := range result.Unused {
		told = told || u == finding.Unused{Policy: "pv-reclaim-recycle", Reason: ".guard.yaml:7 switches it off"}
	}
	if len(result.Findings) > 0 || !told {
		t.Errorf("%+v, %+v", result.Findings, result.Unused)
	}
	result, err = judgeRecycled(t, engine.Options{Off: off, Include: []string{"pv-reclaim-recycle"}})
	if err != nil || len(result.Findings) != 1 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestTheUsersSeverityCounts(t *testing.T) {
	t.Parallel()
	result, err := judgeRecycled(t, engine.Options{Severities: map[string]policy.Severity{"pv-reclaim-recycle": policy.Low}})
	if err != nil || len(result.Findings) != 1 || result.Findings[0].Severity != policy.Low || result.Worst(policy.Medium) != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestParametersAreObeyedOrRefused(t *testing.T) {
	t.Parallel()
	allow := map[string]map[string]any{"pv-reclaim-recycle": {"allowedVolumes": []any{"a"}}}
	result, err := judgeRecycled(t, engine.Options{Parameters: allow})
	if err != nil || len(result.Findings) != 0 {
		t.Errorf("%+v, %v", result, err)
	}
	rules := t.TempDir()
	constraint := "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: GuardPvReclaimRecycle\nmetadata: {name: mine}\n"
	if err := os.WriteFile(filepath.Join(rules, "c.yaml"), []byte(constraint), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]engine.Options{
		"given twice, by the configuration and by constraint mine": {Parameters: allow, Policies: []string{rules}},
		"unknown parameter allowed":                                {Parameters: map[string]map[string]any{"pv-reclaim-recycle": {"allowed": 1}}},
		"there is no policy x":                                     {Parameters: map[string]map[string]any{"x": {}}},
		"there is no policy y":                                     {Off: map[string]string{"y": ""}},
		"there is no policy z":                                     {Severities: map[string]policy.Severity{"z": policy.Low}},
	} {
		if _, err := judgeRecycled(t, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
