package eval

import (
	"fmt"

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
// with one value a world, and the functions.
func steady(compiler *ast.Compiler) (constants []ast.Ref, pure map[string]bool) {
	varies := map[util.T]bool{}
	var visit func(rule util.T) bool
	visit = func(rule util.T) bool {
		if known, seen := varies[rule]; seen {
			return known
		}
		varies[rule] = false // cycles are refused by the compiler
		v := readsInput(rule)
		for dependency := range compiler.Graph.Dependencies(rule) {
			v = visit(dependency) || v
		}
		varies[rule] = v
		return v
	}
	pure = map[string]bool{}
	for _, name := range util.KeysSorted(compiler.Modules) {
		module := compiler.Modules[name]
		if len(module.Package.Path) < 2 || !module.Package.Path[1].Equal(ast.InternedTerm("lib")) {
			continue
		}
		unsteady := map[string]bool{}
		functions := map[string]bool{}
		var order []ast.Ref
		for _, rule := range module.Rules {
			ref := rule.Ref().GroundPrefix()
			unsteady[ref.String()] = unsteady[ref.String()] || visit(rule) || !rule.Ref().IsGround()
			functions[ref.String()] = len(rule.Head.Args) > 0
			order = append(order, ref)
		}
		for i, ref := range order {
			switch key := ref.String(); {
			case unsteady[key]:
			case functions[key]:
				pure[key] = true
			case i == 0 || !order[i-1].Equal(ref):
				constants = append(constants, ref)
			}
		}
	}
	return constants, pure
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
