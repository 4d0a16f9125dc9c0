package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/e2e"
	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/policy"
)

// guard builds the command once a test.
func guard(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "guard")
	run(t, "go", "build", "-o", binary, "./cmd/guard")
	return binary
}

// patient is a cluster that guard doctor looks at.
type patient struct {
	*site
	binary string
}

// examined is what doctor says, and its exit code.
func (p *patient) examined(t *testing.T) (*doctor.Report, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.binary, "doctor", "--kubeconfig", p.Kubeconfig(cluster.Admin), "-o", "json")
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	var report doctor.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("read what doctor says: %v\n%s%s", err, out, problem.String())
	}
	return &report, code
}

// misconfiguration is one thing that an operator gets wrong.
type misconfiguration struct {
	name, breaks, mends string
	// code is what doctor has to call it, about the policy; any policy when empty.
	code, policy string
}

const webhookPatch = "kubectl patch validatingwebhookconfiguration " + gatekeeper.WebhookConfiguration + " --type=json -p "

func misconfigurations() []misconfiguration {
	webhook := func(name, patch, code, policy string) misconfiguration {
		return misconfiguration{name, webhookPatch + "'[" + patch + "]'", "", code, policy}
	}
	return []misconfiguration{
		webhook("no DELETE", `{"op": "replace", "path": "/webhooks/0/rules", "value": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["*/*"]}]}`,
			"webhook-rules", "protect-pvc-delete"),
		webhook("no subresources", `{"op": "replace", "path": "/webhooks/0/rules", "value": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE", "DELETE"], "resources": ["*"]}]}`,
			"webhook-rules", "protective-finalizer-removed"),
		webhook("failurePolicy Ignore", `{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}`, "webhook-fail-open", "protect-pvc-delete"),
		webhook("a timeout of one second", `{"op": "replace", "path": "/webhooks/0/timeoutSeconds", "value": 1}`, "webhook-timeout", ""),
		webhook("a namespaceSelector", `{"op": "add", "path": "/webhooks/0/namespaceSelector/matchExpressions/-", "value": {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["shop"]}}`,
			"namespace-selector", "protect-pvc-delete"),
		webhook("a match condition", `{"op": "add", "path": "/webhooks/0/matchConditions/-", "value": {"name": "not-admins", "expression": "request.userInfo.username != \"root\""}}`,
			"webhook-match-conditions", ""),
		{"no constraint", "kubectl delete guardprotectpvcdelete --all", "", "constraint-missing", "protect-pvc-delete"},
		{"a constraint that only reports", `kubectl patch guardprotectpvcdelete protect-pvc-delete-critical --type=merge -p '{"spec": {"enforcementAction": "dryrun"}}'`, "",
			"constraint-action", "protect-pvc-delete"},
		{"a constraint that leaves a namespace out", `kubectl patch guardprotectpvcdelete protect-pvc-delete-critical --type=merge -p '{"spec": {"match": {"excludedNamespaces": ["shop"]}}}'`,
			"", "", "protect-pvc-delete"},
		{"other parameters", `kubectl patch guardprotectpvcdelete protect-pvc-delete-critical --type=merge -p '{"spec": {"parameters": {"unknown": "ignore"}}}'`, "",
			"constraint-ignores-doubt", "protect-pvc-delete"},
		{"no template", "kubectl delete constrainttemplate guardprotectnamespacedelete", "", "template-missing", "protect-namespace-delete"},
		{"a template with an error", `kubectl get constrainttemplate guardprotectnodedelete -o json | sed 's/package protect_node_delete/package protect_node_delete\\nthis is no Rego/' | kubectl replace -f -`,
			"", "template-error", "protect-node-delete"},
		{"another Rego", `kubectl get constrainttemplate guardpvreclaimrecycle -o json | sed 's/package pv_reclaim_recycle/package pv_reclaim_recycle # edited/' | kubectl replace -f -`,
			"", "template-drift", "pv-reclaim-recycle"},
		{"a kind that is not synced", "kubectl delete syncset data-guard-core", "", "not-synced", "protect-pvc-delete"},
		{"a namespace with the label", webhookPatch + `'[{"op": "replace", "path": "/webhooks/1/rules/0/operations", "value": ["CREATE"]}]'; sleep 1; kubectl label namespace shop admission.gatekeeper.sh/ignore=1`,
			"kubectl label namespace shop admission.gatekeeper.sh/ignore-; " + webhookPatch + `'[{"op": "replace", "path": "/webhooks/1/rules/0/operations", "value": ["CREATE", "UPDATE"]}]'`,
			"namespace-label", "protect-pvc-delete"},
		{"a namespace in the Config", `kubectl apply -f - <<< '{"apiVersion": "config.gatekeeper.sh/v1alpha1", "kind": "Config", "metadata": {"name": "config", "namespace": "gatekeeper-system"}, "spec": {"match": [{"excludedNamespaces": ["shop"], "processes": ["*"]}]}}'`,
			"kubectl -n gatekeeper-system delete config config", "namespace-config", "protect-pvc-delete"},
		{"a flag that lets namespaces be exempted", `kubectl -n gatekeeper-system patch deployment gatekeeper-controller-manager --type=json -p '[{"op": "add", "path": "/spec/template/spec/containers/0/args/0", "value": "--exempt-namespace=shop"}]'`,
			`kubectl -n gatekeeper-system patch deployment gatekeeper-controller-manager --type=json -p '[{"op": "remove", "path": "/spec/template/spec/containers/0/args/0"}]'`,
			"namespace-flag", ""},
		{"an old Gatekeeper", "kubectl -n gatekeeper-system set image deployment --all manager=openpolicyagent/gatekeeper:v3.19.0",
			"kubectl -n gatekeeper-system set image deployment --all manager=openpolicyagent/gatekeeper:" + cluster.GatekeeperVersion, "gatekeeper-version", ""},
	}
}

// TestDoctor breaks one thing at a time in a cluster that is set up as the operators' page says.
func TestDoctor(t *testing.T) {
	t.Parallel()
	p := &patient{&site{start(t, cluster.Options{AuditEvery: 2 * time.Second})}, guard(t)}
	p.applies(t, found)
	p.holds(t)
	follow := func(words ...string) {
		if err := e2e.Follow(t.Context(), p.Cluster, root, words...); err != nil {
			t.Fatal(err)
		}
	}
	follow("Templates", "look up", "would be refused", "Enforce")
	await(t, "all constraints are enforced", func() error { return enforced(t, p.Cluster) })
	p.stock(t)
	follow("Let the webhook")
	p.clean(t, "as shipped")

	var rows []string
	for _, m := range misconfigurations() {
		t.Run(m.name, func(t *testing.T) {
			p.runs(t, m.breaks)
			rows = append(rows, p.finds(t, m))
			if m.mends != "" {
				p.runs(t, m.mends)
			}
			p.mends(t)
		})
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nmisconfiguration\texit\twhat doctor says\n%s\n", strings.Join(rows, "\n"))
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
}

// mends does what the page says once more, over what was broken.
func (p *patient) mends(t *testing.T) {
	t.Helper()
	p.runs(t, `kubectl apply --server-side --force-conflicts -k bundle/gatekeeper/templates
kubectl wait --for=jsonpath='{.status.created}'=true constrainttemplates -l app.kubernetes.io/part-of=data-guard --timeout=60s
kubectl apply --server-side -k bundle/gatekeeper/sync`)
	await(t, "the constraints are taken again", func() error {
		out, err := e2e.Shell(t.Context(), p.Cluster, root, `kubectl patch guardprotectpvcdelete protect-pvc-delete-critical --type=json -p '[{"op": "remove", "path": "/spec/match/excludedNamespaces"}]' || true
kubectl patch guardprotectpvcdelete protect-pvc-delete-critical --type=json -p '[{"op": "remove", "path": "/spec/parameters/unknown"}]' || true
kubectl apply --server-side --force-conflicts -k bundle/gatekeeper/overlays/recommended`)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return enforced(t, p.Cluster)
	})
	p.runs(t, webhookPatch+`'[{"op": "replace", "path": "/webhooks/0/namespaceSelector", "value": {"matchExpressions": [{"key": "admission.gatekeeper.sh/ignore", "operator": "DoesNotExist"}, {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["gatekeeper-system"]}]}}, {"op": "remove", "path": "/webhooks/0/matchConditions"}]'`)
	p.runs(t, "kubectl patch validatingwebhookconfiguration "+gatekeeper.WebhookConfiguration+" --type=strategic --patch-file bundle/gatekeeper/webhook/patch.yaml")
	p.clean(t, "mended")
}

// holds is a claim in a namespace that an exemption would leave unprotected.
func (p *patient) holds(t *testing.T) {
	t.Helper()
	p.applies(t, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}}`)
}

// served says that the policy is about a kind that every cluster has.
func served(p *policy.Policy) bool {
	return slices.ContainsFunc(p.Match.Kinds, func(k match.Kinds) bool {
		return slices.ContainsFunc(k.APIGroups, func(group string) bool {
			return slices.ContainsFunc(k.Kinds, func(kind string) bool {
				return inventory.Builtin(schema.GroupKind{Group: group, Kind: kind})
			})
		})
	})
}

// stock wants every policy about deletions to be called off while Gatekeeper's webhook is as its manifest has it.
func (p *patient) stock(t *testing.T) {
	t.Helper()
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	all = policy.ForCluster(all)
	report, code := p.examined(t)
	if code != 1 {
		t.Errorf("stock Gatekeeper: exit code %d, want 1", code)
	}
	for _, verdict := range report.Policies {
		i := slices.IndexFunc(all, func(p *policy.Policy) bool { return p.ID == verdict.Policy })
		// Evictions reach the stock webhook, and where no kind of a policy is served no request is missed.
		only := len(all[i].Asks) == 1 && all[i].Asked(policy.AsksDelete) && len(all[i].Subresources) == 0 && served(all[i])
		if only && verdict.CanFire != doctor.No {
			t.Errorf("stock Gatekeeper: %s, which only asks about deletions, can fire: %s", verdict.Policy, verdict.CanFire)
		}
		if all[i].Asked(policy.AsksDelete) && served(all[i]) && verdict.CanFire == doctor.Yes {
			t.Errorf("stock Gatekeeper: nothing is wrong with %s", verdict.Policy)
		}
	}
	out, _ := exec.CommandContext(t.Context(), p.binary, "doctor", "--kubeconfig", p.Kubeconfig(cluster.Admin)).Output()
	fmt.Fprintf(os.Stdout, "\nguard doctor, stock Gatekeeper:\n%s\n", out)
}

func (p *patient) clean(t *testing.T, when string) {
	t.Helper()
	await(t, "doctor is content, "+when, func() error {
		report, code := p.examined(t)
		if code == 0 {
			return nil
		}
		var gaps []string
		for _, verdict := range report.Policies {
			for _, gap := range verdict.Gaps {
				if gap.Effect != doctor.Note {
					gaps = append(gaps, verdict.Policy+": "+gap.String())
				}
			}
		}
		return fmt.Errorf("exit code %d: %s", code, strings.Join(gaps, "; "))
	})
}

// finds waits until doctor names the misconfiguration, and returns the row of the table.
func (p *patient) finds(t *testing.T, m misconfiguration) string {
	t.Helper()
	row := ""
	await(t, "doctor finds "+m.name, func() error {
		report, code := p.examined(t)
		for _, verdict := range report.Policies {
			for _, gap := range verdict.Gaps {
				if (m.policy == "" || verdict.Policy == m.policy) && (gap.Code == m.code || m.code == "" && gap.Effect != doctor.Note) {
					if gap.Effect != doctor.Note && code == 0 {
						return errors.New("it exits 0")
					}
					row = fmt.Sprintf("%s\t%d\t%s: %s", m.name, code, verdict.Policy, strings.ReplaceAll(gap.String(), "\n", "; "))
					return nil
				}
			}
		}
		return fmt.Errorf("exit code %d, and no gap %s", code, m.code)
	})
	return row
}
