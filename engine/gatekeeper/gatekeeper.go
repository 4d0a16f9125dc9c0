// Package gatekeeper writes policies as Gatekeeper takes them: ConstraintTemplates and constraints. The Rego in a
// template is the policy's file, byte for byte, with the libraries it needs.
package gatekeeper

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/policy"
)

// Target is the name of Gatekeeper's validation target.
const Target = "admission.k8s.gatekeeper.sh"

// Template is the ConstraintTemplate of a policy as plain data.
func Template(p *policy.Policy) map[string]any {
	var libs []any
	for _, lib := range p.Libraries {
		libs = append(libs, string(lib.Source))
	}
	source := map[string]any{"version": "v1", "rego": string(p.Source)}
	if len(libs) > 0 {
		source["libs"] = libs
	}
	annotations := map[string]any{
		"metadata.gatekeeper.sh/title": p.Title,
		"description":                  p.Description,
	}
	if len(p.Reads) > 0 {
		annotations["metadata.gatekeeper.sh/requires-sync-data"] = requiresSync(p.Reads)
	}
	return map[string]any{
		"apiVersion": "templates.gatekeeper.sh/v1",
		"kind":       "ConstraintTemplate",
		"metadata": map[string]any{
			"name":        strings.ToLower(p.Kind()),
			"labels":      labels(policyLabel, p.ID),
			"annotations": annotations,
		},
		"spec": map[string]any{
			"crd": map[string]any{"spec": map[string]any{
				"names":      map[string]any{"kind": p.Kind()},
				"validation": map[string]any{"openAPIV3Schema": p.Schema.Source},
			}},
			"targets": []any{map[string]any{
				"target":     Target,
				"operations": operations(p),
				"code":       []any{map[string]any{"engine": "Rego", "source": source}},
			}},
		},
	}
}

// operations are the requests that the webhook need hand to the policy, those to subresources included.
func operations(p *policy.Policy) []any {
	all := asked(p)
	for _, need := range Needs(p) {
		all = append(all, need.Operation)
	}
	slices.Sort(all)
	return anys(slices.Compact(all))
}

// asked are the operations on an object that the policy's questions are about: a state policy is asked at every birth
// and change.
func asked(p *policy.Policy) []string {
	var operations []string
	if p.Asked(policy.AsksState) || p.Asked(policy.AsksCreate) {
		operations = append(operations, "CREATE")
	}
	if p.Asked(policy.AsksState) || p.Asked(policy.AsksUpdate) {
		operations = append(operations, "UPDATE")
	}
	if p.Asked(policy.AsksDelete) {
		operations = append(operations, "DELETE")
	}
	return operations
}

// requiresSync is the annotation that gator reads: a list of alternatives, each a list of what must be synced. It is
// JSON between quotes that are taken off, not unescaped (gatekeeper/v3 pkg/cachemanager/parser).
func requiresSync(reads []string) string {
	var all []string
	for _, read := range slices.Sorted(slices.Values(reads)) {
		kind := path.Base(read)
		group, version := path.Split(path.Dir(read))
		all = append(all, fmt.Sprintf(`[{"groups":[%q],"versions":[%q],"kinds":[%q]}]`, strings.TrimSuffix(group, "/"), version, kind))
	}
	return `"[` + strings.Join(all, ",") + `]"`
}

// Labels of what the bundle installs.
const (
	policyLabel    = "data-guard.dev/policy"
	severityLabel  = "data-guard.dev/severity"
	admissionLabel = "data-guard.dev/admission"
)

// labels are on everything that the bundle installs, and more of them on some.
func labels(more ...string) map[string]any {
	all := map[string]any{"app.kubernetes.io/part-of": "data-guard"}
	for i := 0; i+1 < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// Constraints are one constraint a severity, so that each can have an enforcement action of its own. They report and
// refuse nothing; an overlay says more. Those of a policy that only audit asks are scoped to audit for good.
func Constraints(p *policy.Policy) []map[string]any {
	var constraints []map[string]any
	for _, s := range p.Severities {
		spec := map[string]any{
			"enforcementAction": "dryrun",
			"match":             p.MatchSource,
			"parameters":        map[string]any{"severities": []any{string(s)}},
		}
		marks := labels(policyLabel, p.ID, severityLabel, string(s))
		if p.AuditOnly != "" {
			marks[admissionLabel] = "false"
			spec["enforcementAction"] = "scoped"
			spec["scopedEnforcementActions"] = []any{map[string]any{
				"action":            "dryrun",
				"enforcementPoints": []any{map[string]any{"name": "audit.gatekeeper.sh"}},
			}}
		}
		constraints = append(constraints, map[string]any{
			"apiVersion": "constraints.gatekeeper.sh/v1beta1",
			"kind":       p.Kind(),
			"metadata":   map[string]any{"name": p.ID + "-" + string(s), "labels": marks},
			"spec":       spec,
		})
	}
	return constraints
}
