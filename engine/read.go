package engine

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/discover"
)

// worlds are one world before and after the change; either is nil where there was or is none, and base always is without
// a change.
type worlds struct{ base, head *source.World }

// change says that there is something to compare with.
func (o Options) change() bool { return o.Base != "" || o.Revision != nil }

// baseName is what a report calls the state before the change: a path shows itself in places.
func (o Options) baseName() string {
	if o.Revision != nil {
		return o.Revision.Name
	}
	return ""
}

// files says that there are files to judge, and not a cluster alone.
func (o Options) files() bool { return len(o.Paths)+len(o.Charts)+len(o.Kustomizations) > 0 }

// readPairs reads both sides with the same sources, and finds for each world what it was before.
func readPairs(result *finding.Result, o Options) []worlds {
	head := o.discover()
	var before *source.Read
	switch {
	case o.Revision != nil:
		for _, names := range []*[]string{&head.Paths, &head.Charts, &head.Kustomizations} {
			*names = o.Revision.named(result, *names)
		}
		result.Problems = append(result.Problems, o.Revision.missed(slices.Concat(head.Paths, head.Charts, head.Kustomizations))...)
		base := head
		base.Tree, base.Partial, base.Except = o.Revision.tree, true, ""
		base.Default = o.Revision.files(base.Default)
		base.Sets = func(dir string) []discover.Set {
			var sets []discover.Set
			if o.Sets != nil {
				for _, set := range o.Sets(dir) {
					sets = append(sets, o.Revision.files(set))
				}
			}
			return sets
		}
		head.Paths, head.Charts, head.Kustomizations = o.Revision.left(head.Paths), o.Revision.left(head.Charts), o.Revision.left(head.Kustomizations)
		before = discover.Read(base)
	case o.Base != "":
		base := head
		base.Paths, base.Charts, base.Kustomizations, base.Partial = []string{o.Base}, nil, nil, false
		before = discover.Read(base)
	}
	after := discover.Read(head)
	tellRead(result, after)
	if before == nil {
		var pairs []worlds
		for i := range after.Worlds {
			pairs = append(pairs, worlds{head: &after.Worlds[i]})
		}
		return pairs
	}
	// What is wrong on both sides is said once; what only the base has is nothing that the change can mend.
	before.Problems = slices.DeleteFunc(before.Problems, func(p source.Problem) bool { return slices.Contains(after.Problems, p) })
	for i := range before.Problems {
		before.Problems[i].Message = "in the base: " + before.Problems[i].Message
	}
	tellRead(result, before)
	if o.Revision != nil {
		return pair(before.Worlds, after.Worlds, nil, nil)
	}
	return pair(before.Worlds, after.Worlds, []string{o.Base}, slices.Concat(o.Paths, o.Charts, o.Kustomizations))
}

// discover is what the options say about reading.
func (o Options) discover() discover.Options {
	render := o.Render
	render.Namespace = cmp.Or(render.Namespace, o.Namespace)
	d := discover.Options{
		Paths: o.Paths, Stdin: o.Stdin, Kustomizations: o.Kustomizations, Charts: o.Charts, Ignore: o.Ignore,
		Sets: o.Sets, Default: render, AllowRemote: o.AllowRemote,
	}
	if o.Revision != nil {
		d.Except = o.Revision.dir
	}
	return d
}

// tellWrong takes over what a source could not use and what it passed over.
func tellWrong(result *finding.Result, problems []source.Problem, skipped []source.Skipped) {
	for _, p := range problems {
		result.Problems = append(result.Problems, finding.Problem{Place: p.Place, Message: p.Message})
	}
	for _, s := range skipped {
		result.Skipped = append(result.Skipped, finding.Problem{Place: s.Place, Message: s.Reason})
	}
}

func tellRead(result *finding.Result, r *source.Read) {
	tellWrong(result, r.Problems, r.Skipped)
	result.Looked.Files += r.Files
	result.Looked.Documents += r.Documents
}

// key is what a world is found by on the other side.
type key struct {
	how       source.How
	name, set string
}

// pair puts the worlds of two sides together: by their names, or where the sides are different folders, by their names
// below those. Manifests of several arguments are one world then: nobody can say which of them base's are.
func pair(base, head []source.World, baseRoots, headRoots []string) []worlds {
	var pairs []worlds
	at := map[key]int{}
	find := func(w *source.World, roots []string) *worlds {
		k := key{w.How, below(w, roots), w.Set}
		i, known := at[k]
		if !known {
			i = len(pairs)
			at[k] = i
			pairs = append(pairs, worlds{})
		}
		return &pairs[i]
	}
	for i := range head {
		p := find(&head[i], headRoots)
		p.head = join(p.head, &head[i])
	}
	for i := range base {
		p := find(&base[i], baseRoots)
		p.base = join(p.base, &base[i])
	}
	return pairs
}

// below is the world's name from the argument that it was found in; without arguments, its name.
func below(w *source.World, roots []string) string {
	if roots != nil && w.How == source.Manifests {
		return ""
	}
	for _, root := range roots {
		root = path.Clean(filepath.ToSlash(root))
		if w.Name == root {
			return ""
		}
		if rest, in := strings.CutPrefix(w.Name, root+"/"); in {
			return rest
		}
	}
	return w.Name
}

func join(a, b *source.World) *source.World {
	if a == nil {
		return b
	}
	joined := *a
	joined.Objects = slices.Concat(a.Objects, b.Objects)
	return &joined
}

// exists says whether there is anything of that name; a glob is taken for something.
func exists(tree source.Tree, name string) bool {
	_, err := os.Lstat(tree.Disk(name))
	return err == nil || name == source.Stdin || strings.ContainsAny(name, "*?[{")
}
