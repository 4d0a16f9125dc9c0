package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/discover"
	"github.com/data-guard/guard/engine/source/git"
)

// Revision is the state of a repository before a change, written to a temporary folder until Close.
type Revision struct {
	// Name is the revision as a report names it.
	Name string

	repository *git.Repository
	// from is the folder of OpenRevision, dir the temporary one.
	from, dir string
	tree      source.Tree
	// problems are files of it that cannot be read.
	problems []source.Problem
}

// OpenRevision reads what a revision of the repository around dir holds: with exact the one that ref names, otherwise the
// merge base of it and what is checked out.
func OpenRevision(ctx context.Context, dir, ref string, exact bool) (*Revision, error) {
	from, err := filepath.Abs(dir)
	if err == nil {
		from, err = filepath.EvalSymlinks(from)
	}
	if err != nil {
		return nil, fmt.Errorf("read base %s: %w", ref, err)
	}
	repository, err := git.Open(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("read base %s: it is no file and no folder, and: %w", ref, err)
	}
	revision, err := repository.Resolve(ctx, ref, exact)
	if err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp("", "guard-base-")
	if err != nil {
		return nil, fmt.Errorf("read base %s: %w", ref, err)
	}
	r := &Revision{Name: revision.String(), repository: repository, from: from, dir: temporary}
	folder, problems, err := repository.Checkout(ctx, revision, temporary)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.tree, r.problems = source.Tree{Root: folder}, problems
	return r, nil
}

// IsRevision says that the repository around dir knows the name as a commit.
func IsRevision(ctx context.Context, dir, name string) bool {
	repository, err := git.Open(ctx, dir)
	return err == nil && repository.Has(ctx, name)
}

// Tree is where the revision's files are, named from the folder of OpenRevision.
func (r *Revision) Tree() source.Tree { return r.tree }

// Close removes the temporary folder.
func (r *Revision) Close() error {
	if err := os.RemoveAll(r.dir); err != nil {
		return fmt.Errorf("remove temporary folder: %w", err)
	}
	return nil
}

// named are the names from the folder of OpenRevision, by which both sides are read. One that the repository cannot have
// is a problem and left out.
func (r *Revision) named(result *finding.Result, names []string) []string {
	relative := make([]string, 0, len(names))
	for _, name := range names {
		inside, err := r.repository.Relative(r.from, name)
		switch {
		case name == source.Stdin:
			err = errors.New("read base of standard input: git has none; compare with a file or folder")
		case err == nil && filepath.IsAbs(name):
			name, err = filepath.Rel(r.from, filepath.Join(r.repository.Root, filepath.FromSlash(inside)))
		}
		if err != nil {
			result.Problems = append(result.Problems, finding.Problem{Message: err.Error()})
			continue
		}
		relative = append(relative, filepath.ToSlash(name))
	}
	return relative
}

// files are a set's files by which the revision is rendered: its own where it has them, and otherwise the user's.
func (r *Revision) files(set discover.Set) discover.Set {
	at := func(name string) string {
		inside, err := r.repository.Relative(r.from, name)
		if err == nil {
			relative, err := filepath.Rel(r.from, filepath.Join(r.repository.Root, filepath.FromSlash(inside)))
			if err == nil && exists(r.tree, relative) {
				return filepath.ToSlash(relative)
			}
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(r.from, filepath.FromSlash(name))
		}
		return filepath.ToSlash(name)
	}
	values, setFile := slices.Clone(set.Values), slices.Clone(set.SetFile)
	for i, name := range values {
		values[i] = at(name)
	}
	for i, text := range setFile {
		if key, name, found := strings.Cut(text, "="); found {
			setFile[i] = key + "=" + at(name)
		}
	}
	set.Values, set.SetFile = values, setFile
	return set
}

// missed are those of the revision's problems that stand below what is read.
func (r *Revision) missed(roots []string) []finding.Problem {
	var missed []finding.Problem
	for _, p := range r.problems {
		name, err := filepath.Rel(r.tree.Root, filepath.Join(r.dir, filepath.FromSlash(p.File)))
		if err != nil {
			continue
		}
		p.File = filepath.ToSlash(name)
		if slices.ContainsFunc(roots, func(root string) bool {
			_, below := strings.CutPrefix(p.File, root+"/")
			return below || root == p.File || root == "." && filepath.IsLocal(name)
		}) {
			missed = append(missed, finding.Problem{Place: p.Place, Message: p.Message})
		}
	}
	return missed
}

// left leaves out what only the revision has: head took it away.
func (r *Revision) left(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !exists(source.Tree{}, name) && exists(r.tree, name)
	})
}
