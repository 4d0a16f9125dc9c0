package engine

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/policies"
)

// rules are what a run asks.
type rules struct {
	policies []*policy.Policy
	// own are constraints that the user wrote for policies; such a policy is asked through them alone.
	own map[string][]*eval.Constraint
	// foreign runs other people's ConstraintTemplates.
	foreign *eval.Foreign
	// off are policies that are switched off, with the reason.
	off []finding.Unused
	// severities and parameters are the user's, by the policies' ids.
	severities map[string]policy.Severity
	parameters map[string]map[string]any
}

// Policies loads guard's own policies and those of the folders, sorted by id. Folders may import guard's libraries
// and bring their own.
func Policies(folders []string) ([]*policy.Policy, error) {
	all, libraries, err := policy.Load(policies.FS)
	if err != nil {
		return nil, fmt.Errorf("load guard's policies: %w", err)
	}
	for _, folder := range folders {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			continue
		}
		more, _, err := policy.Load(os.DirFS(folder), libraries...)
		if err != nil {
			return nil, fmt.Errorf("load policies of %s: %w", folder, err)
		}
		for _, p := range more {
			if slices.ContainsFunc(all, func(q *policy.Policy) bool { return q.ID == p.ID }) {
				return nil, fmt.Errorf("load policies of %s: id %s is taken", folder, p.ID)
			}
		}
		all = append(all, more...)
	}
	slices.SortFunc(all, func(a, b *policy.Policy) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

func loadRules(o Options) (*rules, error) {
	all, err := Policies(o.Policies)
	if err != nil {
		return nil, err
	}
	ids := slices.Concat(o.Include, o.Exclude, slices.Sorted(maps.Keys(o.Off)), slices.Sorted(maps.Keys(o.Severities)), slices.Sorted(maps.Keys(o.Parameters)))
	if err := checkIDs(all, ids); err != nil {
		return nil, err
	}
	r := &rules{own: map[string][]*eval.Constraint{}, severities: o.Severities, parameters: o.Parameters}
	for _, p := range all {
		included := slices.Contains(o.Include, p.ID)
		switch line, off := o.Off[p.ID]; {
		case len(o.Include) > 0 && !included || slices.Contains(o.Exclude, p.ID):
		case off && !included:
			r.off = append(r.off, finding.Unused{Policy: p.ID, Reason: line + " switches it off"})
		default:
			r.policies = append(r.policies, p)
		}
	}
	read := source.Files(o.Policies, nil)
	var problems []error
	for _, p := range read.Problems {
		problems = append(problems, fmt.Errorf("load policies: %w", p))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	var objects []*object.Object
	for _, w := range read.Worlds {
		objects = append(objects, w.Objects...)
	}
	r.foreign, err = eval.NewForeign(objects, all, func(p *policy.Policy, c *eval.Constraint) { r.own[p.ID] = append(r.own[p.ID], c) })
	if err != nil {
		return nil, err
	}
	return r, r.checkParameters()
}

// checkParameters minds parameters that nobody would obey: a policy is asked through the user's constraints alone.
func (r *rules) checkParameters() error {
	var problems []error
	for _, p := range r.policies {
		if own := r.own[p.ID]; len(own) > 0 && r.parameters[p.ID] != nil {
			problems = append(problems, fmt.Errorf("configure policy %s: its parameters are given twice, by the configuration and by constraint %s; give them once", p.ID, own[0].Name))
		}
	}
	return errors.Join(problems...)
}

func checkIDs(all []*policy.Policy, ids []string) error {
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(p *policy.Policy) bool { return p.ID == id }) {
			return fmt.Errorf("select policies: there is no policy %s; guard list shows them", id)
		}
	}
	return nil
}

// constraints are those of the policies whose kinds occur: the others need not be compiled.
func (r *rules) constraints(reviews []*review.Review) ([]*eval.Constraint, error) {
	var needed []*eval.Constraint
	for _, p := range r.policies {
		constraints := r.own[p.ID]
		if constraints == nil {
			c, err := eval.With(p, r.parameters[p.ID])
			if err != nil {
				return nil, err
			}
			constraints = []*eval.Constraint{c}
		}
		for _, c := range constraints {
			if slices.ContainsFunc(reviews, c.Wants) {
				needed = append(needed, c)
			}
		}
	}
	return needed, nil
}

// grade gives violations the severity that the user has for their policy.
func (r *rules) grade(violations []eval.Violation) {
	for i := range violations {
		if s, ok := r.severities[violations[i].Constraint.Policy.ID]; ok {
			violations[i].Details.Severity = s
		}
	}
}

// unused says why a policy was not asked anything.
func (r *rules) unused(p *policy.Policy, o Options) string {
	change := o.change() || (o.Live != nil || o.Snapshot != "") && o.files() && p.Asked(policy.AsksUpdate)
	if !change && !p.Asked(policy.AsksState) {
		return "it judges a change; give the state before it with --base"
	}
	return "there is no object (or no change of one) that it is about"
}
