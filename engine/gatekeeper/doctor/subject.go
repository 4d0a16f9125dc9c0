package doctor

import (
	"slices"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/wildcard"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

// judge is an installation, what to judge it by, and what is learned of it once.
type judge struct {
	Installation
	Question
	hooks   []hook
	program program
	// constraintsAbout is how many constraints answer to each request.
	constraintsAbout map[gatekeeper.Need]int
	// selected are the namespaces from which a webhook sends.
	selected map[*hook]map[string]bool
	synced   map[schema.GroupVersionKind]bool
	// excluded are, for a process of Gatekeeper, the patterns of the namespaces that its Config keeps from it.
	excluded map[string][]wildcard.Wildcard
}

// subject is a policy with what of it matters in this cluster.
type subject struct {
	*policy.Policy
	// needs are of kinds that are served, by their resources' real names; senders are the webhooks that send each.
	needs   []gatekeeper.Need
	senders [][]*hook
	// served says that the cluster has any of the kinds, namespaced that any is a Namespace or lives in one, global
	// that any does not.
	served, namespaced, global bool
	constraints                []constraint
}

func newJudge(in *Installation, q Question) *judge {
	j := &judge{
		Installation: *in, Question: q, hooks: hooksOf(in), program: programOf(in),
		constraintsAbout: map[gatekeeper.Need]int{}, selected: map[*hook]map[string]bool{},
	}
	j.configure()
	for _, p := range q.Policies {
		for _, n := range j.needs(p) {
			j.constraintsAbout[n] += len(p.Severities)
		}
	}
	for i := range j.hooks {
		j.selected[&j.hooks[i]] = j.selectedBy(j.hooks[i].NamespaceSelector)
	}
	return j
}

// selectedBy takes every namespace for want of a selector, and none for one that is malformed.
func (j *judge) selectedBy(s *metav1.LabelSelector) map[string]bool {
	selected := map[string]bool{}
	for _, ns := range j.Namespaces {
		selected[ns.Name] = s == nil || selects(s, ns.Name, ns.Labels)
	}
	return selected
}

// selects asks the labels, and the one with its name that every namespace has.
func selects(s *metav1.LabelSelector, namespace string, of map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return false
	}
	all := labels.Set{"kubernetes.io/metadata.name": namespace}
	return selector.Matches(labels.Merge(all, of))
}

func (j *judge) subject(p *policy.Policy) *subject {
	s := &subject{Policy: p, needs: j.needs(p), constraints: constraintsOf(&j.Installation, p)}
	for _, n := range s.needs {
		var senders []*hook
		for i := range j.hooks {
			if kind, _ := j.kind(schema.GroupKind{Group: n.Group, Kind: n.Kind}, n.Resource); j.hooks[i].sends(n, kind) {
				senders = append(senders, &j.hooks[i])
			}
		}
		s.senders = append(s.senders, senders)
	}
	for _, m := range p.Match.Kinds {
		for _, group := range m.APIGroups {
			for _, name := range m.Kinds {
				kind, served := j.kind(schema.GroupKind{Group: group, Kind: name}, "")
				all := name == "*" || group == "*"
				s.served = s.served || served
				s.namespaced = s.namespaced || served && (all || kind.Namespaced || group == "" && name == "Namespace")
				s.global = s.global || served && (all || !kind.Namespaced)
			}
		}
	}
	return s
}

// needs leaves out kinds and subresources that the cluster does not serve, and takes resources by their real names.
func (j *judge) needs(p *policy.Policy) []gatekeeper.Need {
	var needs []gatekeeper.Need
	for _, n := range gatekeeper.Needs(p) {
		kind, served := j.kind(schema.GroupKind{Group: n.Group, Kind: n.Kind}, n.Resource)
		if !served || n.Subresource != "" && kind.Subresources != nil && !slices.Contains(kind.Subresources, n.Subresource) {
			continue
		}
		if kind.Resource != "" {
			n.Resource = kind.Resource
		}
		needs = append(needs, n)
	}
	return needs
}

// kind is how the cluster serves a kind, and whether it does. Kinds of which nothing is known, and patterns, count as
// served.
func (j *judge) kind(kind schema.GroupKind, resource string) (Served, bool) {
	if kind.Kind == "*" || kind.Group == "*" {
		return Served{Resource: resource, Namespaced: true}, true
	}
	return j.served(kind, resource)
}

// list is the sorted set of the words.
func list(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}
