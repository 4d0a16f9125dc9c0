package eval

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/cachemanager/parser"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

// enforcementPoint is what guard is to a constraint whose enforcement action is scoped.
const enforcementPoint = "guard.data-guard.dev"

const (
	templateGroup   = "templates.gatekeeper.sh"
	constraintGroup = "constraints.gatekeeper.sh"
)

// Foreign runs other people's ConstraintTemplates, in the constraint framework's own client: slower than guard's
// evaluator and exactly what they were written for.
type Foreign struct {
	templates   []*object.Object
	constraints []*object.Object
	// policies stand for the templates in reports, by kind.
	policies map[string]*policy.Policy
	// kinds are those that the templates define.
	kinds map[*object.Object]string
	// reads are the "apiVersion/Kind" that templates say they look up, by the templates' kind.
	reads map[string][]string
	// transitions holds the kinds whose Rego looks at the operation: only those are asked about requests.
	transitions map[string]bool
}

// NewForeign takes the ConstraintTemplates and constraints out of what was read; other objects are left alone. A
// constraint of one of guard's policies is handed to own, completed by that policy's schema. Templates that are not
// Rego (of several engines guard takes the Rego one), and constraints without a template, are errors, all named at once.
func NewForeign(objects []*object.Object, known []*policy.Policy, own func(*policy.Policy, *Constraint)) (*Foreign, error) {
	f := &Foreign{policies: map[string]*policy.Policy{}, kinds: map[*object.Object]string{}, reads: map[string][]string{}, transitions: map[string]bool{}}
	var problems []error
	for _, o := range objects {
		var err error
		switch o.Group {
		case templateGroup:
			err = f.addTemplate(o, known)
		case constraintGroup:
			err = f.addConstraint(o, known, own)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", o.Origin.Start(), err))
		}
	}
	for _, c := range f.constraints {
		if f.policies[c.Kind] == nil {
			problems = append(problems, fmt.Errorf("%s: load constraint %s: there is no ConstraintTemplate of kind %s", c.Origin.Start(), c.Name, c.Kind))
		}
	}
	return f, errors.Join(problems...)
}

// Len is the number of foreign templates.
func (f *Foreign) Len() int { return len(f.templates) }

func (f *Foreign) addTemplate(o *object.Object, known []*policy.Policy) error {
	if o.Kind != "ConstraintTemplate" {
		return nil
	}
	t, err := convert(o)
	if err != nil {
		return fmt.Errorf("load ConstraintTemplate %s: %w", o.Name, err)
	}
	kind := t.Spec.CRD.Spec.Names.Kind
	if slices.ContainsFunc(known, func(p *policy.Policy) bool { return p.Kind() == kind }) {
		return nil
	}
	text, err := json.Marshal(t.Spec.Targets)
	if err != nil {
		return fmt.Errorf("load ConstraintTemplate %s: %w", o.Name, err)
	}
	for _, tt := range t.Spec.Targets {
		var engines []string
		for _, code := range tt.Code {
			engines = append(engines, code.Engine)
		}
		if tt.Rego == "" && !slices.Contains(engines, "Rego") {
			return fmt.Errorf("load ConstraintTemplate %s: engine %s; guard runs Rego only", o.Name, strings.Join(engines, ", "))
		}
	}
	if strings.Contains(string(text), "external_data") {
		return fmt.Errorf("load ConstraintTemplate %s: it calls external_data, which guard does not", o.Name)
	}
	if f.reads[kind], err = reads(t); err != nil {
		return fmt.Errorf("load ConstraintTemplate %s: annotation %s: %w", o.Name, parser.SyncAnnotationName, err)
	}
	title := o.Annotations["metadata.gatekeeper.sh/title"]
	f.templates = append(f.templates, o)
	f.kinds[o] = kind
	f.transitions[kind] = strings.Contains(string(text), "operation") || strings.Contains(string(text), "oldObject")
	f.policies[kind] = &policy.Policy{
		ID: kind, Category: "foreign", Title: cmp.Or(title, kind), Description: o.Annotations["description"],
		Severities: []policy.Severity{policy.High}, Asks: []policy.Question{policy.AsksState}, File: o.Origin.Start().String(),
	}
	return nil
}

// addConstraint also reads the enforcement action: the nearest thing that a constraint has to a severity.
func (f *Foreign) addConstraint(o *object.Object, known []*policy.Policy, own func(*policy.Policy, *Constraint)) error {
	for _, p := range known {
		if p.Kind() != o.Kind {
			continue
		}
		var spec struct {
			Spec struct {
				Match      match.Match    `json:"match"`
				Parameters map[string]any `json:"parameters"`
			} `json:"spec"`
		}
		if err := decode(o, &spec); err != nil {
			return fmt.Errorf("load constraint %s: %w", o.Name, err)
		}
		c, err := NewConstraint(o.Name, p, spec.Spec.Match, spec.Spec.Parameters)
		if err != nil {
			return err
		}
		own(p, c)
		return nil
	}
	f.constraints = append(f.constraints, o)
	return nil
}
