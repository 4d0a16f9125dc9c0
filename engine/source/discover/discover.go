// Package discover finds out how the files of a tree are to be read: a folder with a Chart.yaml is rendered, one with a
// kustomization is built, and the rest are manifests. Nothing is read twice.
package discover

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/helm"
	"github.com/data-guard/guard/engine/source/kustomize"
)

// Options says what to read. The zero value reads nothing.
type Options struct {
	// Tree is where all names are.
	Tree source.Tree
	// Paths are files, folders, globs and "-". What a file that is named here says is never ignored.
	Paths []string
	Stdin io.Reader
	// Kustomizations and Charts are folders that are one, and are read as such and as nothing else.
	Kustomizations []string
	Charts         []string
	// Ignore says that a file or folder is not read when root, a folder above it, is, and why; without a reason it goes
	// without saying. nil reads all.
	Ignore func(root, name string, folder bool) (reason string, ignored bool)
	// Except is a folder on disk that is not read, wherever it is; "" for none.
	Except string
	// Sets says with which values a chart is rendered, by its folder; one for which it has none, and with nil all, are
	// rendered as Default says.
	Sets func(dir string) []Set
	// Default is how a chart is rendered that has no sets of its own.
	Default Set
	// Partial says that what is not there is no problem: a change may bring it.
	Partial bool
	// AllowRemote lets kustomizations fetch remote bases.
	AllowRemote bool
}

// Set is one way to render a chart.
type Set struct {
	// Name tells the sets of a chart apart: "prod". "" for the only one.
	Name string
	// Release and Namespace are the release's; "" leaves them to Helm's defaults.
	Release, Namespace string
	// Values are files; Set, SetString and SetFile are read as Helm's flags of that name.
	Values, Set, SetString, SetFile []string
	KubeVersion                     string
	APIVersions                     []string
}

// Read reads everything once. What is wrong is in Problems; worlds stand in the order of their names within an argument.
func Read(o Options) *source.Read {
	w := &walk{Options: o, read: &source.Read{}}
	for _, dir := range w.present(o.Charts) {
		w.charts(path.Clean(dir))
	}
	for _, dir := range w.present(o.Kustomizations) {
		w.kustomization(path.Clean(dir))
	}
	var single []string
	for _, arg := range o.Paths {
		for _, name := range w.expand(arg) {
			if info, err := os.Stat(o.Tree.Disk(name)); name != source.Stdin && err == nil && info.IsDir() {
				w.folder(path.Clean(name))
			} else {
				single = append(single, name)
			}
		}
	}
	w.read.Named(o.Tree, single, o.Stdin)
	w.read.Sort()
	return w.read
}

type walk struct {
	Options

	read *source.Read
}

// folder reads all that is below a folder. What no kustomization uses and no chart owns is one world.
func (w *walk) folder(root string) {
	t := &territory{}
	names := w.read.Walk(w.Tree, root, func(name string, entry fs.DirEntry) bool {
		switch chart, rest := t.chart(name); {
		case name != root && w.ignored(root, name, entry.IsDir()), entry.IsDir() && w.excepted(name):
			return false
		case !entry.IsDir() && chart != "":
			if !helms(rest) {
				w.read.Skipped = append(w.read.Skipped, source.Skipped{Place: object.Place{File: name}, Reason: "it is in the folder of a chart and no template of it"})
			}
			return false
		case !entry.IsDir():
			return true
		case chart != "" && slices.Contains([]string{"templates", "charts", "crds"}, rest):
			return false
		case helm.IsChart(w.Tree.Disk(name)):
			t.charts = append(t.charts, name)
		case w.kustomized(name):
			t.kustomizations = append(t.kustomizations, name)
		}
		return true
	})
	for _, dir := range t.charts {
		w.charts(dir)
	}
	used := map[string]bool{}
	for _, folder := range kustomize.Graph(w.Tree, t.kustomizations) {
		if folder.Root {
			w.kustomization(folder.Path)
		}
		for _, name := range folder.Files {
			used[path.Clean(name)] = true
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return used[name] })
	if len(names) > 0 || len(t.charts)+len(t.kustomizations) == 0 {
		w.read.World(w.Tree, root, names)
	}
}

func (w *walk) expand(arg string) []string {
	if w.Partial {
		return w.present((&source.Read{}).Expand(w.Tree, arg))
	}
	return w.read.Expand(w.Tree, arg)
}

// present leaves out what a partial tree does not have.
func (w *walk) present(names []string) []string {
	if !w.Partial {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, err := os.Stat(w.Tree.Disk(name))
		return name != source.Stdin && errors.Is(err, fs.ErrNotExist)
	})
}

// territory is what was found on the way.
type territory struct{ charts, kustomizations []string }

// chart is the innermost chart that the file or folder is in, and its name from there; "" for none.
func (t *territory) chart(name string) (chart, rest string) {
	for _, dir := range slices.Backward(t.charts) {
		if dir == "." && name != "." {
			return dir, name
		}
		if rest, in := strings.CutPrefix(name, dir+"/"); in {
			return dir, rest
		}
	}
	return "", ""
}

// helms says that Helm reads a file of a chart by this name, or that it describes values or dependencies.
func helms(name string) bool {
	for _, pattern := range []string{"Chart.*", "values*", "*-values*", "*.values.*", "requirements.*", "ci/*", "questions.y*ml", "values.schema.json"} {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// charts renders a chart with each of its sets of values.
func (w *walk) charts(dir string) {
	var sets []Set
	if w.Sets != nil {
		sets = w.Sets(path.Clean(dir))
	}
	if len(sets) == 0 {
		sets = []Set{w.Default}
	}
	for _, set := range sets {
		read := helm.Render(helm.Chart{
			Tree: w.Tree, Path: dir, Release: cmp.Or(set.Release, w.Default.Release), Namespace: cmp.Or(set.Namespace, w.Default.Namespace),
			Values: set.Values, Set: set.Set, SetString: set.SetString, SetFile: set.SetFile,
			KubeVersion: cmp.Or(set.KubeVersion, w.Default.KubeVersion),
			APIVersions: append(slices.Clone(w.Default.APIVersions), set.APIVersions...),
		})
		for i := range read.Worlds {
			read.Worlds[i].Name, read.Worlds[i].How, read.Worlds[i].Set = dir, source.Chart, set.Name
		}
		w.read.Add(read)
	}
}

func (w *walk) kustomized(dir string) bool {
	_, found := kustomize.File(kustomize.Kustomization{Tree: w.Tree, Path: dir})
	return found
}

func (w *walk) kustomization(dir string) {
	read := kustomize.Build(kustomize.Kustomization{Tree: w.Tree, Path: dir, AllowRemote: w.AllowRemote})
	for i := range read.Worlds {
		read.Worlds[i].Name, read.Worlds[i].How = dir, source.Kustomization
	}
	w.read.Add(read)
}

func (w *walk) excepted(name string) bool {
	if w.Except == "" {
		return false
	}
	here, err := os.Stat(w.Tree.Disk(name))
	if err != nil {
		return false
	}
	except, err := os.Stat(w.Except)
	return err == nil && os.SameFile(here, except)
}

// ignored says that the file or folder is not read, and tells of it where it would have been.
func (w *walk) ignored(root, name string, folder bool) bool {
	if w.Ignore == nil {
		return false
	}
	reason, ignored := w.Ignore(root, name, folder)
	if ignored && reason != "" && (folder || source.Manifest(name)) {
		w.read.Skipped = append(w.read.Skipped, source.Skipped{Place: object.Place{File: name}, Reason: reason})
	}
	return ignored
}
