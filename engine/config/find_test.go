package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/data-guard/guard/engine/config"
)

// tree makes files and, for names that end in a slash, folders.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		path := filepath.Join(root, filepath.FromSlash(name))
		folder := path
		if !strings.HasSuffix(name, "/") {
			folder = filepath.Dir(path)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if folder == path || strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFindGoesUpToTheRootOfTheWorkTree(t *testing.T) {
	t.Parallel()
	root := tree(t, ".guard.yaml", "repo/.git/", "repo/a/b/", "sub/.git", "sub/.guard.yml", "sub/a/", "sub/a/b/.guard.yaml", "plain/a/")
	for start, want := range map[string]string{
		"repo/a/b": "", "repo": "", "sub": "sub/.guard.yml", "sub/a": "sub/.guard.yml", "sub/a/b": "sub/a/b/.guard.yaml",
		"plain/a": ".guard.yaml", "sub/missing/folder": "sub/.guard.yml",
	} {
		got, err := config.Find(filepath.Join(root, start), "")
		if err != nil {
			t.Error(err)
		}
		if want != "" {
			want = filepath.Join(root, want)
		}
		if got != want {
			t.Errorf("from %s: %q, want %q", start, got, want)
		}
	}
	if got, err := config.Find(filepath.Join(root, "plain", "a"), filepath.Join(root, "plain")); got != "" || err != nil {
		t.Errorf("below top: %q, %v", got, err)
	}
}

func TestFindNamesTheFileFromWhereItLooks(t *testing.T) {
	root := tree(t, "repo/.git/", "repo/.guard.yaml", "repo/a/b/")
	t.Chdir(filepath.Join(root, "repo", "a", "b"))
	if got, err := config.Find(".", ""); got != "../../.guard.yaml" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := config.Find("..", ""); got != "../../.guard.yaml" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	// The folder above a link's target is the one that ".." leads to.
	link := filepath.Join(root, "link")
	if err := os.Symlink(filepath.Join(root, "repo", "a"), link); err != nil {
		t.Fatal(err)
	}
	got, err := config.Find(link, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(got); err != nil {
		t.Error(err)
	}
}

func TestFindRefusesTwoFilesAndAFolder(t *testing.T) {
	t.Parallel()
	root := tree(t, "two/.guard.yaml", "two/.guard.yml", "folder/.guard.yaml/")
	for start, want := range map[string]string{
		"two":    "look for .guard.yaml: .guard.yaml and .guard.yml stand in ",
		"folder": "is no file",
	} {
		if got, err := config.Find(filepath.Join(root, start), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", start, got, err)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReadNamesTheFile(t *testing.T) {
	t.Parallel()
	root := tree(t, ".guard.yaml")
	file := filepath.Join(root, ".guard.yaml")
	for text, want := range map[string]string{
		"paths: [deploy]\nx: 1\n":        "was/.guard.yaml:2:1: ",
		strings.Repeat(" ", 2<<20):       "was/.guard.yaml:1:1: read configuration: the file is longer than 1048576 bytes",
		"charts: [{path: a}, {path: b}]": "was/.guard.yaml:1:11: read configuration: charts: there is no chart in \"a\"\nwas/.guard.yaml:1:22: ",
	} {
		write(t, file, text)
		if _, err := config.Read(file, "was/.guard.yaml", nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := config.Read(filepath.Join(root, "missing"), "missing", nil); err == nil {
		t.Error("a missing file is read")
	}
}

// TestAFileSpeaksForItsFolder runs below, beside and above the folder of the file.
func TestAFileSpeaksForItsFolder(t *testing.T) {
	root := tree(t, "repo/.guard.yaml", "repo/charts/db/Chart.yaml", "repo/a/b/", "link-target/")
	write(t, filepath.Join(root, "repo", ".guard.yaml"), "paths: [a/b]\nignore: [a/*.yaml]\ncharts: [{path: charts/db/}]\n")
	if err := os.Symlink(filepath.Join(root, "repo"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string][4]string{
		"repo":     {".guard.yaml", "a/b", "a/x.yaml", "charts/db"},
		"repo/a":   {"../.guard.yaml", "b", "x.yaml", "../charts/db"},
		"repo/a/b": {"../../.guard.yaml", ".", "../x.yaml", "../../charts/db"},
		".":        {"repo/.guard.yaml", "repo/a/b", "repo/a/x.yaml", "repo/charts/db"},
		"link":     {".guard.yaml", "a/b", filepath.Join(root, "link/a/x.yaml"), filepath.Join(root, "repo/charts/db")},
	} {
		t.Chdir(filepath.Join(root, from))
		c, err := config.Read(want[0], want[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Below(c.Paths[0]); got != want[1] {
			t.Errorf("from %s: path %s, want %s", from, got, want[1])
		}
		if _, ok := c.Ignores(".", want[2], false); !ok {
			t.Errorf("from %s: %s is not ignored", from, want[2])
		}
		if len(c.RendersOf(want[3])) != 1 || c.RendersOf("elsewhere") != nil || c.RendersOf(root) != nil {
			t.Errorf("from %s: %v", from, c.RendersOf(want[3]))
		}
	}
	t.Chdir(filepath.Join(root, "repo"))
	c, err := config.Read(".guard.yaml", ".guard.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Ignores(".", "../copy/a/x.yaml", false); ok {
		t.Error("a file elsewhere is ignored")
	}
	if err := c.SpeakFor("../copy"); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Ignores(".", "../copy/a/x.yaml", false); !ok {
		t.Error("the copy is not spoken for")
	}
}
