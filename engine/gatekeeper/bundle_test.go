package gatekeeper_test

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/policies"
)

func load(t *testing.T) []*policy.Policy {
	t.Helper()
	loaded, _, err := policy.Load(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	return policy.ForCluster(loaded)
}

func bundle(t *testing.T) ([]*policy.Policy, map[string][]byte) {
	t.Helper()
	loaded := load(t)
	files, err := gatekeeper.Files(loaded)
	if err != nil {
		t.Fatal(err)
	}
	return loaded, files
}

// TestEveryReadIsSynced: a kind that a policy looks up and no SyncSet names would never be found, silently.
func TestEveryReadIsSynced(t *testing.T) {
	t.Parallel()
	loaded, files := bundle(t)
	synced := map[string]bool{}
	for name, text := range files {
		if !strings.HasPrefix(name, "gatekeeper/sync/") || strings.HasSuffix(name, "kustomization.yaml") {
			continue
		}
		var set struct {
			Spec struct {
				GVKs []struct{ Group, Version, Kind string } `json:"gvks"`
			} `json:"spec"`
		}
		if err := yaml.Unmarshal(text, &set); err != nil {
			t.Fatal(err)
		}
		for _, k := range set.Spec.GVKs {
			synced[strings.TrimPrefix(k.Group+"/"+k.Version, "/")+"/"+k.Kind] = true
		}
	}
	for _, p := range loaded {
		for _, read := range p.Reads {
			if !synced[read] {
				t.Errorf("%s reads %s, which no SyncSet names", p.ID, read)
			}
		}
	}
	for kind := range synced {
		if strings.HasSuffix(kind, "/Secret") {
			t.Errorf("%s is synced", kind)
		}
	}
}

// TestEveryFileOfAFolderIsInItsKustomization: what it does not list, kubectl apply -k leaves out.
func TestEveryFileOfAFolderIsInItsKustomization(t *testing.T) {
	t.Parallel()
	_, files := bundle(t)
	for _, folder := range []string{"gatekeeper/templates", "gatekeeper/base", "gatekeeper/sync"} {
		var k struct{ Resources []string }
		if err := yaml.Unmarshal(files[folder+"/kustomization.yaml"], &k); err != nil {
			t.Fatal(err)
		}
		for name := range files {
			file, in := strings.CutPrefix(name, folder+"/")
			if in && !strings.Contains(file, "/") && file != "kustomization.yaml" && !slices.Contains(k.Resources, file) {
				t.Errorf("%s is not in its kustomization", name)
			}
		}
	}
}

func TestOverlays(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, o := range gatekeeper.Overlays() {
		for _, s := range policy.Severities() {
			got[o.Name] += o.Action(s) + " "
		}
	}
	want := map[string]string{
		"audit":       "dryrun dryrun dryrun dryrun dryrun ",
		"recommended": "deny warn dryrun dryrun dryrun ",
		"strict":      "deny deny warn dryrun dryrun ",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestAuditOnly: no overlay may raise a policy to admission that is too slow for it.
func TestAuditOnly(t *testing.T) {
	t.Parallel()
	loaded, _ := bundle(t)
	slow := *loaded[0]
	slow.AuditOnly = "too slow"
	for _, c := range gatekeeper.Constraints(&slow) {
		text := fmt.Sprint(c)
		if !strings.Contains(text, "enforcementAction:scoped") || !strings.Contains(text, "audit.gatekeeper.sh") ||
			!strings.Contains(text, "data-guard.dev/admission:false") {
			t.Errorf("constraint of a policy that only audit asks: %s", text)
		}
	}
	if rules := gatekeeper.WebhookRules([]*policy.Policy{&slow}); len(rules) > 0 {
		t.Errorf("the webhook would send it %v", rules)
	}
}

// TestWebhookRulesAreNarrow: with failurePolicy Fail, a rule for everything locks the control plane out. Gatekeeper's
// own constraints are the one group of which every kind is sent, and of a status only what changes metadata.
func TestWebhookRulesAreNarrow(t *testing.T) {
	t.Parallel()
	loaded, _ := bundle(t)
	for _, rule := range gatekeeper.WebhookRules(loaded) {
		text := fmt.Sprint(rule)
		for _, never := range []string{"resources:[*", "apiGroups:[*]", "coordination.k8s.io", "leases", "events", "secrets"} {
			if strings.Contains(text, never) && !strings.Contains(text, "apiGroups:[constraints.gatekeeper.sh]") {
				t.Errorf("%s is sent to a webhook that fails closed: %s", never, text)
			}
		}
	}
	if _, ok := gatekeeper.MatchConditions()["not-a-status-that-leaves-metadata-alone"]; !ok {
		t.Error("the kubelets' reports of nodes and pods are sent to a webhook that fails closed")
	}
}

// TestWorkloadsAreTheSameInRegoAndCEL: pods of a kind of workload that only one of both knows are judged for nothing,
// or not at all.
func TestWorkloadsAreTheSameInRegoAndCEL(t *testing.T) {
	t.Parallel()
	text, err := fs.ReadFile(policies.FS, "lib/meta/meta.rego")
	if err != nil {
		t.Fatal(err)
	}
	kinds := func(pattern, source string) []string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(source)
		if m == nil {
			t.Fatalf("%s is not in\n%s", pattern, source)
		}
		return slices.Sorted(slices.Values(regexp.MustCompile(`\w+`).FindAllString(m[1], -1)))
	}
	rego := kinds(`(?s)controlled_by_workload\(obj\) if \{.*?owner\.kind in \{(.*?)\}`, string(text))
	cel := kinds(`o\.kind in \[(.*?)\]`, gatekeeper.MatchConditions()["not-the-pods-of-a-workload"])
	if !slices.Equal(rego, cel) {
		t.Errorf("Rego has %v\nCEL has  %v", rego, cel)
	}
}
