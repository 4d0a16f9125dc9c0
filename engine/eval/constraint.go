package eval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"github.com/open-policy-agent/opa/v1/ast"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// Constraint is a policy with its parameters and the objects it is asked about, as in Gatekeeper.
type Constraint struct {
	// Name tells constraints of one policy apart; the policy's id for guard's own.
	Name   string
	Policy *policy.Policy
	Match  match.Match

	parameters *ast.Term
	// simple says that Match is about kinds only, so that nothing else need be looked at.
	simple bool
}

// NewConstraint completes the parameters with the policy's defaults and refuses what its schema refuses. nil
// parameters are all defaults.
func NewConstraint(name string, p *policy.Policy, m match.Match, parameters map[string]any) (*Constraint, error) {
	complete, err := p.Schema.Complete(parameters)
	if err != nil {
		return nil, fmt.Errorf("complete parameters of constraint %s of policy %s: %w", name, p.ID, err)
	}
	value, err := ast.InterfaceToValue(complete)
	if err != nil {
		return nil, fmt.Errorf("convert parameters of constraint %s of policy %s: %w", name, p.ID, err)
	}
	bare := m
	bare.Kinds = nil
	return &Constraint{Name: name, Policy: p, Match: m, parameters: ast.NewTerm(value), simple: isZero(bare)}, nil
}

// Default is the policy as guard asks it: about the objects that METADATA names, with every severity and with doubt
// reported, since a person reads it.
func Default(p *policy.Policy) (*Constraint, error) { return With(p, nil) }

// With is Default with parameters that count instead of the policy's own; nil are none.
func With(p *policy.Policy, parameters map[string]any) (*Constraint, error) {
	all := map[string]any{"unknown": "deny"}
	maps.Copy(all, parameters)
	return NewConstraint(p.ID, p, p.Match, all)
}

// Wants says whether guard puts the review to the policy: its kind, and a state question or a request that the policy
// asks about.
func (c *Constraint) Wants(r *review.Review) bool { return c.asked(r) && c.kind(r) }

func (c *Constraint) asked(r *review.Review) bool {
	switch r.Operation {
	case review.State:
		return c.Policy.Asked(policy.AsksState)
	case review.Update:
		return c.Policy.Asked(policy.AsksUpdate)
	case review.Delete:
		return c.Policy.Asked(policy.AsksDelete)
	case review.Create:
		return c.Policy.Asked(policy.AsksCreate)
	}
	return false
}

// kind is the index's question: is it worth looking closer.
func (c *Constraint) kind(r *review.Review) bool {
	subject := r.Subject()
	return slices.ContainsFunc(c.Match.Kinds, func(k match.Kinds) bool {
		return has(k.Kinds, subject.Kind) && has(k.APIGroups, subject.Group)
	}) || len(c.Match.Kinds) == 0
}

func has(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name) || slices.Contains(names, match.Wildcard)
}

// matches asks Gatekeeper's own matcher about the object and the old object; one that matches is enough, as in
// gatekeeper/v3 pkg/target/matcher.go. A selector that needs a Namespace nobody showed is an error.
func (c *Constraint) matches(r *review.Review) (bool, error) {
	if c.simple {
		return c.kind(r), nil
	}
	for _, o := range []*object.Object{r.Object, r.Old} {
		if o == nil {
			continue
		}
		matched, err := match.Matches(&c.Match, &match.Matchable{Object: metadataOf(o), Namespace: namespaceOf(r.World, o)})
		if err != nil || matched {
			return matched, err
		}
	}
	return false, nil
}

func metadataOf(o *object.Object) *apimeta.PartialObjectMetadata {
	return &apimeta.PartialObjectMetadata{
		TypeMeta: apimeta.TypeMeta{APIVersion: o.APIVersion(), Kind: o.Kind},
		ObjectMeta: apimeta.ObjectMeta{
			Name: o.Name, GenerateName: o.GenerateName, Namespace: o.Namespace, Labels: o.Labels,
		},
	}
}

func namespaceOf(world *inventory.Inventory, o *object.Object) *corev1.Namespace {
	if o.Namespace == "" {
		return nil
	}
	ns := world.Namespace(o.Namespace)
	if ns == nil {
		return nil
	}
	return &corev1.Namespace{ObjectMeta: apimeta.ObjectMeta{Name: ns.Name, Labels: ns.Labels}}
}

func isZero(m match.Match) bool {
	return len(m.Namespaces) == 0 && len(m.ExcludedNamespaces) == 0 && m.LabelSelector == nil && m.NamespaceSelector == nil &&
		m.Name == "" && (m.Scope == "" || m.Scope == "*") && (m.Source == "" || m.Source == "All")
}
