package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// maxOther is the largest file that is written although no manifest has such a name: the largest that Helm takes into a
// chart (helm v4 pkg/chart/loader/archive, MaxDecompressedFileSize).
const maxOther = 5 << 20

// lfs begins a file whose content is in Git LFS (git-lfs docs/spec.md).
const lfs = "version https://git-lfs.github.com/spec/"

// entry is a file of a revision.
type entry struct {
	mode, kind, object, name string
	size                     int64
}

// Checkout writes the files of the revision below dir, an empty folder, as the repository has them: without filters, line
// ends and attributes. Below it, folder is the one that Open was given. Submodules, and files that are neither manifests
// nor small enough for a chart, are left out; what would be missed of them is in problems.
func (r *Repository) Checkout(ctx context.Context, revision Revision, dir string) (folder string, problems []source.Problem, err error) {
	entries, err := r.list(ctx, revision)
	if err != nil {
		return "", nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", nil, fmt.Errorf("write base %s: %w", revision.Ref, err)
	}
	w := &writer{root: root, problems: nil}
	err = r.contents(ctx, entries, w)
	if closed := root.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", nil, fmt.Errorf("write base %s: %w", revision.Ref, err)
	}
	return filepath.Join(dir, filepath.FromSlash(r.prefix)), w.problems, nil
}

// list names the files of the revision that may be manifests or parts of charts and kustomizations.
func (r *Repository) list(ctx context.Context, revision Revision) ([]entry, error) {
	out, err := r.run(ctx, "ls-tree", "-r", "-l", "-z", "--full-tree", revision.Commit)
	if failed, ok := errors.AsType[*failedError](err); ok && strings.Contains(failed.reason, "promisor remote") {
		return nil, fmt.Errorf("read base %s: this clone was made with a filter and lacks part of it; run git fetch --refetch --no-filter", revision.Ref)
	}
	if err != nil {
		return nil, fmt.Errorf("read base %s: %w", revision.Ref, err)
	}
	var entries []entry
	for line := range bytes.SplitSeq(out, []byte{0}) {
		if len(line) == 0 {
			continue
		}
		e, err := parse(string(line))
		if err != nil {
			return nil, fmt.Errorf("read base %s: %w", revision.Ref, err)
		}
		if e.kind == "blob" && (e.size <= maxOther || source.Manifest(e.name)) {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// parse reads a line of ls-tree -l: mode, type, object, size, tab, name.
func parse(line string) (entry, error) {
	fields, name, found := strings.Cut(line, "\t")
	words := strings.Fields(fields)
	if !found || len(words) != 4 {
		return entry{}, fmt.Errorf("git ls-tree says %q", line)
	}
	e := entry{mode: words[0], kind: words[1], object: words[2], name: name}
	if e.kind == "blob" {
		size, err := strconv.ParseInt(words[3], 10, 64)
		if err != nil {
			return entry{}, fmt.Errorf("git ls-tree says %q", line)
		}
		e.size = size
	}
	return e, nil
}

// contents streams the files' contents from one git process, in their order.
func (r *Repository) contents(ctx context.Context, entries []entry, w *writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.command(ctx, "cat-file", "--batch")
	var wanted, stderr bytes.Buffer
	for _, e := range entries {
		wanted.WriteString(e.object + "\n")
	}
	cmd.Stdin, cmd.Stderr = &wanted, &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return gitError(ctx, "cat-file", err, "")
	}
	reader := bufio.NewReaderSize(out, 1<<16)
	for _, e := range entries {
		if err := next(reader, e, w); err != nil {
			cancel()
			_ = cmd.Wait() //nolint:errcheck // it was stopped; err says why
			return err
		}
	}
	if err := cmd.Wait(); err != nil {
		return gitError(ctx, "cat-file", err, stderr.String())
	}
	return nil
}

// next copies one answer of cat-file --batch: object, type and size on a line, the content, a line break.
func next(reader *bufio.Reader, e entry, w *writer) error {
	head, err := reader.ReadString('\n')
	if err != nil {
		return fmt.Errorf("read %s: %w", e.name, err)
	}
	words := strings.Fields(head)
	if len(words) != 3 || words[1] != "blob" {
		return fmt.Errorf("read %s: git does not have its content (%s)", e.name, strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil {
		return fmt.Errorf("read %s: git says %q", e.name, head)
	}
	if err := w.write(e, io.LimitReader(reader, size)); err != nil {
		return fmt.Errorf("write %s: %w", e.name, err)
	}
	_, err = reader.Discard(1)
	return err
}

// writer writes files below a folder that no name and no link leads out of.
type writer struct {
	root     *os.Root
	problems []source.Problem
}

const link = "120000"

func (w *writer) write(e entry, content io.Reader) error {
	name := filepath.FromSlash(e.name)
	if !filepath.IsLocal(name) {
		return errors.New("its name leads out of the repository")
	}
	if err := w.root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if e.mode == link {
		target, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		return w.link(e.name, string(target))
	}
	buffered := bufio.NewReader(content)
	if start, err := buffered.Peek(len(lfs)); err == nil && string(start) == lfs && source.Manifest(e.name) {
		w.problems = append(w.problems, source.Problem{
			Place:   object.Place{File: e.name},
			Message: "read base: its content is in Git LFS and not in the repository",
		})
	}
	file, err := w.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, buffered)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// link makes a link that stays in the repository. One that leads out of it means something on the machine where the
// repository is checked out; in a base it means nothing.
func (w *writer) link(name, target string) error {
	if path.IsAbs(target) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(name), target))) {
		if source.Manifest(name) {
			w.problems = append(w.problems, source.Problem{
				Place:   object.Place{File: name},
				Message: "read base: it is a link to " + strconv.Quote(target) + ", outside of the repository",
			})
		}
		return nil
	}
	return w.root.Symlink(filepath.FromSlash(target), filepath.FromSlash(name))
}
