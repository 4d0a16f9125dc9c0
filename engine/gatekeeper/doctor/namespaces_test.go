package doctor_test

import (
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/gatekeeper/doctor"
)

func namespaceFaults() []misconfiguration {
	labelled := func(name string) func(*testing.T, *doctor.Installation) {
		return func(_ *testing.T, in *doctor.Installation) {
			i := slices.IndexFunc(in.Namespaces, func(ns corev1.Namespace) bool { return ns.Name == name })
			in.Namespaces[i].Labels = map[string]string{"admission.gatekeeper.sh/ignore": ""}
		}
	}
	configured := func(process, namespace string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			in.Configs = append(in.Configs, excluded(t, process, namespace))
		}
	}
	constrained := func(value any, path ...string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			set(t, of(t, in.Constraints, claims+"-critical"), value, append([]string{"spec", "match"}, path...)...)
		}
	}
	flag := func(flag ...string) func(*testing.T, *doctor.Installation) {
		return func(_ *testing.T, in *doctor.Installation) {
			c := &in.Deployments[0].Spec.Template.Spec.Containers[0]
			c.Args = append(c.Args, flag...)
		}
	}
	return []misconfiguration{
		{"label on a namespace with claims", claims, labelled("shop"), doctor.Partly, "namespace-label", doctor.Narrows, "with claims are exempt by label admission.gatekeeper.sh/ignore: shop", volumes},
		{"label on a namespace without claims", claims, labelled("web"), doctor.Yes, "namespace-label", doctor.Note, "without claims are exempt by label admission.gatekeeper.sh/ignore: web", volumes},
		{"label when namespaces themselves are asked about", namespaces, labelled("shop"), doctor.Partly, "namespace-label", doctor.Narrows, "shop", volumes},
		{"webhook's namespace selector", claims, hooked(func(w *admissionv1.ValidatingWebhook) {
			w.NamespaceSelector.MatchExpressions[1].Values = []string{"gatekeeper-system", "shop"}
		}), doctor.Partly, "namespace-selector", doctor.Narrows, "shop", volumes},
		{"Config for the webhook", claims, configured("webhook", "sh*"), doctor.Partly, "namespace-config", doctor.Narrows, "shop", volumes},
		{"Config for all processes", claims, configured("*", "shop"), doctor.Partly, "namespace-config", doctor.Narrows, "shop", volumes},
		{"Config for a namespace without claims", claims, configured("webhook", "web"), doctor.Yes, "namespace-config", doctor.Note, "web", volumes},
		{"Config for all namespaces", volumes, configured("webhook", "*"), doctor.Partly, "config-everything", doctor.Narrows, "all namespaces", ""},
		{"Config for sync", retention, configured("sync", "*op"), doctor.Partly, "namespace-sync", doctor.Narrows, "shop", volumes},
		{"Config for audit", retention, configured("audit", "shop"), doctor.Yes, "namespace-audit", doctor.Note, "shop", volumes},
		{"Config of another name", claims, func(t *testing.T, in *doctor.Installation) {
			c := excluded(t, "*", "shop")
			c.SetName("other")
			in.Configs = append(in.Configs, c)
		}, doctor.Yes, "", "", "", claims},
		{"constraint's excluded namespaces", claims, constrained([]any{"sh*"}, "excludedNamespaces"), doctor.Partly, "namespace-constraint", doctor.Narrows, "shop", volumes},
		{"constraint's namespaces", claims, constrained([]any{"web"}, "namespaces"), doctor.Partly, "namespace-constraint", doctor.Narrows, "shop", volumes},
		{"constraint's namespace selector", claims, constrained(map[string]any{"matchLabels": map[string]any{"guarded": "true"}}, "namespaceSelector"), doctor.Partly, "namespace-constraint", doctor.Narrows, "shop", volumes},
		{"flag", claims, flag("--exempt-namespace=shop"), doctor.Yes, "namespace-flag", doctor.Note, "with claims may be exempted by whoever may label them (flag --exempt-namespace of Gatekeeper): shop", volumes},
		{"flag with a prefix in two words", claims, flag("-exempt-namespace-prefix", "sh"), doctor.Yes, "namespace-flag", doctor.Note, "shop", volumes},
		{"flag with a suffix", claims, flag("--exempt-namespace-suffix=op"), doctor.Yes, "namespace-flag", doctor.Note, "shop", volumes},
		{"no check of the label", claims, func(_ *testing.T, in *doctor.Installation) { in.Webhooks[1].Webhooks = in.Webhooks[1].Webhooks[:1] }, doctor.Yes, "label-check", doctor.Note, "check-ignore-label.gatekeeper.sh", volumes},
		{"a check of the label that lets pass", claims, func(_ *testing.T, in *doctor.Installation) {
			in.Webhooks[1].Webhooks[1].FailurePolicy = new(admissionv1.Ignore)
		}, doctor.Yes, "label-check", doctor.Note, "fails closed", volumes},
	}
}

func inventoryFaults() []misconfiguration {
	withoutKind := func(kind string) func(*testing.T, *doctor.Installation) {
		return func(t *testing.T, in *doctor.Installation) {
			for _, s := range in.SyncSets {
				gvks, _, err := unstructured.NestedSlice(s.Object, "spec", "gvks")
				if err != nil {
					t.Fatal(err)
				}
				set(t, s, slices.DeleteFunc(gvks, func(g any) bool { return g.(map[string]any)["kind"] == kind }), "spec", "gvks")
			}
		}
	}
	return []misconfiguration{
		{"kind not synced", claims, withoutKind("PersistentVolume"), doctor.Partly, "not-synced", doctor.Narrows, "v1/PersistentVolume", volumes},
		{"no SyncSet", claims, func(_ *testing.T, in *doctor.Installation) { in.SyncSets = nil }, doctor.Partly, "not-synced", doctor.Narrows, "v1/PersistentVolume", ""},
		{"kind synced by Config", claims, func(t *testing.T, in *doctor.Installation) {
			withoutKind("PersistentVolume")(t, in)
			in.Configs = append(in.Configs, config(t, map[string]any{"sync": map[string]any{"syncOnly": []any{map[string]any{"group": "", "version": "v1", "kind": "PersistentVolume"}}}}))
		}, doctor.Yes, "", "", "", claims},
		{"a SyncSet that cannot be read", claims, func(t *testing.T, in *doctor.Installation) {
			for _, s := range in.SyncSets {
				set(t, s, "everything", "spec", "gvks")
			}
		}, doctor.CannotTell, "sync-unread", doctor.Unknown, "v1/PersistentVolume", hostPaths},
		{"kind that is not served", retention, func(t *testing.T, in *doctor.Installation) {
			withoutKind("ScaledObject")(t, in)
			delete(in.Served, schema.GroupKind{Group: "keda.sh", Kind: "ScaledObject"})
		}, doctor.Yes, "", "", "", retention},
		{"none of the kinds is served", "tidb-backup-clean-policy", func(_ *testing.T, in *doctor.Installation) {
			for kind := range in.Served {
				if strings.HasSuffix(kind.Group, "pingcap.com") {
					delete(in.Served, kind)
				}
			}
		}, doctor.Yes, "kinds-not-served", doctor.Note, "none of the kinds", volumes},
	}
}
