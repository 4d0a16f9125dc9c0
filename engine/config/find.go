package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/data-guard/guard/engine/policy"
)

// maxFile is how large a file may be: a hundred times what a person writes.
const maxFile = 1 << 20

// Names are what the file may be called, the better name first.
func Names() []string { return []string{".guard.yaml", ".guard.yml"} }

// Find looks for the file in the folder start and those above it. The search ends with top, or where top is "" with the
// root of the git work tree that start is in, or outside of one with the root of the file system. The path is written
// from start on; "" says that there is none. Two files in one folder are an error: neither is obeyed
// by chance. start need not exist.
func Find(start, top string) (string, error) {
	bottom, err := resolve(start)
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", Names()[0], err)
	}
	if top != "" {
		if top, err = resolve(top); err != nil {
			return "", fmt.Errorf("look for %s: %w", Names()[0], err)
		}
	}
	for folder := bottom; ; folder = filepath.Dir(folder) {
		found, err := in(folder)
		if err != nil {
			return "", fmt.Errorf("look for %s: %w", Names()[0], err)
		}
		if found != "" {
			return relative(start, bottom, found), nil
		}
		if folder == top || top == "" && isGitRoot(folder) || folder == filepath.Dir(folder) {
			return "", nil
		}
	}
}

// resolve follows links: the folder above is the one that the system finds with "..", whatever way led here. The folder
// need not be there, as one that a change brings is not in base.
func resolve(folder string) (string, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	return physical(absolute), nil
}

// relative writes found after start, unless start is a link and ".." does not lead back from it on paper.
func relative(start, bottom, found string) string {
	way, err := filepath.Rel(bottom, found)
	if err != nil {
		return found
	}
	shown := filepath.Join(start, way)
	a, errA := os.Stat(shown)
	b, errB := os.Stat(found)
	if errA != nil || errB != nil || !os.SameFile(a, b) {
		return found
	}
	return shown
}

// in is the file of one folder.
func in(folder string) (string, error) {
	var found []string
	for _, name := range Names() {
		path := filepath.Join(folder, name)
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", err
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("%s is no file", path)
		default:
			found = append(found, path)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("%s and %s stand in %s; keep one", Names()[0], Names()[1], folder)
	}
}

// isGitRoot also takes a file for it, as submodules and linked work trees have one.
func isGitRoot(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, ".git"))
	return err == nil
}

// Read parses the file at disk, which is called name: as one would write it from the working directory, where the text is
// that of another revision. Charts that it names and that are not beside it are refused as well.
func Read(disk, name string, known []*policy.Policy) (*Config, error) {
	file, err := os.Open(disk)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(filepath.ToSlash(name), text, known)
	if err != nil {
		return nil, err
	}
	if c.from, err = resolve("."); err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if err := c.SpeakFor(filepath.Dir(name)); err != nil {
		return nil, err
	}
	return c, c.checkCharts(filepath.Dir(disk))
}

// checkCharts looks for the charts in the folder of the file: one that is not there would silently not be rendered as
// the file says.
func (c *Config) checkCharts(folder string) error {
	var problems []error
	for i, chart := range c.Charts {
		path := filepath.Join(folder, filepath.FromSlash(chart.Path))
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			_, err = os.Stat(filepath.Join(path, "Chart.yaml"))
		}
		if err != nil {
			place := c.Place(pointer("charts", itoa(i), "path"))
			problems = append(problems, &Problem{place, fmt.Sprintf("read configuration: charts: there is no chart in %q", chart.Path)})
		}
	}
	return errors.Join(problems...)
}
