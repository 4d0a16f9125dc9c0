package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/wildcard"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/policy"
)

// matched compares what the constraints match, and their parameters, with what guard ships. Namespaces are judged by
// exempt.
func (j *judge) matched(s *subject) []Gap {
	var left, more, selected, parameters, ignoring []string
	for i := range s.constraints {
		c := &s.constraints[i]
		if c.malformed != nil {
			continue
		}
		has, ships := kinds(&c.Spec.Match), kinds(&s.Match)
		for _, kind := range missing(ships, has) {
			if _, served := j.kind(kind, ""); served {
				left = append(left, c.Name+" "+kind.String())
			}
		}
		for _, kind := range missing(has, ships) {
			more = append(more, c.Name+" "+kind.String())
		}
		selected = append(selected, restricted(c, &s.Match)...)
		changed, doubt := changedParameters(c, s.Policy)
		parameters = append(parameters, changed...)
		if doubt {
			ignoring = append(ignoring, c.Name)
		}
	}
	var gaps []Gap
	add := func(code string, effect Effect, message string, objects []string) {
		if len(objects) > 0 {
			gaps = append(gaps, Gap{code, effect, message, list(objects)})
		}
	}
	add("constraint-kinds", Narrows, "constraints leave out kinds that the policy is about", left)
	add("constraint-more-kinds", Note, "constraints match kinds that the policy is not about", more)
	add("constraint-selector", Narrows, "constraints are asked about some objects only", selected)
	add("constraint-ignores-doubt", Narrows, "constraints let pass what rests on objects that are not synced (parameter unknown)", ignoring)
	add("constraint-parameters", Note, "parameters differ from those that guard ships", parameters)
	return gaps
}

// kinds are the pairs of group and kind; none is written means every kind.
func kinds(m *match.Match) []schema.GroupKind {
	if len(m.Kinds) == 0 {
		return []schema.GroupKind{{Group: "*", Kind: "*"}}
	}
	var all []schema.GroupKind
	for _, k := range m.Kinds {
		// An empty list stands for every group, or every kind (gatekeeper v3.23 pkg/mutation/match).
		groups, names := k.APIGroups, k.Kinds
		if len(groups) == 0 {
			groups = []string{"*"}
		}
		if len(names) == 0 {
			names = []string{"*"}
		}
		for _, group := range groups {
			for _, kind := range names {
				all = append(all, schema.GroupKind{Group: group, Kind: kind})
			}
		}
	}
	return all
}

// missing are the kinds of want that nothing in has stands for.
func missing(want, has []schema.GroupKind) []schema.GroupKind {
	var gone []schema.GroupKind
	for _, w := range want {
		if !slices.ContainsFunc(has, func(h schema.GroupKind) bool {
			return (h.Group == "*" || h.Group == w.Group) && (h.Kind == "*" || h.Kind == w.Kind)
		}) {
			gone = append(gone, w)
		}
	}
	return gone
}

// restricted says which parts of the match leave out objects that guard's own would not.
func restricted(c *constraint, shipped *match.Match) []string {
	var parts []string
	m := &c.Spec.Match
	for part, differs := range map[string]bool{
		"labelSelector": !reflect.DeepEqual(m.LabelSelector, shipped.LabelSelector),
		"name":          m.Name != shipped.Name,
		"scope":         m.Scope != shipped.Scope && m.Scope != "*",
		"source":        m.Source != shipped.Source && m.Source != "All",
	} {
		if differs {
			parts = append(parts, c.Name+" "+part)
		}
	}
	return parts
}

// changedParameters are those whose value is neither guard's default nor what guard writes into the constraint; doubt
// says that the constraint ignores it where guard would not.
func changedParameters(c *constraint, p *policy.Policy) (changed []string, doubt bool) {
	has, err := p.Schema.Complete(c.Spec.Parameters)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", c.Name, err)}, false
	}
	ships, err := p.Schema.Complete(nil)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", c.Name, err)}, false
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if name != "severities" && !same(has[name], ships[name]) {
			changed = append(changed, c.Name+" "+name)
		}
	}
	return changed, has["unknown"] == "ignore" && ships["unknown"] == "deny"
}

// same compares two values as JSON has them: a number that was read and one that is a default are of different types.
func same(a, b any) bool {
	one, err := json.Marshal(a)
	if err != nil {
		return false
	}
	other, err := json.Marshal(b)
	return err == nil && bytes.Equal(one, other)
}

// matches says whether objects of the namespace are asked about.
func (c *constraint) matches(namespace string, labels map[string]string) bool {
	m := &c.Spec.Match
	return (len(m.Namespaces) == 0 || anyMatches(m.Namespaces, namespace)) && !anyMatches(m.ExcludedNamespaces, namespace) &&
		(m.NamespaceSelector == nil || selects(m.NamespaceSelector, namespace, labels))
}

func anyMatches(patterns []wildcard.Wildcard, name string) bool {
	return slices.ContainsFunc(patterns, func(w wildcard.Wildcard) bool { return w.Matches(name) })
}
