package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/report"
	"github.com/data-guard/guard/engine/review"
)

func result() *finding.Result {
	recycle := &policy.Policy{ID: "pv-reclaim-recycle", Title: "t", Remediation: "Patch it:\nkubectl patch pv NAME", Incidents: []string{"nfs-recycle-postgres"}, Severities: []policy.Severity{policy.Critical}}
	grace := &policy.Policy{ID: "db-termination-grace", Title: "t", Remediation: "Raise it.", Severities: []policy.Severity{policy.Medium}}
	return &finding.Result{
		Findings: []finding.Finding{
			{
				Policy: recycle, Severity: policy.Critical, Object: object.ID{Kind: "PersistentVolume", Name: "a"}, APIVersion: "v1",
				Field: "/spec/persistentVolumeReclaimPolicy", Message: "PersistentVolume a is recycled", Fingerprint: "f1",
				Place: object.Place{File: "pv.yaml", Line: 7, Column: 3, Width: 38, Source: "  persistentVolumeReclaimPolicy: Recycle"},
				Fix:   json.RawMessage(`[{"op":"test"}]`), Exemption: "expired on 2026-01-31",
			},
			{
				Policy: recycle, Severity: policy.Critical, Object: object.ID{Kind: "PersistentVolume", Name: "b"}, APIVersion: "v1",
				Operation: review.Delete, Message: "PersistentVolume b\x1b[31m is to be deleted\u202e", Fingerprint: "f2",
				Place:   object.Place{File: "名前.yaml", Line: 12, Column: 7, Width: 4, Source: "名前:\t\t data"},
				Unknown: []string{"v1/PersistentVolume/b"},
			},
			{
				Policy: grace, Severity: policy.Medium, Object: object.ID{Group: "apps", Kind: "StatefulSet", Namespace: "shop", Name: "db"}, APIVersion: "apps/v1",
				Field: "/spec/template/spec/terminationGracePeriodSeconds", Message: "StatefulSet shop/db stops in 30 s", Fingerprint: "f3",
				Place: object.Place{File: "db.yaml", Line: 100, Column: 5, Width: 4, Source: "    spec:", Missing: true},
			},
		},
		Uncertain: []finding.Finding{
			{Policy: grace, Object: object.ID{Kind: "Deployment", Namespace: "shop", Name: "x"}, Severity: policy.High, Message: "may", Unknown: []string{"v1/PersistentVolumeClaim/shop/c"}},
			{Policy: grace, Object: object.ID{Kind: "Deployment", Namespace: "shop", Name: "y"}, Severity: policy.High, Message: "may", Unknown: []string{"v1/PersistentVolumeClaim/shop/c"}},
		},
		Suppressed: []finding.Finding{{Policy: grace, Severity: policy.High, Message: "StatefulSet shop/z stops in 1 s", Place: object.Place{File: "z.yaml", Line: 1, Column: 1}, Suppressed: true}},
		Problems:   []finding.Problem{{Place: object.Place{File: "x.yaml", Line: 2}, Message: "parse YAML: no"}, {Message: "look: nothing"}},
		Skipped:    []finding.Problem{{Place: object.Place{File: "values.yaml", Line: 1}, Message: "neither apiVersion nor kind"}},
		Unused:     []finding.Unused{{Policy: "protect-pvc-delete", Reason: "it judges a change"}},
		Looked:     finding.Looked{Files: 3, Documents: 5, Objects: 4, ScopeAssumed: 1, Reviews: 4, Policies: 3, Asked: 2, Skipped: 1},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*bytes.Buffer, *finding.Result) error{
		"text.golden":   func(w *bytes.Buffer, r *finding.Result) error { return report.Text(w, r, false) },
		"colour.golden": func(w *bytes.Buffer, r *finding.Result) error { return report.Text(w, r, true) },
		"json.golden":   func(w *bytes.Buffer, r *finding.Result) error { return report.JSON(w, r) },
		"clean.golden":  func(w *bytes.Buffer, _ *finding.Result) error { return report.Text(w, &finding.Result{}, false) },
		"empty.golden":  func(w *bytes.Buffer, _ *finding.Result) error { return report.JSON(w, &finding.Result{}) },
	} {
		var got bytes.Buffer
		if err := write(&got, result()); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name)
		if os.Getenv("GUARD_UPDATE") == "1" {
			if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
