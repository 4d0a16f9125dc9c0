// Package git reads what a revision of a repository holds. It runs git itself, which every clone that a runner makes can
// be read with, and only ever asks it: no hook, filter or network access is started.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Repository is a clone with a working tree.
type Repository struct {
	// Root is the top folder of the working tree, an absolute path without links.
	Root string
	// prefix is the folder of Open below Root, in slashes and with one at the end; "" at the top.
	prefix string
}

// NoRepositoryError says that a folder is in no git repository, or that git does not trust it.
type NoRepositoryError struct{ Dir, Reason string }

// Error is git's own reason.
func (e *NoRepositoryError) Error() string {
	return fmt.Sprintf("find git repository of %s: %s", e.Dir, e.Reason)
}

// Open finds the repository that the folder is in. It is a *NoRepositoryError when there is none.
func Open(ctx context.Context, dir string) (*Repository, error) {
	r := &Repository{Root: dir}
	out, err := r.run(ctx, "rev-parse", "--show-toplevel", "--show-prefix")
	if failed, ok := errors.AsType[*failedError](err); ok {
		return nil, &NoRepositoryError{dir, failed.reason}
	}
	if err != nil {
		return nil, err
	}
	root, prefix, _ := strings.Cut(strings.TrimSuffix(string(out), "\n"), "\n")
	if r.Root, err = filepath.EvalSymlinks(filepath.FromSlash(root)); err != nil {
		return nil, fmt.Errorf("find git repository of %s: %w", dir, err)
	}
	r.prefix = prefix
	return r, nil
}

// failedError is git's refusal.
type failedError struct{ command, reason string }

// Error names the git command and what it said.
func (e *failedError) Error() string { return "run git " + e.command + ": " + e.reason }

// run asks git. Nothing that git runs may wait for a person, fetch missing objects or watch the file system.
func (r *Repository) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		return nil, gitError(ctx, args[0], err, stderr.String())
	}
	return out.Bytes(), nil
}

func (r *Repository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotePath=false"}, args...)...)
	cmd.Dir = r.Root
	cmd.Env = append(cmd.Environ(), "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "LC_ALL=C")
	return cmd
}

func gitError(ctx context.Context, command string, err error, stderr string) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("run git: it is not installed, and a revision is read with it; name a folder as the base instead")
	}
	reason := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(stderr), "fatal: "))
	if reason == "" {
		reason = err.Error()
	}
	return &failedError{command, strings.ReplaceAll(reason, "\n", "; ")}
}

// Relative is the name of a file as the revision has it, of a name that the user gave from the folder of Open. It is an
// error when the file is outside of the repository. Links on the way to it are followed as far as they exist.
func (r *Repository) Relative(dir, name string) (string, error) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(folder, filepath.Base(path))
	}
	inside, err := filepath.Rel(r.Root, path)
	if err != nil || !filepath.IsLocal(inside) {
		return "", fmt.Errorf("read base of %s: it is outside of the git repository %s", name, filepath.Base(r.Root))
	}
	return filepath.ToSlash(inside), nil
}
