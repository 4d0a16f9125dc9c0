package eval

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/policy"
)

const resultVar = ast.Var("violations")

// compiled is one compiler for all policies: what they share is compiled once.
type compiled struct {
	compiler *ast.Compiler
	// queries are prepared bodies by policy id.
	queries map[string]ast.Body
	shared  *shared
}

func compile(constraints []*Constraint) (*compiled, error) {
	modules := map[string]*ast.Module{}
	for _, c := range constraints {
		modules[c.Policy.File] = c.Policy.Module
		for _, lib := range c.Policy.Libraries {
			modules[lib.File] = policy.Indexed(lib.Module)
		}
	}
	compiler := ast.NewCompiler()
	compiler.Compile(modules)
	if compiler.Failed() {
		return nil, fmt.Errorf("compile policies: %w", compiler.Errors)
	}
	shared, err := share(compiler)
	if err != nil {
		return nil, fmt.Errorf("compile policies: %w", err)
	}
	c := &compiled{compiler: compiler, queries: map[string]ast.Body{}, shared: shared}
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
