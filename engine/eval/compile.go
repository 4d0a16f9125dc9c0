package eval

import (
	"context"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/data-guard/guard/engine/inventory"
)

const resultVar = ast.Var("violations")

// compiled is one compiler for all policies: what they share is compiled once.
type compiled struct {
	compiler *ast.Compiler
	// queries are prepared bodies by policy id.
	queries map[string]ast.Body
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
	c := &compiled{compiler: compiler, queries: map[string]ast.Body{}, constants: constants(compiler)}
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

// constants finds the library rules whose closure reads neither input nor anything that changes from call to
// call. Functions are not among them: they have no one value.
func constants(compiler *ast.Compiler) []ast.Ref {
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
	var refs []ast.Ref
	for _, name := range util.KeysSorted(compiler.Modules) {
		module := compiler.Modules[name]
		if len(module.Package.Path) < 2 || !module.Package.Path[1].Equal(ast.InternedTerm("lib")) {
			continue
		}
		seen := map[string]bool{}
		varying := map[string]bool{}
		var order []ast.Ref
		for _, rule := range module.Rules {
			ref := rule.Ref().GroundPrefix()
			if len(rule.Head.Args) > 0 || !ref.IsGround() || visit(rule) {
				varying[ref.String()] = true
			}
			if !seen[ref.String()] {
				seen[ref.String()] = true
				order = append(order, ref)
			}
		}
		for _, ref := range order {
			if !varying[ref.String()] {
				refs = append(refs, ref)
			}
		}
	}
	return refs
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

// world is an inventory as the evaluator reads it.
type world struct {
	store       storage.Store
	transaction storage.Transaction
	constants   topdown.VirtualCache
}

// world puts the inventory where policies read it and evaluates what depends on nothing else.
func (c *compiled) world(ctx context.Context, inv *inventory.Inventory, now time.Time) (*world, error) {
	data := ast.NewObject(ast.Item(ast.InternedTerm("inventory"), ast.NewTerm(inv.Value())))
	w := &world{store: inmem.NewFromASTObject(data), constants: topdown.NewVirtualCache()}
	transaction, err := w.store.NewTransaction(ctx)
	if err != nil {
		return nil, fmt.Errorf("read inventory: %w", err)
	}
	w.transaction = transaction
	for _, ref := range c.constants {
		body, err := c.compiler.QueryCompiler().Compile(ast.NewBody(ast.Equality.Expr(ast.VarTerm(string(resultVar)), ast.NewTerm(ref))))
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", ref, err)
		}
		q := topdown.NewQuery(body).WithCompiler(c.compiler).WithStore(w.store).WithTransaction(transaction).
			WithTime(now).WithVirtualCache(w.cache())
		var value *ast.Term
		if err := q.Iter(ctx, func(result topdown.QueryResult) error { value = result[resultVar]; return nil }); err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", ref, err)
		}
		w.constants.Put(ref, value)
	}
	return w, nil
}

// cache is a fresh cache over the world's constants.
func (w *world) cache() *layered {
	return &layered{VirtualCache: topdown.NewVirtualCache(), below: w.constants}
}

// layered answers from the world's constants first, which nothing writes to after the world is made, so that all
// reviews share them. A "with" modifier opens a frame in which they do not hold.
type layered struct {
	topdown.VirtualCache

	below  topdown.VirtualCache
	frames int
}

// Push opens a frame.
func (l *layered) Push() { l.frames++; l.VirtualCache.Push() }

// Pop closes it.
func (l *layered) Pop() { l.frames--; l.VirtualCache.Pop() }

// Get looks below first.
func (l *layered) Get(ref ast.Ref) (*ast.Term, bool) {
	if l.frames == 0 {
		if value, undefined := l.below.Get(ref); value != nil || undefined {
			return value, undefined
		}
	}
	return l.VirtualCache.Get(ref)
}
