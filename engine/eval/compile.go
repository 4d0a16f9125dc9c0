package eval

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

const resultVar = ast.Var("violations")

// compiled is one compiler for all policies: what they share is compiled once.
type compiled struct {
	compiler *ast.Compiler
	// queries are prepared bodies by policy id.
	queries map[string]ast.Body
	// pure are the names of library functions whose value depends on their arguments and the world alone.
	pure map[string]bool
	// constants are library rules that depend on the world alone: evaluated once a world, not once a review.
	constants []ast.Ref
}

func compile(constraints []*Constraint) (*compiled, error) {
	modules := map[string]*ast.Module{}
	for _, c := range constraints {
		modules[c.Policy.File] = c.Policy.Module
		for _, lib := range c.Policy.Libraries {
			modules[lib.File] = lib.Module
		}
	}
	compiler := ast.NewCompiler()
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, fmt.Errorf("compile policies: %w", compiler.Errors)
	}
	c := &compiled{compiler: compiler, queries: map[string]ast.Body{}}
	c.constants, c.pure = steady(compiler)
	for _, constraint := range constraints {
		p := constraint.Policy
		body, err := ast.ParseBody(fmt.Sprintf("%s = data.%s.violation", resultVar, p.Package()))
		if err != nil {
			return nil, fmt.Errorf("compile policy %s: %w", p.ID, err)
		}
		query, err := compiler.QueryCompiler().Compile(body)
		if err != nil {
			return nil, fmt.Errorf("compile policy %s: %w", p.ID, err)
		}
		c.queries[p.ID] = query
	}
	return c, nil
}

// steady finds the library rules whose closure reads neither input nor anything that changes from call to call: those
// with one value a world, each after those that it needs, and the functions. Only what a policy reaches counts.
func steady(compiler *ast.Compiler) (constants []ast.Ref, pure map[string]bool) {
	s := &steadiness{compiler: compiler, varies: map[*ast.Rule]bool{}, groups: map[string]*group{}}
	for _, name := range util.KeysSorted(compiler.Modules) {
		if module := compiler.Modules[name]; !library(module) {
			for _, rule := range module.Rules {
				s.visit(rule)
			}
		}
	}
	pure = map[string]bool{}
	for _, g := range s.order {
		switch {
		case g.varies || !library(g.rule.Module):
		case len(g.rule.Head.Args) > 0:
			pure[g.ref.String()] = true
		default:
			constants = append(constants, g.ref)
		}
	}
	return constants, pure
}

func library(m *ast.Module) bool {
	return len(m.Package.Path) > 1 && m.Package.Path[1].Equal(ast.InternedTerm("lib"))
}

// steadiness walks from policies to what they need.
type steadiness struct {
	compiler *ast.Compiler
	varies   map[*ast.Rule]bool
	groups   map[string]*group
	order    []*group
}

// group is all rules of one name.
type group struct {
	ref    ast.Ref
	rule   *ast.Rule
	varies bool
}

func (s *steadiness) visit(rule *ast.Rule) bool {
	if known, seen := s.varies[rule]; seen {
		return known
	}
	s.varies[rule] = false // the compiler refuses cycles
	varies := readsInput(rule) || !rule.Ref().IsGround()
	var needed []*ast.Rule
	for dependency := range s.compiler.Graph.Dependencies(rule) {
		if r, ok := dependency.(*ast.Rule); ok {
			needed = append(needed, r)
		}
	}
	slices.SortFunc(needed, func(a, b *ast.Rule) int { return a.Loc().Compare(b.Loc()) })
	for _, r := range needed {
		varies = s.visit(r) || varies
	}
	s.varies[rule] = varies
	ref := rule.Ref().GroundPrefix()
	g := s.groups[ref.String()]
	if g == nil {
		g = &group{ref: ref, rule: rule}
		s.groups[ref.String()] = g
		s.order = append(s.order, g)
	}
	g.varies = g.varies || varies
	return varies
}

func readsInput(rule util.T) bool {
	found := false
	ast.WalkTerms(rule, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Ref:
			found = found || v.HasPrefix(ast.InputRootRef)
			if b, ok := ast.BuiltinMap[v.String()]; ok {
				found = found || b.Nondeterministic
			}
		default:
		}
		return found
	})
	return found
}
