package kustomize

import (
	"maps"
	"slices"

	"github.com/data-guard/guard/engine/source"
)

// Folder is a kustomization among others.
type Folder struct {
	// Path is the folder as it was given.
	Path string
	// Root says that it is to be built: it is no component and no other kustomization builds on it.
	Root bool
	// Files are what its build reads, bases and components included, in the order of their names; they need not be read as
	// manifests. A file that cannot be found is not among them.
	Files []string
}

// Graph says what the kustomizations of a tree have to do with one another, in the order given. Of kustomizations that
// only build on one another in a circle the first is a root, so that its build tells; so is one that cannot be read.
func Graph(tree source.Tree, folders []string) []Folder {
	out := make([]Folder, len(folders))
	reach := make([]map[string]bool, len(folders))
	tops := make([]string, len(folders))
	component := make([]bool, len(folders))
	needed := map[string]bool{}
	for i, path := range folders {
		w, top := Kustomization{Tree: tree, Path: path}.walk()
		out[i] = Folder{Path: path, Files: slices.Sorted(maps.Keys(w.used))}
		tops[i], reach[i] = w.disk.top, map[string]bool{}
		component[i] = top != nil && top.spec.Kind == "Component"
		for folder := range w.layers {
			if folder != w.disk.top {
				reach[i][folder], needed[folder] = true, true
			}
		}
	}
	built := map[string]bool{}
	root := func(i int) {
		out[i].Root = true
		built[tops[i]] = true
		maps.Copy(built, reach[i])
	}
	for i := range out {
		if !component[i] && !needed[tops[i]] {
			root(i)
		}
	}
	for i := range out {
		if !component[i] && !built[tops[i]] {
			root(i)
		}
	}
	return out
}
