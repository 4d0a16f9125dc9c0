package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Revision is a commit, and how it was found.
type Revision struct {
	// Commit is the full object name.
	Commit string
	// Ref is what the user called it; MergeBase says that Commit is not Ref itself but where the change began.
	Ref       string
	MergeBase bool
}

// String is the revision as a report names it: "main (merge base 1a2b3c4d5e6f)".
func (r Revision) String() string {
	how := ""
	if r.MergeBase {
		how = "merge base "
	}
	return fmt.Sprintf("%s (%s%s)", r.Ref, how, r.Commit[:min(12, len(r.Commit))])
}

// Has says whether git knows the name as a commit.
func (r *Repository) Has(ctx context.Context, ref string) bool {
	_, err := r.commit(ctx, ref)
	return err == nil
}

// Resolve finds the commit that a change to the checked-out one began at: the merge base of ref and HEAD, or with exact
// ref itself. What a shallow or narrow clone lacks is an error that says what to fetch.
func (r *Repository) Resolve(ctx context.Context, ref string, exact bool) (Revision, error) {
	commit, err := r.commit(ctx, ref)
	if err != nil {
		return Revision{}, r.missing(ctx, ref, err)
	}
	if exact {
		return Revision{commit, ref, false}, nil
	}
	out, err := r.run(ctx, "merge-base", commit, "HEAD")
	failed, refused := errors.AsType[*failedError](err)
	switch {
	case err == nil:
		base := strings.TrimSpace(string(out))
		return Revision{base, ref, base != commit}, nil
	case !refused:
		return Revision{}, err
	case r.shallow(ctx):
		return Revision{}, fmt.Errorf("find the merge base of %s and HEAD: this clone is shallow and does not reach it; run git fetch --unshallow, or compare with %s itself (--base-exact)", ref, ref)
	case strings.HasPrefix(failed.reason, "exit status"):
		return Revision{}, fmt.Errorf("find the merge base of %s and HEAD: they have no common history; compare with %s itself (--base-exact)", ref, ref)
	default:
		return Revision{}, fmt.Errorf("find the merge base of %s and HEAD: %w", ref, err)
	}
}

// commit is the object name of a commit; --end-of-options keeps a name that looks like an option from being one.
func (r *Repository) commit(ctx context.Context, ref string) (string, error) {
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

func (r *Repository) shallow(ctx context.Context) bool {
	out, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(string(out)) == "true"
}

// missing says how to get a revision that the clone does not have.
func (r *Repository) missing(ctx context.Context, ref string, err error) error {
	if _, refused := errors.AsType[*failedError](err); !refused {
		return err
	}
	remote, branch, tracked := strings.Cut(strings.TrimPrefix(ref, "refs/remotes/"), "/")
	remotes, listed := r.run(ctx, "remote")
	switch {
	case listed == nil && tracked && contains(string(remotes), remote):
		return fmt.Errorf("read base %s: this clone does not have it; run git fetch %s %s:refs/remotes/%s/%s%s", ref, remote, branch, remote, branch, r.deeper(ctx))
	case strings.ContainsAny(ref, "~^") && r.shallow(ctx):
		return fmt.Errorf("read base %s: this clone is shallow and does not reach it; run git fetch --deepen=50, or git fetch --unshallow", ref)
	case listed == nil && contains(string(remotes), "origin"):
		return fmt.Errorf("read base %s: it is no file, no folder, and no revision that this clone has; if it is a branch or commit of origin, run git fetch origin %s%s", ref, ref, r.deeper(ctx))
	default:
		return fmt.Errorf("read base %s: it is no file, no folder and no git revision", ref)
	}
}

// deeper is for a clone whose history would not reach the merge base.
func (r *Repository) deeper(ctx context.Context) string {
	if r.shallow(ctx) {
		return " --unshallow"
	}
	return ""
}

func contains(lines, name string) bool {
	for line := range strings.SplitSeq(lines, "\n") {
		if line == name {
			return true
		}
	}
	return false
}
