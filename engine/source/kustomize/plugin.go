package kustomize

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// useKind is what kustomize does with an entry.
type useKind int

const (
	// base is a file of objects or a folder with a kustomization.
	base useKind = iota
	// component is a folder with a Component.
	component
	// plugin is the configuration of a generator, transformer or validator: inline, a file or a folder.
	plugin
	// mergePatch is a patch, inline or a file.
	mergePatch
	// file is a file.
	file
)

// use is an entry of a kustomization file that names something to read.
type use struct {
	kind useKind
	// text is the entry, pointer its RFC 6901 pointer in the kustomization file.
	text, pointer string
	// path is the real path of the file or folder; "" when the entry is inline or remote.
	path string
	// layer is the folder's kustomization; nil for a file.
	layer *layer
}

// inline says that the entry is YAML and no path.
func (u *use) inline() bool {
	return (u.kind == plugin || u.kind == mergePatch) && (strings.Contains(u.text, "\n") || strings.Contains(u.text, "{"))
}

// builtin is the API version of the plugins that are part of kustomize.
const builtin = "builtin"

func (w *walk) pluginFile(l *layer, u *use, path string) {
	text, err := w.disk.ReadFile(path)
	if err != nil {
		w.problem(l.place(u.pointer), "open %s: %v", u.text, w.words(err))
		return
	}
	w.plugins(l, u, w.disk.document(path, text))
}

// plugins refuses plugins that start a process or a container, and remote files in the configuration of the others.
func (w *walk) plugins(l *layer, u *use, doc *object.Document) {
	field, _, _ := strings.Cut(u.pointer[1:], "/")
	read := source.Text(doc.File, doc.Text)
	for _, p := range read.Problems {
		if u.path == "" {
			p.Place = l.place(u.pointer)
		}
		w.problem(p.Place, "%s", p.Message)
	}
	if len(read.Skipped) > 0 {
		w.problem(l.place(u.pointer), "build kustomization: %s names what is no plugin: %s", field, read.Skipped[0].Reason)
	}
	for _, world := range read.Worlds {
		for _, o := range world.Objects {
			place := o.Origin.Start()
			if u.path == "" {
				place = l.place(u.pointer)
			}
			switch {
			case o.APIVersion() != builtin:
				w.problem(place, "build kustomization: %s names the plugin %s, which would be a program or a container and is not started", field, o.Kind)
			case o.Kind == "HelmChartInflationGenerator":
				w.problem(place, "build kustomization: %s names the plugin %s, which needs helm; it is not started", field, o.Kind)
			default:
				w.pluginPaths(l, place, o.Value)
			}
		}
	}
}

// pluginPaths looks at whatever a built-in plugin may take for a file; kustomize reads keys in any case.
func (w *walk) pluginPaths(l *layer, place object.Place, value ast.Value) {
	switch v := value.(type) {
	case ast.Object:
		v.Foreach(func(key, value *ast.Term) {
			switch strings.ToLower(object.Text(key)) {
			case "path", "paths", "files", "envs", "env":
				w.pluginTexts(l, place, value.Value)
			}
			w.pluginPaths(l, place, value.Value)
		})
	case *ast.Array:
		v.Foreach(func(item *ast.Term) { w.pluginPaths(l, place, item.Value) })
	}
}

func (w *walk) pluginTexts(l *layer, place object.Place, value ast.Value) {
	switch v := value.(type) {
	case *ast.Array:
		v.Foreach(func(item *ast.Term) { w.pluginTexts(l, place, item.Value) })
	case ast.String:
		for _, text := range []string{string(v), fileOf(string(v))} {
			if isRemote(text, file) {
				if !w.remote {
					w.problem(place, "build kustomization: %s is remote and not fetched without --allow-remote", oneLine(text))
				}
				return
			}
			path := filepath.Join(l.folder, filepath.FromSlash(text))
			if target, err := w.disk.resolve(path); err == nil && within(l.folder, target) {
				if info, err := os.Stat(target); err == nil && info.Mode().IsRegular() {
					w.used[w.disk.show(path)] = true
				}
			}
		}
	}
}

// pluginFolder looks at plugins that a kustomization lists. One that does more than that is refused: what it changes could
// make a plugin name something remote.
func (w *walk) pluginFolder(l *layer, u *use, listed *layer) {
	rest := listed.spec
	rest.TypeMeta, rest.MetaData, rest.Resources, rest.Bases = types.TypeMeta{}, nil, nil, nil
	if !w.remote && !reflect.DeepEqual(rest, types.Kustomization{}) {
		w.problem(l.place(u.pointer), "build kustomization: %s does more than to list resources; plugins are not changed without --allow-remote", listed.doc.File)
		return
	}
	for i := range listed.uses {
		inner := &listed.uses[i]
		if inner.layer != nil {
			w.pluginFolder(l, u, inner.layer)
		} else if inner.path != "" {
			w.pluginFile(l, &use{kind: plugin, text: inner.text, pointer: u.pointer, path: inner.path}, inner.path)
		}
	}
}
