package config

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/data-guard/guard/engine/policy"
)

// Off are the policies that the file switches off, and where.
func (c *Config) Off() map[string]string {
	off := map[string]string{}
	for id, p := range c.Policies {
		if p.Off {
			off[id] = c.line(pointer("policies", id, "enabled"))
		}
	}
	return off
}

// line is "file:line" of a pointer.
func (c *Config) line(pointer string) string {
	place := c.Place(pointer)
	place.Column = 0
	return place.String()
}

func (r *reader) policies(into *map[string]Policy, known []*policy.Policy) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		ids := make([]string, 0, len(known))
		for _, p := range known {
			ids = append(ids, p.ID)
		}
		*into = map[string]Policy{}
		for _, e := range r.entries(at, node) {
			i := slices.Index(ids, e.key)
			if i < 0 {
				r.failf(e.node, "policies: there is no policy %q%s", e.key, didYouMean(e.key, ids, "guard list shows them"))
				continue
			}
			(*into)[e.key] = r.policy(e, known[i])
		}
	}
}

func (r *reader) policy(e entry, p *policy.Policy) Policy {
	var said Policy
	if node, ok := r.follow(e.value); ok && node.Kind == yaml.ScalarNode {
		r.failf(node, "%s: want keys with values, not %s; {enabled: false} switches it off", p.ID, kind(node))
		return said
	}
	enabled := true
	severities := make([]string, 0, len(policy.Severities()))
	for _, s := range policy.Severities() {
		severities = append(severities, string(s))
	}
	var severity string
	r.mapping(e.at, e.value, nil,
		field{"enabled", r.flag(&enabled)},
		field{"severity", r.text(&severity, oneOf(severities))},
		field{"parameters", func(at string, node *yaml.Node) { said.Parameters = r.parameters(at, node, p) }},
	)
	said.Off, said.Severity = !enabled, policy.Severity(severity)
	return said
}

// parameters are what the policy's schema allows; what it refuses is told where it stands.
func (r *reader) parameters(at string, node *yaml.Node, p *policy.Policy) map[string]any {
	names := p.Schema.Names()
	before := len(r.problems)
	given := map[string]any{}
	nodes := map[string]*yaml.Node{}
	for _, e := range r.entries(at, node) {
		if !slices.Contains(names, e.key) {
			r.failf(e.node, "parameters: policy %s has no parameter %q%s", p.ID, e.key, didYouMean(e.key, names, "it has "+enumerate(names, "and")))
			continue
		}
		given[e.key], nodes[e.key] = r.plain(e.at, e.value), e.node
	}
	if len(r.problems) > before {
		return nil
	}
	_, err := p.Schema.Complete(given)
	if err == nil {
		return given
	}
	// One at a time, so that each is told at its own line.
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if _, err := p.Schema.Complete(map[string]any{key: given[key]}); err != nil {
			r.failf(nodes[key], "parameters: policy %s refuses %s: %s", p.ID, key, oneLine(err))
		}
	}
	if len(r.problems) == before {
		r.failf(node, "parameters: policy %s refuses them: %s", p.ID, oneLine(err))
	}
	return nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
