package git_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/data-guard/guard/engine/source/git"
)

// clone is a repository under test.
type clone struct {
	testing.TB

	dir string
}

func (c clone) git(args ...string) string {
	c.Helper()
	cmd := exec.CommandContext(c.Context(), "git", args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c clone) write(name, text string) {
	c.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		c.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c clone) commit() {
	c.Helper()
	c.git("add", "-A")
	c.git("commit", "-q", "-m", "a change")
}

// repository has three commits on main: a.yaml says 1, 2, 3.
func repository(tb testing.TB) clone {
	tb.Helper()
	c := clone{tb, tb.TempDir()}
	c.git("init", "-q", "-b", "main")
	c.git("config", "uploadpack.allowFilter", "true")
	for _, text := range []string{"1", "2", "3"} {
		c.write("deploy/a.yaml", text)
		c.commit()
	}
	return c
}

func open(tb testing.TB, dir string) *git.Repository {
	tb.Helper()
	r, err := git.Open(tb.Context(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestCheckoutWritesTheRevision(t *testing.T) {
	t.Parallel()
	c := repository(t)
	c.write("deploy/.gitattributes", "a.yaml export-ignore\n")
	c.write("name with\ttab \u4e2d.yaml", "x")
	c.write("big.bin", strings.Repeat("x", 6<<20))
	c.write("lfs.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
	for name, target := range map[string]string{"inside.yaml": "deploy/a.yaml", "outside.yaml": "/etc/hostname", "deploy/up.yaml": "../../up.yaml"} {
		if err := os.Symlink(target, filepath.Join(c.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	c.commit()
	r := open(t, filepath.Join(c.dir, "deploy"))
	revision, err := r.Resolve(t.Context(), "HEAD", false)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder, problems, err := r.Checkout(t.Context(), revision, dir)
	if err != nil || folder != filepath.Join(dir, "deploy") {
		t.Fatalf("%s: %v", folder, err)
	}
	for name, want := range map[string]string{"deploy/a.yaml": "3", "name with\ttab \u4e2d.yaml": "x", "inside.yaml": "3"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"big.bin", "outside.yaml", "deploy/up.yaml"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	var said []string
	for _, p := range problems {
		said = append(said, p.Error())
	}
	want := `deploy/up.yaml: read base: it is a link to "../../up.yaml", outside of the repository
lfs.yaml: read base: its content is in Git LFS and not in the repository
outside.yaml: read base: it is a link to "/etc/hostname", outside of the repository`
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheMergeBaseIsWhereTheChangeBegan(t *testing.T) {
	t.Parallel()
	c := repository(t)
	began := c.git("rev-parse", "HEAD~1")
	c.git("checkout", "-q", "-b", "change", "HEAD~1")
	c.write("b.yaml", "b")
	c.commit()
	r := open(t, c.dir)
	revision, err := r.Resolve(t.Context(), "main", false)
	if err != nil || revision.Commit != began || !revision.MergeBase || !strings.HasPrefix(revision.String(), "main (merge base ") {
		t.Errorf("%v: %v", revision, err)
	}
	revision, err = r.Resolve(t.Context(), "main", true)
	if err != nil || revision.Commit != c.git("rev-parse", "main") || revision.MergeBase {
		t.Errorf("%v: %v", revision, err)
	}
}

func TestResolveSaysWhatToFetch(t *testing.T) {
	t.Parallel()
	c := repository(t)
	c.git("checkout", "-q", "--orphan", "other")
	c.commit()
	c.git("checkout", "-q", "main")
	shallow := clone{t, t.TempDir()}
	shallow.git("clone", "-q", "--depth=1", "--no-local", "--branch=main", "file://"+c.dir, ".")
	shallow.git("fetch", "-q", "--depth=1", "origin", c.git("rev-parse", "HEAD~2"))
	old := shallow.git("rev-parse", "FETCH_HEAD")
	alone := clone{t, t.TempDir()}
	alone.git("init", "-q", "-b", "main")
	alone.write("a.yaml", "1")
	alone.commit()
	for _, test := range []struct {
		clone     clone
		ref, want string
	}{
		{c, "none", "read base none: it is no file, no folder and no git revision"},
		{c, "--output=x", "read base --output=x: it is no file, no folder and no git revision"},
		{c, "other", "find the merge base of other and HEAD: they have no common history; compare with other itself (--base-exact)"},
		{alone, "main~1", "read base main~1: it is no file, no folder and no git revision"},
		{shallow, "HEAD~1", "read base HEAD~1: this clone is shallow and does not reach it; run git fetch --deepen=50, or git fetch --unshallow"},
		{shallow, "origin/other", "read base origin/other: this clone does not have it; run git fetch origin other:refs/remotes/origin/other --unshallow"},
		{shallow, "other", "read base other: it is no file, no folder, and no revision that this clone has; if it is a branch or commit of origin, run git fetch origin other --unshallow"},
		{shallow, old, "find the merge base of " + old + " and HEAD: this clone is shallow and does not reach it; run git fetch --unshallow, or compare with " + old + " itself (--base-exact)"},
	} {
		if _, err := open(t, test.clone.dir).Resolve(t.Context(), test.ref, false); err == nil || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.ref, err, test.want)
		}
	}
}

func TestContentThatTheCloneLacksIsNamed(t *testing.T) {
	t.Parallel()
	c := repository(t)
	partial := clone{t, t.TempDir()}
	partial.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+c.dir, ".")
	r := open(t, partial.dir)
	revision, err := r.Resolve(t.Context(), "HEAD~1", false)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = r.Checkout(t.Context(), revision, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "read base HEAD~1: this clone was made with a filter and lacks part of it") {
		t.Error(err)
	}
}

func TestWhatIsNoRepositoryIsSaid(t *testing.T) {
	t.Parallel()
	if _, err := git.Open(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Error(err)
	}
}

func TestNamesAreThoseInTheRepository(t *testing.T) {
	t.Parallel()
	c := repository(t)
	dir := filepath.Join(c.dir, "deploy")
	r := open(t, dir)
	for name, want := range map[string]string{"a.yaml": "deploy/a.yaml", ".": "deploy", "..": ".", filepath.Join(c.dir, "x"): "x"} {
		if got, err := r.Relative(dir, name); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := r.Relative(dir, "../../x"); err == nil || !strings.Contains(err.Error(), "outside of the git repository") {
		t.Error(err)
	}
}
