package eval

import (
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// cache is a fresh cache over what all reviews of the world share.
func (w *world) cache() *layered {
	return &layered{VirtualCache: topdown.NewVirtualCache(), below: w.constants, functions: w.functions}
}

// layered answers from the world's constants first, which nothing writes to after the world is made, then from the
// values of pure functions that another review has asked for, then from its own. A "with" modifier opens a frame in
// which only its own hold.
type layered struct {
	topdown.VirtualCache

	below     topdown.VirtualCache
	functions *functions
	frames    int
}

// Push opens a frame.
func (l *layered) Push() { l.frames++; l.VirtualCache.Push() }

// Pop closes it.
func (l *layered) Pop() { l.frames--; l.VirtualCache.Pop() }

// Get looks below first.
func (l *layered) Get(ref ast.Ref) (*ast.Term, bool) {
	if l.frames == 0 {
		if key, shared := l.functions.key(ref); shared {
			if value, known := l.functions.values.Load(key); known {
				if term, ok := value.(*ast.Term); ok {
					return term, false
				}
			}
		} else if value, undefined := l.below.Get(ref); value != nil || undefined {
			return value, undefined
		}
	}
	return l.VirtualCache.Get(ref)
}

// Put shares the value of a pure function.
func (l *layered) Put(ref ast.Ref, value *ast.Term) {
	if key, shared := l.functions.key(ref); shared && l.frames == 0 && value != nil {
		l.functions.values.Store(key, value)
		return
	}
	l.VirtualCache.Put(ref, value)
}

// functions holds values of pure library functions of scalars, for all reviews of a world: which engine an image is,
// whether one path covers another. Objects as arguments do not come twice and are not kept.
type functions struct {
	pure   map[string]bool
	names  sync.Map // *ast.Term of a call site to the function's name, "" for one that is not pure
	values sync.Map // key to *ast.Term
}

// key spells a call whose value may be shared.
func (f *functions) key(ref ast.Ref) (string, bool) {
	if len(ref) < 2 || len(ref) > 4 {
		return "", false
	}
	name := f.name(ref[0])
	if name == "" {
		return "", false
	}
	var key strings.Builder
	key.WriteString(name)
	for _, argument := range ref[1:] {
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

func (f *functions) name(operator *ast.Term) string {
	ref, ok := operator.Value.(ast.Ref)
	if !ok {
		return ""
	}
	if known, seen := f.names.Load(operator); seen {
		if name, ok := known.(string); ok {
			return name
		}
	}
	name := ref.String()
	if !f.pure[name] {
		name = ""
	}
	f.names.Store(operator, name)
	return name
}
