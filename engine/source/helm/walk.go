package helm

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/ignore"

	"github.com/data-guard/guard/engine/object"
)

// walk reads a chart's folder as Helm's loader does, links followed and .helmignore honoured, except that a link which leads
// out of the folder is a problem: a pull request must not read what lies beside it.
type walk struct {
	*run

	root    *os.Root
	files   *files
	ignored *ignore.Rules
}

func ignoredBy(root *os.Root) (*ignore.Rules, error) {
	rules := ignore.Empty()
	file, err := root.Open(ignore.HelmIgnore)
	if err == nil {
		defer file.Close() //nolint:errcheck // nothing was written
		rules, err = ignore.Parse(file)
	}
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	rules.AddDefaults()
	return rules, nil
}

// folder reads the files below dir; above are the folders that lead to it.
func (w *walk) folder(dir string, above []fs.FileInfo) {
	shown := path.Join(w.Path, dir)
	folder, err := w.root.Open(dir)
	if err != nil {
		w.problem(object.Place{File: shown}, "read folder: %v", cause(err))
		return
	}
	info, err := folder.Stat()
	var names []string
	if err == nil {
		names, err = folder.Readdirnames(-1)
	}
	if closed := folder.Close(); err == nil {
		err = closed
	}
	if err != nil {
		w.problem(object.Place{File: shown}, "read folder: %v", cause(err))
		return
	}
	if slices.ContainsFunc(above, func(i fs.FileInfo) bool { return os.SameFile(i, info) }) {
		w.problem(object.Place{File: shown}, "read folder: a link leads back to a folder that it is in")
		return
	}
	slices.Sort(names)
	for _, name := range names {
		w.entry(path.Join(dir, name), append(slices.Clip(above), info))
	}
}

func (w *walk) entry(name string, above []fs.FileInfo) {
	shown := object.Place{File: path.Join(w.Path, name)}
	info, err := w.root.Lstat(name)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if w.ignored.Ignore(name, info) {
			return
		}
		info, err = w.root.Stat(name)
	}
	switch {
	case err != nil && escapes(err):
		w.problem(shown, "a link leads out of the chart's folder and is not followed")
	case err != nil:
		w.problem(shown, "open: %v", cause(err))
	case w.ignored.Ignore(name, info):
	case info.IsDir():
		w.folder(name, above)
	default:
		text, err := readAt(w.root, name)
		if err == nil {
			err = w.files.add(name, shown.File, text, 0)
		}
		if err != nil {
			w.problem(shown, "open: %s", strings.TrimPrefix(cause(err).Error(), "unpack "+shown.File+": "))
		}
	}
}
