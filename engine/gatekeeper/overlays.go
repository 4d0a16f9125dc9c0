package gatekeeper

import (
	"fmt"
	"maps"
	"slices"

	"github.com/data-guard/guard/engine/policy"
)

// Overlay is a way to enforce all policies at once, by their severities.
type Overlay struct {
	Name string
	// About says when to choose it.
	About string
	// Actions are Gatekeeper's enforcement actions; a severity that is not there is only reported (dryrun).
	Actions map[policy.Severity]string
}

// Overlays are those that the bundle ships, the mildest first.
func Overlays() []Overlay {
	return []Overlay{
		{"audit", "nothing is refused; audit lists what would be", nil},
		{
			"recommended", "critical is refused, high warns, the rest is listed by audit",
			map[policy.Severity]string{policy.Critical: "deny", policy.High: "warn"},
		},
		{
			"strict", "critical and high are refused, medium warns, the rest is listed by audit",
			map[policy.Severity]string{policy.Critical: "deny", policy.High: "deny", policy.Medium: "warn"},
		},
	}
}

// Action is what a constraint of the severity does in the overlay.
func (o Overlay) Action(s policy.Severity) string {
	if action, ok := o.Actions[s]; ok {
		return action
	}
	return "dryrun"
}

// kustomization is a kustomization.yaml as plain data.
func kustomization(resources []string) map[string]any {
	return map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1",
		"kind":       "Kustomization",
		"resources":  anys(resources),
	}
}

// overlay patches the constraints of base. A policy that only audit asks says so with scoped actions, which an overlay
// leaves alone: its constraints carry no enforcementAction that an overlay could raise.
func overlay(o Overlay) map[string]any {
	k := kustomization([]string{"../../base"})
	var patches []any
	for _, s := range slices.SortedFunc(maps.Keys(o.Actions), func(a, b policy.Severity) int { return a.Rank() - b.Rank() }) {
		patches = append(patches, map[string]any{
			"target": map[string]any{"labelSelector": fmt.Sprintf("%s=%s,%s!=false", severityLabel, s, admissionLabel)},
			"patch":  fmt.Sprintf("- {op: replace, path: /spec/enforcementAction, value: %s}\n", o.Actions[s]),
		})
	}
	if len(patches) > 0 {
		k["patches"] = patches
	}
	return k
}

func anys[T any](list []T) []any {
	all := make([]any, 0, len(list))
	for _, item := range list {
		all = append(all, item)
	}
	return all
}
