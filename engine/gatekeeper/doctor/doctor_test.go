package doctor_test

import (
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
	"github.com/data-guard/guard/engine/policy"
)

func judge(in *doctor.Installation, loaded []*policy.Policy, overlay int) *doctor.Report {
	return doctor.Judge(in, doctor.Question{Policies: loaded, Expect: gatekeeper.Overlays()[overlay].Action, Now: now})
}

func TestACleanInstallationHasNoGaps(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	report := judge(clean(t, loaded), loaded, 1)
	if report.Version != "3.23.1" || !report.Could() || len(report.Policies) != len(loaded) {
		t.Errorf("version %s, could tell: %t, %d verdicts about %d policies", report.Version, report.Could(), len(report.Policies), len(loaded))
	}
	for _, v := range report.Policies {
		for _, g := range v.Gaps {
			// Who may approve is for the operator to say: the bundle names nobody.
			if g.Code != "no-approver" {
				t.Errorf("%s %s: %s", v.Policy, v.CanFire, g)
			}
		}
		if v.CanFire != doctor.Yes {
			t.Errorf("%s can fire: %s", v.Policy, v.CanFire)
		}
	}
}

// hook is Gatekeeper's webhook.
func hook(in *doctor.Installation) *admissionv1.ValidatingWebhook { return &in.Webhooks[1].Webhooks[0] }

// of finds the template or constraint of that name.
func of(t *testing.T, list []unstructured.Unstructured, name string) unstructured.Unstructured {
	t.Helper()
	i := slices.IndexFunc(list, func(u unstructured.Unstructured) bool { return u.GetName() == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return list[i]
}

func config(t *testing.T, spec map[string]any) unstructured.Unstructured {
	t.Helper()
	return plain(t, map[string]any{
		"apiVersion": "config.gatekeeper.sh/v1alpha1", "kind": "Config",
		"metadata": map[string]any{"name": "config", "namespace": "gatekeeper-system"}, "spec": spec,
	})
}

// excluded is a Config that exempts namespaces from a process.
func excluded(t *testing.T, process, namespace string) unstructured.Unstructured {
	t.Helper()
	return config(t, map[string]any{"match": []any{map[string]any{"processes": []any{process}, "excludedNamespaces": []any{namespace}}}})
}

func gone(list []unstructured.Unstructured, kind string) []unstructured.Unstructured {
	return slices.DeleteFunc(list, func(u unstructured.Unstructured) bool { return u.GetKind() == kind })
}

// misconfiguration is one thing that is wrong, and what doctor must say of a policy.
type misconfiguration struct {
	name   string
	policy string
	spoil  func(*testing.T, *doctor.Installation)
	answer doctor.Answer
	code   string
	effect doctor.Effect
	says   string
	// spares is a policy that it does not touch; "" when it touches all.
	spares string
}

const (
	claims     = "protect-pvc-delete"
	finalizers = "protective-finalizer-removed"
	volumes    = "pv-reclaim-recycle"
	namespaces = "protect-namespace-delete"
	retention  = "sts-pvc-retention-delete"
	hostPaths  = "hostpath-critical-dirs"
	guards     = "guard-webhook-fail-open"
)

func TestEachMisconfigurationIsFound(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	in := clean(t, loaded)
	for _, m := range slices.Concat(webhookFaults(), serviceFaults(), templateFaults(), constraintFaults(), namespaceFaults(), inventoryFaults()) {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			in := copied(in)
			m.spoil(t, in)
			concerned := slices.DeleteFunc(slices.Clone(loaded), func(p *policy.Policy) bool { return p.ID != m.policy && p.ID != m.spares })
			for _, v := range judge(in, concerned, 1).Policies {
				found := slices.IndexFunc(v.Gaps, func(g doctor.Gap) bool { return g.Code == m.code })
				switch v.Policy {
				case m.policy:
					if v.CanFire != m.answer {
						t.Errorf("%s can fire: %s, want %s: %v", v.Policy, v.CanFire, m.answer, v.Gaps)
					}
					if m.code == "" {
						continue
					}
					if found < 0 {
						t.Errorf("%s: no gap %s, only %v", v.Policy, m.code, v.Gaps)
					} else if g := v.Gaps[found]; g.Effect != m.effect || !strings.Contains(g.String(), m.says) {
						t.Errorf("%s: %s %q, want %s with %q", v.Policy, g.Effect, g, m.effect, m.says)
					}
				case m.spares:
					if found >= 0 || v.CanFire != doctor.Yes {
						t.Errorf("%s can fire: %s: %v", v.Policy, v.CanFire, v.Gaps)
					}
				}
			}
		})
	}
}

// without takes an operation out of every rule.
func without(operation admissionv1.OperationType) func(*testing.T, *doctor.Installation) {
	return func(_ *testing.T, in *doctor.Installation) {
		for i := range hook(in).Rules {
			r := &hook(in).Rules[i]
			r.Operations = slices.DeleteFunc(r.Operations, func(o admissionv1.OperationType) bool { return o == operation })
		}
	}
}

// unlisted takes a resource out of every rule.
func unlisted(resource string) func(*testing.T, *doctor.Installation) {
	return func(_ *testing.T, in *doctor.Installation) {
		for i := range hook(in).Rules {
			r := &hook(in).Rules[i]
			r.Resources = slices.DeleteFunc(r.Resources, func(name string) bool { return name == resource })
		}
	}
}

// hooked changes the webhook.
func hooked(change func(*admissionv1.ValidatingWebhook)) func(*testing.T, *doctor.Installation) {
	return func(_ *testing.T, in *doctor.Installation) { change(hook(in)) }
}

func webhookFaults() []misconfiguration {
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"guarded": "true"}}
	ignore := admissionv1.Ignore
	return []misconfiguration{
		{"no DELETE", claims, without("DELETE"), doctor.No, "webhook-rules", doctor.Blocks, "DELETE persistentvolumeclaims", volumes},
		{"no DELETE of a namespace", namespaces, without("DELETE"), doctor.No, "webhook-rules", doctor.Blocks, "DELETE namespaces", volumes},
		{"no DELETE for a policy that asks more", guards, without("DELETE"), doctor.Partly, "webhook-rules", doctor.Narrows, "DELETE *.constraints.gatekeeper.sh", volumes},
		{"no UPDATE", volumes, without("UPDATE"), doctor.Partly, "webhook-rules", doctor.Narrows, "UPDATE persistentvolumes", ""},
		{"no CREATE", volumes, without("CREATE"), doctor.Partly, "webhook-rules", doctor.Narrows, "CREATE persistentvolumes", finalizers},
		{"no subresource status", finalizers, unlisted("persistentvolumes/status"), doctor.Partly, "webhook-rules", doctor.Narrows, "UPDATE persistentvolumes/status", volumes},
		{"no subresource finalize", finalizers, unlisted("namespaces/finalize"), doctor.Partly, "webhook-rules", doctor.Narrows, "UPDATE namespaces/finalize", namespaces},
		{"no resource", volumes, unlisted("persistentvolumes"), doctor.No, "webhook-rules", doctor.Blocks, "persistentvolumes", namespaces},
		{"rules for another scope", claims, hooked(func(w *admissionv1.ValidatingWebhook) {
			cluster := admissionv1.ClusterScope
			for i := range w.Rules {
				w.Rules[i].Scope = &cluster
			}
		}), doctor.No, "webhook-rules", doctor.Blocks, "persistentvolumeclaims", volumes},
		{"rules for another version", volumes, hooked(func(w *admissionv1.ValidatingWebhook) {
			for i := range w.Rules {
				w.Rules[i].APIVersions = []string{"v1beta1"}
			}
		}), doctor.No, "webhook-rules", doctor.Blocks, "persistentvolumes", ""},
		{"no webhook", volumes, func(_ *testing.T, in *doctor.Installation) { in.Webhooks = in.Webhooks[:1] }, doctor.No, "webhook-missing", doctor.Blocks, "no request reaches", ""},
		{"failurePolicy Ignore", claims, hooked(func(w *admissionv1.ValidatingWebhook) { w.FailurePolicy = &ignore }), doctor.Partly, "webhook-fail-open", doctor.Narrows, "DELETE persistentvolumeclaims", ""},
		{"short timeout that lets pass", volumes, hooked(func(w *admissionv1.ValidatingWebhook) {
			w.FailurePolicy, w.TimeoutSeconds = &ignore, new(int32(1))
		}), doctor.Partly, "webhook-timeout", doctor.Narrows, "want at least 3s", ""},
		{"short timeout that refuses", volumes, hooked(func(w *admissionv1.ValidatingWebhook) { w.TimeoutSeconds = new(int32(2)) }), doctor.Yes, "webhook-timeout", doctor.Note, "waits 2s", ""},
		{"object selector", volumes, hooked(func(w *admissionv1.ValidatingWebhook) { w.ObjectSelector = selector }), doctor.Partly, "webhook-object-selector", doctor.Narrows, "guarded=true", ""},
		{"foreign match condition", volumes, hooked(func(w *admissionv1.ValidatingWebhook) {
			w.MatchConditions = append(w.MatchConditions, admissionv1.MatchCondition{Name: "not-alice", Expression: "request.userInfo.username != 'alice'"})
		}), doctor.Partly, "webhook-match-conditions", doctor.Narrows, "not-alice", ""},
		{"guard's match condition with another expression", volumes, hooked(func(w *admissionv1.ValidatingWebhook) { w.MatchConditions[0].Expression = "false" }), doctor.Partly, "webhook-match-conditions", doctor.Narrows, "(false)", ""},
	}
}

func serviceFaults() []misconfiguration {
	return []misconfiguration{
		{"no service", volumes, func(_ *testing.T, in *doctor.Installation) { in.Services = nil }, doctor.No, "service-missing", doctor.Blocks, "gatekeeper-webhook-service", ""},
		{"no endpoints", volumes, func(_ *testing.T, in *doctor.Installation) { in.EndpointSlices = nil }, doctor.No, "service-without-endpoints", doctor.Blocks, "all that it sends are refused", ""},
		{"no ready endpoint", volumes, func(_ *testing.T, in *doctor.Installation) {
			in.EndpointSlices[0].Endpoints[0].Conditions = discoveryv1.EndpointConditions{Ready: new(false)}
		}, doctor.No, "service-without-endpoints", doctor.Blocks, "no ready endpoint", ""},
		{"service in another namespace", volumes, hooked(func(w *admissionv1.ValidatingWebhook) { w.ClientConfig.Service.Namespace = "elsewhere" }), doctor.CannotTell, "service-unread", doctor.Unknown, "elsewhere", ""},
		{"expired certificate", volumes, func(t *testing.T, in *doctor.Installation) {
			hook(in).ClientConfig.CABundle = authority(t, now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1))
		}, doctor.No, "webhook-certificate", doctor.Blocks, "expired on 2026-02-28", ""},
		{"certificate that expires soon", volumes, func(t *testing.T, in *doctor.Installation) {
			hook(in).ClientConfig.CABundle = slices.Concat(authority(t, now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1)), authority(t, now.AddDate(-1, 0, 0), now.AddDate(0, 0, 10)))
		}, doctor.Yes, "webhook-certificate-expiring", doctor.Note, "2026-03-11", ""},
		{"certificate that is not valid yet", volumes, func(t *testing.T, in *doctor.Installation) {
			hook(in).ClientConfig.CABundle = authority(t, now.AddDate(0, 0, 1), now.AddDate(9, 0, 0))
		}, doctor.No, "webhook-certificate", doctor.Blocks, "valid yet", ""},
		{"no certificate", volumes, hooked(func(w *admissionv1.ValidatingWebhook) { w.ClientConfig.CABundle = []byte("\n") }), doctor.No, "webhook-certificate", doctor.Blocks, "empty", ""},
		{"broken certificate", volumes, hooked(func(w *admissionv1.ValidatingWebhook) {
			w.ClientConfig.CABundle = []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
		}), doctor.No, "webhook-certificate", doctor.Blocks, "parse certificate", ""},
		{"Gatekeeper too old", volumes, image("openpolicyagent/gatekeeper:v3.20.2"), doctor.No, "gatekeeper-version", doctor.Blocks, "3.20.2 is too old: want 3.21", ""},
		{"a candidate of the oldest Gatekeeper", volumes, image("registry.example.com:5000/opa/gatekeeper:v3.21.0-beta.0@sha256:0"), doctor.Yes, "", "", "", volumes},
		{"version unknown", volumes, image("registry.example.com/gatekeeper@sha256:0123"), doctor.Yes, "gatekeeper-version", doctor.Note, "cannot be seen", ""},
		{"no Deployment", volumes, func(_ *testing.T, in *doctor.Installation) { in.Deployments = nil }, doctor.Yes, "gatekeeper-version", doctor.Note, "cannot be seen", ""},
		{"no pod serves the webhook", volumes, func(_ *testing.T, in *doctor.Installation) { in.Deployments = in.Deployments[1:] }, doctor.No, "webhook-off", doctor.Blocks, "--operation=webhook", ""},
	}
}

// image starts each of Gatekeeper's Deployments from the image.
func image(name string) func(*testing.T, *doctor.Installation) {
	return func(_ *testing.T, in *doctor.Installation) {
		for i := range in.Deployments {
			in.Deployments[i].Spec.Template.Spec.Containers[0].Image = name
		}
	}
}
