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
		"plain/a": ".guard.yaml",
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
		"folder": "is no file", "missing": "no such file or directory",
	} {
		if got, err := config.Find(filepath.Join(root, start), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", start, got, err)
		}
	}
}

func TestReadNamesTheFile(t *testing.T) {
	t.Parallel()
	root := tree(t, ".guard.yaml")
	file := filepath.Join(root, ".guard.yaml")
	if err := os.WriteFile(file, []byte("paths: [deploy]\nx: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(file, nil); err == nil || !strings.HasPrefix(err.Error(), file+":2:1: ") {
		t.Error(err)
	}
	if c, err := config.Read("", nil); err != nil || c.Folder() != "" || c.Below("deploy") != "deploy" {
		t.Errorf("%+v, %v", c, err)
	}
	if err := os.WriteFile(file, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(file, nil); err == nil || !strings.Contains(err.Error(), "longer than 1048576 bytes") {
		t.Error(err)
	}
	if _, err := config.Read(filepath.Join(root, "missing"), nil); err == nil {
		t.Error("a missing file is read")
	}
}
