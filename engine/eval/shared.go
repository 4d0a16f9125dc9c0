package eval

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/data-guard/guard/engine/policy"
)

// scope is how far a library rule's value holds.
type scope int

const (
	// ofWorld values depend on the inventory alone (and a function's on its arguments).
	ofWorld scope = iota
	// ofReview values depend on what is asked about as well, and on the clock, which stands still during a run.
	ofReview
	// ofConstraint values depend on parameters or on what differs from call to call: they are not shared.
	ofConstraint
)

// shared says which library rules need not be evaluated for every query: half of what policies ask of an object is
// the same for all of them, and indexes over the world are the same for every object.
type shared struct {
	// functions are scopes by the function's name.
	functions map[string]scope
	// indexes are constants that hold all answers of a function, by the function's name.
	indexes map[string]ast.Ref
	// constants have one value a world; each stands after those that it needs.
	constants []ast.Ref
	// perReview has an entry for each rule without arguments whose value holds for a review.
	perReview topdown.VirtualCache
}

// share walks from the policies to the library rules that they reach.
func share(compiler *ast.Compiler) (*shared, error) {
	w := &walk{compiler: compiler, scopes: map[*ast.Rule]scope{}, groups: map[string]*group{}}
	for _, name := range util.KeysSorted(compiler.Modules) {
		if module := compiler.Modules[name]; !library(module) {
			for _, rule := range module.Rules {
				w.visit(rule)
			}
		}
	}
	s := &shared{functions: map[string]scope{}, indexes: map[string]ast.Ref{}, perReview: topdown.NewVirtualCache()}
	for _, g := range w.order {
		switch {
		case g.scope == ofConstraint || !library(g.rule.Module):
		case len(g.rule.Head.Args) > 0:
			s.functions[g.ref.String()] = g.scope
		case g.scope == ofReview:
			s.perReview.Put(g.ref, ast.InternedTerm(true))
		default:
			s.constants = append(s.constants, g.ref)
		}
	}
	for _, g := range w.order {
		if index := policy.IndexOf(g.rule); index != nil && library(g.rule.Module) {
			if !slices.ContainsFunc(s.constants, func(c ast.Ref) bool { return c.Equal(index) }) || g.scope != ofWorld {
				return nil, fmt.Errorf("%s: %s says that %s is its index: both must be there and depend on the inventory alone", g.rule.Loc(), g.ref, index)
			}
			s.indexes[g.ref.String()] = index
		}
	}
	return s, nil
}

func library(m *ast.Module) bool {
	return len(m.Package.Path) > 1 && m.Package.Path[1].Equal(ast.InternedTerm("lib"))
}

// walk visits each rule once, what it needs first.
type walk struct {
	compiler *ast.Compiler
	scopes   map[*ast.Rule]scope
	groups   map[string]*group
	order    []*group
}

// group is all rules of one name.
type group struct {
	ref   ast.Ref
	rule  *ast.Rule
	scope scope
}

func (w *walk) visit(rule *ast.Rule) scope {
	if known, seen := w.scopes[rule]; seen {
		return known
	}
	w.scopes[rule] = ofWorld // the compiler refuses cycles
	own := scopeOf(rule)
	if !rule.Ref().IsGround() {
		own = ofConstraint
	}
	var needed []*ast.Rule
	for dependency := range w.compiler.Graph.Dependencies(rule) {
		if r, ok := dependency.(*ast.Rule); ok {
			needed = append(needed, r)
		}
	}
	if index := policy.IndexOf(rule); index != nil {
		needed = append(needed, w.compiler.GetRulesExact(index)...)
	}
	slices.SortFunc(needed, func(a, b *ast.Rule) int { return a.Loc().Compare(b.Loc()) })
	for _, r := range needed {
		own = max(own, w.visit(r))
	}
	w.scopes[rule] = own
	ref := rule.Ref().GroundPrefix()
	g := w.groups[ref.String()]
	if g == nil {
		g = &group{ref: ref, rule: rule}
		w.groups[ref.String()] = g
		w.order = append(w.order, g)
	}
	g.scope = max(g.scope, own)
	return own
}

// scopeOf looks at the rule alone.
func scopeOf(rule *ast.Rule) scope {
	own := ofWorld
	ast.WalkTerms(rule, func(t *ast.Term) bool {
		ref, ok := t.Value.(ast.Ref)
		if !ok {
			return false
		}
		switch builtin, called := ast.BuiltinMap[ref.String()]; {
		case ref.HasPrefix(ast.InputRootRef) && len(ref) > 1 && ref[1].Equal(ast.InternedTerm("review")):
			own = max(own, ofReview)
		case ref.HasPrefix(ast.InputRootRef):
			own = ofConstraint
		case called && builtin.Name == ast.NowNanos.Name:
			own = max(own, ofReview)
		case called && builtin.Nondeterministic:
			own = ofConstraint
		}
		return false
	})
	return own
}
