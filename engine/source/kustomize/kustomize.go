// Package kustomize builds kustomizations as `kubectl apply -k` does and finds out which file and line an object's fields
// come from. It starts no process and opens no connection unless remote bases are allowed.
package kustomize

import (
	"cmp"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/kustomize/api/resource"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// Kustomization is a folder with a kustomization file.
type Kustomization struct {
	// Tree is where the folder is on disk.
	Tree source.Tree
	// Path is the folder as the user names it; places and messages name files below it in the same way.
	Path string
	// AllowRemote lets kustomize fetch what other hosts hold: with git, or over HTTP.
	AllowRemote bool
}

// Build reads a kustomization into one world. What is wrong with it is in Problems: all that can be told before kustomize
// runs, or else the one error that kustomize stops at; the world has no objects then. Builds run one at a time, since
// kustomize keeps its schema in a global.
func Build(k Kustomization) *source.Read {
	r := &source.Read{Worlds: []source.World{{Name: k.Path}}}
	w, top := k.walk()
	r.Files = len(w.used)
	if top != nil {
		r.Worlds[0].Namespace = top.spec.Namespace
	}
	if len(w.problems) > 0 {
		r.Problems = inOrder(w.problems)
		return r
	}
	resources, err := krustyBuild(w.disk, top.folder)
	if err != nil {
		r.Problems = w.explain(top, err)
		return r
	}
	w.objects(&r.Worlds[0], r, top, resources)
	return r
}

func inOrder(problems []source.Problem) []source.Problem {
	slices.SortFunc(problems, func(a, b source.Problem) int {
		return cmp.Or(source.ComparePlaces(a.Place, b.Place), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(problems)
}

// walk looks at all that the build will read.
func (k Kustomization) walk() (*walk, *layer) {
	d, folder, err := newDisk(k)
	w := &walk{disk: d, remote: k.AllowRemote, layers: map[string]*layer{}, used: map[string]bool{}}
	if err != nil {
		w.problem(object.Place{File: k.Path}, "open kustomization: %v", err)
		return w, nil
	}
	return w, w.folder(folder, object.Place{File: k.Path}, nil)
}

// objects turns kustomize's result into a world. Its order is that of the entries, or what sortOptions say.
func (w *walk) objects(world *source.World, r *source.Read, top *layer, resources []*resource.Resource) {
	decoder := object.NewDecoder()
	trace := &trace{walk: w, top: top}
	for _, res := range resources {
		r.Documents++
		var value ast.Value
		text, err := res.MarshalJSON()
		if err == nil {
			value, _, err = decoder.DecodeJSON(text)
		}
		if err != nil {
			r.Problems = append(r.Problems, top.problem("", "read %s: %v", res.CurId(), err))
			continue
		}
		made := &made{trace: trace}
		o, err := object.New(value, object.Origin{Made: made})
		if err != nil {
			r.Problems = append(r.Problems, top.problem("", "%s: %v", res.CurId(), err))
			continue
		}
		made.object, made.stable = o, o.Name
		world.Objects = append(world.Objects, o)
		if stable, ok := withoutHash(&res.RNode, o); ok {
			if world.Stable == nil {
				world.Stable = map[*object.Object]string{}
			}
			world.Stable[o], made.stable = stable, stable
		}
	}
}
