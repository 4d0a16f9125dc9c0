package eval

import (
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// cache is a query's own cache over what all queries about the review share, and all reviews of the world.
func (w *world) cache(review topdown.VirtualCache) *layered {
	return &layered{VirtualCache: topdown.NewVirtualCache(), world: w, review: review}
}

// layered answers from the world's constants and functions, then from what another policy has learnt about the same
// review, then from its own. A "with" modifier opens a frame in which only its own answers hold.
type layered struct {
	topdown.VirtualCache

	world  *world
	review topdown.VirtualCache
	frames int
}

// Push opens a frame.
func (l *layered) Push() { l.frames++; l.VirtualCache.Push() }

// Pop closes it.
func (l *layered) Pop() { l.frames--; l.VirtualCache.Pop() }

// Get looks in the layer that the value would stand in.
func (l *layered) Get(ref ast.Ref) (*ast.Term, bool) {
	if l.frames > 0 {
		return l.VirtualCache.Get(ref)
	}
	if _, call := ref[0].Value.(ast.Ref); !call {
		if value, undefined := l.world.constants.Get(ref); value != nil || undefined {
			return value, undefined
		}
		return l.layer(ref).Get(ref)
	}
	if answer := l.indexed(ref); answer != nil {
		return answer, false
	}
	key, layer := l.call(ref)
	if key != "" {
		if value, known := l.world.functions.values.Load(key); known {
			if term, ok := value.(*ast.Term); ok {
				return term, false
			}
		}
		return nil, false
	}
	return layer.Get(ref)
}

// Put keeps the value for whom it holds.
func (l *layered) Put(ref ast.Ref, value *ast.Term) {
	if l.frames > 0 {
		l.VirtualCache.Put(ref, value)
		return
	}
	if _, call := ref[0].Value.(ast.Ref); !call {
		l.layer(ref).Put(ref, value)
		return
	}
	key, layer := l.call(ref)
	switch {
	case key == "":
		layer.Put(ref, value)
	case value != nil:
		l.world.functions.values.Store(key, value)
	}
}

// indexed looks a call up in the function's index; nil for a function that has none.
func (l *layered) indexed(ref ast.Ref) *ast.Term {
	index := l.world.functions.named(ref[0]).index
	if index == nil {
		return nil
	}
	answers, _ := l.world.constants.Get(index)
	if answers == nil {
		return nil
	}
	key := ref[1]
	if len(ref) > 2 {
		key = ast.ArrayTerm(ref[1:]...)
	}
	if answer := answers.Get(key); answer != nil {
		return answer
	}
	return ast.SetTerm()
}

// layer is where the value of a rule without arguments stands.
func (l *layered) layer(ref ast.Ref) topdown.VirtualCache {
	if perReview, _ := l.world.shared.perReview.Get(ref); perReview != nil {
		return l.review
	}
	return l.VirtualCache
}

// call is where the value of a call stands: under a key in the world, or in a layer.
func (l *layered) call(ref ast.Ref) (key string, layer topdown.VirtualCache) {
	n := l.world.functions.named(ref[0])
	switch n.scope {
	case ofConstraint:
		return "", l.VirtualCache
	case ofReview:
	case ofWorld:
		if key, scalars := callKey(n.name, ref[1:]); scalars {
			return key, nil
		}
	}
	return "", l.review
}

// functions holds values of library functions of scalars that depend on the world alone: which engine an image is,
// whether one path covers another. Objects as arguments do not come twice and are kept with the review only.
type functions struct {
	scopes map[string]scope
	// indexes are where all answers of a function stand.
	indexes map[string]ast.Ref
	names   sync.Map // *ast.Term of a call site to its named
	values  sync.Map // key to *ast.Term
}

type named struct {
	name  string
	scope scope
	index ast.Ref
}

func (f *functions) named(operator *ast.Term) named {
	if known, seen := f.names.Load(operator); seen {
		if n, ok := known.(named); ok {
			return n
		}
	}
	n := named{name: operator.Value.String(), scope: ofConstraint}
	n.index = f.indexes[n.name]
	if holds, library := f.scopes[n.name]; library {
		n.scope = holds
	}
	f.names.Store(operator, n)
	return n
}

// callKey spells a call of scalars; false for any other.
func callKey(name string, arguments []*ast.Term) (string, bool) {
	var key strings.Builder
	key.WriteString(name)
	for _, argument := range arguments {
		switch v := argument.Value.(type) {
		case ast.String:
			key.WriteString("\x00s")
			key.WriteString(string(v))
		case ast.Number:
			key.WriteString("\x00n")
			key.WriteString(string(v))
		case ast.Boolean, ast.Null:
			key.WriteString("\x00" + v.String())
		default:
			return "", false
		}
	}
	return key.String(), true
}
