package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
)

// pods are what one pod says, twice.
func pods(fields map[string]any) []any {
	return []any{fields, fields, fields, fields}
}

func templateFaults() []misconfiguration {
	const name = "guardprotectpvcdelete"
	template := func(value any, path ...string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) { set(t, of(t, in.Templates, name), value, path...) }
	}
	target := func(change func(target, source map[string]any)) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			u := of(t, in.Templates, name)
			targets, _, err := unstructured.NestedSlice(u.Object, "spec", "targets")
			if err != nil {
				t.Fatal(err)
			}
			one := targets[0].(map[string]any)
			change(one, one["code"].([]any)[0].(map[string]any)["source"].(map[string]any))
			set(t, u, targets, "spec", "targets")
		}
	}
	failed := map[string]any{"id": "manager-0", "observedGeneration": 1, "errors": []any{map[string]any{"code": "rego_parse_error", "message": "unexpected token"}}}
	return []misconfiguration{
		{"no template", claims, func(_ *testing.T, in *doctor.Installation) {
			in.Templates = slices.DeleteFunc(in.Templates, func(u unstructured.Unstructured) bool { return u.GetName() == name })
		}, doctor.No, "template-missing", doctor.Blocks, name, volumes},
		{"template with errors", claims, template(map[string]any{"created": false, "byPod": []any{failed}}, "status"), doctor.No, "template-error", doctor.Blocks, "manager-0 rego_parse_error: unexpected token", volumes},
		{"template not created", claims, template(map[string]any{"byPod": pods(map[string]any{"observedGeneration": 1})}, "status"), doctor.No, "template-not-created", doctor.Blocks, name, volumes},
		{"template in some pods only", claims, template(map[string]any{"created": true, "byPod": []any{map[string]any{"id": "audit-0", "observedGeneration": 1}}}, "status"), doctor.Partly, "template-not-ingested", doctor.Narrows, "by 1 of 4 pods", volumes},
		{"template of an older generation in a pod", claims, template(int64(2), "metadata", "generation"), doctor.Partly, "template-not-ingested", doctor.Narrows, "newest form", volumes},
		{"template being deleted", claims, template("2026-03-01T00:00:00Z", "metadata", "deletionTimestamp"), doctor.No, "template-going", doctor.Blocks, "being deleted", volumes},
		{"other Rego", claims, target(func(_, source map[string]any) { source["rego"] = source["rego"].(string) + "\n" }), doctor.Partly, "template-drift", doctor.Narrows, "not that of this guard", volumes},
		{"other libraries", claims, target(func(_, source map[string]any) { source["libs"] = source["libs"].([]any)[1:] }), doctor.Partly, "template-drift", doctor.Narrows, "not that of this guard", volumes},
		{"another version of Rego", claims, target(func(_, source map[string]any) { source["version"] = "v0" }), doctor.Partly, "template-drift", doctor.Narrows, "not that of this guard", volumes},
		{"template with another schema", claims, template(1, "spec", "crd"), doctor.CannotTell, "template-unread", doctor.Unknown, "cannot unmarshal", volumes},
		{"template not asked about DELETE", claims, target(func(target, _ map[string]any) { target["operations"] = []any{"CREATE", "UPDATE"} }), doctor.Partly, "template-operations", doctor.Narrows, "DELETE", volumes},
		{"template asked about everything", claims, target(func(target, _ map[string]any) { target["operations"] = []any{"*"} }), doctor.Yes, "", "", "", claims},
		{"template that names no operations", claims, target(func(target, _ map[string]any) { delete(target, "operations") }), doctor.Yes, "", "", "", claims},
	}
}

func constraintFaults() []misconfiguration {
	constraint := func(value any, path ...string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			set(t, of(t, in.Constraints, claims+"-critical"), value, path...)
		}
	}
	scoped := func(point, action string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			constraint("scoped", "spec", "enforcementAction")(t, in)
			constraint([]any{map[string]any{"action": action, "enforcementPoints": []any{map[string]any{"name": point}}}}, "spec", "scopedEnforcementActions")(t, in)
		}
	}
	both := func(value any, path ...string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			constraint(value, path...)(t, in)
			set(t, of(t, in.Constraints, claims+"-medium"), value, path...)
		}
	}
	status := map[string]any{"byPod": append(pods(map[string]any{"enforced": true, "observedGeneration": 1})[:3], map[string]any{"id": "manager-2", "errors": []any{map[string]any{"message": "cannot add"}}})}
	return []misconfiguration{
		{"no constraint", claims, func(_ *testing.T, in *doctor.Installation) {
			in.Constraints = gone(in.Constraints, "GuardProtectPvcDelete")
		}, doctor.No, "constraint-missing", doctor.Blocks, "GuardProtectPvcDelete", volumes},
		{"no constraint for a severity", claims, func(_ *testing.T, in *doctor.Installation) {
			in.Constraints = slices.DeleteFunc(in.Constraints, func(u unstructured.Unstructured) bool { return u.GetName() == claims+"-critical" })
		}, doctor.Partly, "constraint-missing", doctor.Narrows, "critical", volumes},
		{"constraint of one severity for all", claims, func(t *testing.T, in *doctor.Installation) {
			in.Constraints = slices.DeleteFunc(in.Constraints, func(u unstructured.Unstructured) bool { return u.GetName() == claims+"-medium" })
			constraint(map[string]any{}, "spec", "parameters")(t, in)
		}, doctor.Yes, "", "", "", claims},
		{"dryrun", claims, constraint("dryrun", "spec", "enforcementAction"), doctor.Partly, "constraint-action", doctor.Narrows, "critical: dryrun, expected deny", volumes},
		{"warn", "volume-multi-attached", func(t *testing.T, in *doctor.Installation) {
			set(t, of(t, in.Constraints, "volume-multi-attached-critical"), "warn", "spec", "enforcementAction")
		}, doctor.No, "constraint-action", doctor.Blocks, "critical: warn, expected deny", volumes},
		{"an action that nobody knows", claims, both("block", "spec", "enforcementAction"), doctor.No, "constraint-action", doctor.Blocks, "medium: nothing, expected dryrun", volumes},
		{"deny for want of an action", claims, constraint("", "spec", "enforcementAction"), doctor.Yes, "", "", "", claims},
		{"deny at audit only", claims, scoped("audit.gatekeeper.sh", "deny"), doctor.Partly, "constraint-action", doctor.Narrows, "critical: nothing, expected deny", volumes},
		{"deny at the webhook", claims, scoped("validation.gatekeeper.sh", "deny"), doctor.Yes, "", "", "", claims},
		{"deny at every point", claims, scoped("*", "deny"), doctor.Yes, "", "", "", claims},
		{"not enforced by all pods", claims, constraint(status, "status"), doctor.Partly, "constraint-not-enforced", doctor.Narrows, "protect-pvc-delete-critical (by 3 of 4) cannot add", volumes},
		{"not enforced by any pod", claims, constraint(map[string]any{}, "status"), doctor.Partly, "constraint-not-enforced", doctor.Narrows, "by 0 of 4", volumes},
		{"an older generation enforced", claims, constraint(int64(2), "metadata", "generation"), doctor.Partly, "constraint-not-enforced", doctor.Narrows, "by 0 of 4", volumes},
		{"constraint being deleted", claims, constraint("2026-03-01T00:00:00Z", "metadata", "deletionTimestamp"), doctor.Partly, "constraint-not-enforced", doctor.Narrows, "being deleted", volumes},
		{"fewer kinds", finalizers, func(t *testing.T, in *doctor.Installation) {
			set(t, of(t, in.Constraints, finalizers+"-high"), []any{map[string]any{"apiGroups": []any{""}, "kinds": []any{"Namespace", "PersistentVolume"}}}, "spec", "match", "kinds")
		}, doctor.Partly, "constraint-kinds", doctor.Narrows, "Backup.pingcap.com", volumes},
		{"more kinds", claims, constraint([]any{map[string]any{"apiGroups": []any{"*"}, "kinds": []any{"*"}}}, "spec", "match", "kinds"), doctor.Yes, "constraint-more-kinds", doctor.Note, "*", volumes},
		{"label selector", claims, constraint(map[string]any{"matchLabels": map[string]any{"guarded": "true"}}, "spec", "match", "labelSelector"), doctor.Partly, "constraint-selector", doctor.Narrows, "labelSelector", volumes},
		{"name", claims, constraint("data-*", "spec", "match", "name"), doctor.Partly, "constraint-selector", doctor.Narrows, "name", volumes},
		{"scope", claims, constraint("Cluster", "spec", "match", "scope"), doctor.Partly, "constraint-selector", doctor.Narrows, "scope", volumes},
		{"source", claims, constraint("Generated", "spec", "match", "source"), doctor.Partly, "constraint-selector", doctor.Narrows, "source", volumes},
		{"another parameter", claims, constraint([]any{"alice"}, "spec", "parameters", "cascadeActors"), doctor.Yes, "constraint-parameters", doctor.Note, "cascadeActors", volumes},
		{"an unknown parameter", claims, constraint("x", "spec", "parameters", "nothing"), doctor.Yes, "constraint-parameters", doctor.Note, "nothing", volumes},
		{"doubt ignored", claims, constraint("ignore", "spec", "parameters", "unknown"), doctor.Partly, "constraint-ignores-doubt", doctor.Narrows, claims + "-critical", volumes},
		{"a match that cannot be read", claims, constraint("everything", "spec", "match"), doctor.CannotTell, "constraint-unread", doctor.Unknown, claims + "-critical", volumes},
	}
}

// TestWhatIsExpectedDecides judges one installation by each overlay.
func TestWhatIsExpectedDecides(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	in := clean(t, loaded)
	for _, u := range in.Constraints {
		set(t, u, "dryrun", "spec", "enforcementAction")
	}
	for overlay, want := range map[int]doctor.Answer{0: doctor.Yes, 1: doctor.Partly, 2: doctor.No} {
		for _, v := range judge(in, loaded, overlay).Policies {
			if v.Policy == claims && v.CanFire != want {
				t.Errorf("%s, expecting %s: %s, want %s", v.Policy, gatekeeper.Overlays()[overlay].Name, v.CanFire, want)
			}
		}
	}
}

// TestStockGatekeeperStopsNoDeletion judges what Gatekeeper's manifest installs (gatekeeper v3.23 deploy/gatekeeper.yaml).
func TestStockGatekeeperStopsNoDeletion(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	in := clean(t, loaded)
	stock := map[string]any{
		"failurePolicy": "Ignore", "timeoutSeconds": 3, "matchConditions": []any{},
		"rules": []any{map[string]any{
			"apiGroups": []any{"*"}, "apiVersions": []any{"*"}, "operations": []any{"CREATE", "UPDATE"},
			"resources": []any{"*", "pods/eviction", "deployments/scale", "replicasets/scale", "statefulsets/scale", "replicationcontrollers/scale", "services/status"},
		}},
	}
	h := hook(in)
	h.Rules, h.MatchConditions = nil, nil
	convert(t, stock, h)
	report := judge(in, loaded, 1)
	for i, v := range report.Policies {
		p := loaded[i]
		var onlyDeletions, deletions bool
		needs := gatekeeper.Needs(p)
		for _, n := range needs {
			deletions = deletions || n.Operation == "DELETE"
		}
		onlyDeletions = deletions && !slices.ContainsFunc(needs, func(n gatekeeper.Need) bool { return n.Operation != "DELETE" })
		switch {
		case onlyDeletions && v.CanFire != doctor.No:
			t.Errorf("%s can fire: %s", v.Policy, v.CanFire)
		case deletions && v.CanFire == doctor.Yes:
			t.Errorf("%s can fire: %s", v.Policy, v.CanFire)
		case len(needs) > 0 && !slices.ContainsFunc(v.Gaps, func(g doctor.Gap) bool {
			return g.Code == "webhook-fail-open" || g.Code == "webhook-rules" && g.Effect == doctor.Blocks
		}):
			t.Errorf("%s: nothing about failurePolicy in %v", v.Policy, v.Gaps)
		}
	}
}

// TestAPolicyThatOnlyAuditAsksNeedsNoWebhook changes a policy into one.
func TestAPolicyThatOnlyAuditAsksNeedsNoWebhook(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	for i, p := range loaded {
		if p.ID == retention {
			slow := *p
			slow.AuditOnly = "slow"
			loaded[i] = &slow
		}
	}
	ask := func(t *testing.T, spoil func(*doctor.Installation)) doctor.Verdict {
		t.Helper()
		in := clean(t, loaded)
		spoil(in)
		report := judge(in, loaded, 2)
		return report.Policies[slices.IndexFunc(report.Policies, func(v doctor.Verdict) bool { return v.Policy == retention })]
	}
	if v := ask(t, func(in *doctor.Installation) { in.Webhooks = nil }); v.CanFire != doctor.Yes || len(v.Gaps) > 0 || v.Actions["high"] != "dryrun" {
		t.Errorf("without a webhook: %s %v %v", v.CanFire, v.Actions, v.Gaps)
	}
	if v := ask(t, func(in *doctor.Installation) { in.Deployments = in.Deployments[:1] }); v.CanFire != doctor.No || v.Gaps[0].Code != "audit-off" {
		t.Errorf("without audit: %s %v", v.CanFire, v.Gaps)
	}
	if v := ask(t, func(in *doctor.Installation) { in.Configs = append(in.Configs, excluded(t, "audit", "shop")) }); v.CanFire != doctor.Partly || v.Gaps[0].Code != "namespace-audit" {
		t.Errorf("with a namespace left out of audit: %s %v", v.CanFire, v.Gaps)
	}
}

// TestNobodyNamedAsApproverIsNoted takes another policy for the one that knows approvers.
func TestNobodyNamedAsApproverIsNoted(t *testing.T) {
	t.Parallel()
	p := *load(t)[0]
	p.ID = "approval-by-stranger"
	loaded := load(t)[:0:0]
	loaded = append(loaded, &p)
	for name, test := range map[string]struct {
		approvers map[string]any
		noted     bool
	}{
		"nobody":  {nil, true},
		"empty":   {map[string]any{"users": []any{}, "groups": []any{}}, true},
		"a user":  {map[string]any{"users": []any{"alice"}}, false},
		"a group": {map[string]any{"groups": []any{"storage"}}, false},
	} {
		in := clean(t, loaded)
		for _, u := range in.Constraints {
			if test.approvers != nil {
				set(t, u, test.approvers, "spec", "parameters", "approvers")
			}
		}
		v := judge(in, loaded, 1).Policies[0]
		noted := slices.ContainsFunc(v.Gaps, func(g doctor.Gap) bool { return g.Code == "no-approver" && g.Effect == doctor.Note })
		if noted != test.noted || v.CanFire != doctor.Yes {
			t.Errorf("%s: noted %t, %s %v", name, noted, v.CanFire, v.Gaps)
		}
	}
}

func TestManyObjectsAreCounted(t *testing.T) {
	t.Parallel()
	g := doctor.Gap{Message: "exempt", Objects: strings.Fields("a b c d e f g h")}
	if got := g.String(); got != "exempt: a, b, c, d, e, f and 2 more" {
		t.Error(got)
	}
	g.Objects = g.Objects[:7]
	if got := g.String(); got != "exempt: a, b, c, d, e, f, g" {
		t.Error(got)
	}
}
