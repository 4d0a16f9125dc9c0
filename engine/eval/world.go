package eval

import (
	"context"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/data-guard/guard/engine/inventory"
)

// world is an inventory as the evaluator reads it.
type world struct {
	store       storage.Store
	transaction storage.Transaction
	constants   topdown.VirtualCache
	functions   *functions
	shared      *shared
}

// world puts the inventory where policies read it and evaluates what depends on nothing else.
func (c *compiled) world(ctx context.Context, inv *inventory.Inventory, now time.Time) (*world, error) {
	data := ast.NewObject(ast.Item(ast.InternedTerm("inventory"), ast.NewTerm(inv.Value())))
	w := &world{store: inmem.NewFromASTObject(data), constants: topdown.NewVirtualCache(), functions: &functions{scopes: c.shared.functions, indexes: c.shared.indexes}, shared: c.shared}
	transaction, err := w.store.NewTransaction(ctx)
	if err != nil {
		return nil, fmt.Errorf("read inventory: %w", err)
	}
	w.transaction = transaction
	for _, ref := range c.shared.constants {
		body, err := c.compiler.QueryCompiler().Compile(ast.NewBody(ast.Equality.Expr(ast.VarTerm(string(resultVar)), ast.NewTerm(ref))))
		if err != nil {
			return nil, fmt.Errorf("compile %s: %w", ref, err)
		}
		q := topdown.NewQuery(body).WithCompiler(c.compiler).WithStore(w.store).WithTransaction(transaction).
			WithTime(now).WithVirtualCache(w.cache(topdown.NewVirtualCache()))
		var value *ast.Term
		if err := q.Iter(ctx, func(result topdown.QueryResult) error { value = result[resultVar]; return nil }); err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", ref, err)
		}
		w.constants.Put(ref, value)
	}
	return w, nil
}
