package kustomize

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// walk looks at what a build will read, before it does: nothing that would be fetched or started is left to kustomize.
type walk struct {
	disk     *disk
	remote   bool
	layers   map[string]*layer
	used     map[string]bool
	problems []source.Problem
}

func (w *walk) problem(place object.Place, format string, args ...any) {
	p := source.Problem{Place: place, Message: fmt.Sprintf(format, args...)}
	if !slices.Contains(w.problems, p) {
		w.problems = append(w.problems, p)
	}
}

// folder reads the kustomization in a real folder and all that it names. above are the folders that build on it.
func (w *walk) folder(path string, from object.Place, above []string) *layer {
	if slices.Contains(above, path) {
		w.problem(from, "build kustomization: %s builds on itself", w.disk.show(path))
		return nil
	}
	if l, ok := w.layers[path]; ok {
		return l
	}
	l := w.read(path, from)
	w.layers[path] = l
	if l == nil {
		return nil
	}
	w.charts(l)
	above = append(slices.Clone(above), path)
	for _, u := range references(&l.spec) {
		w.follow(l, &u, above)
		l.uses = append(l.uses, u)
	}
	return l
}

// charts refuses what helm would be started for.
func (w *walk) charts(l *layer) {
	for field, set := range map[string]bool{
		"helmCharts":                  len(l.spec.HelmCharts) > 0,
		"helmChartInflationGenerator": len(l.spec.HelmChartInflationGenerator) > 0,
	} {
		if set {
			w.problems = append(w.problems, l.problem("/"+field, "build kustomization: %s needs helm, which is not started; give guard the rendered chart", field))
		}
	}
}

// follow finds what an entry names.
func (w *walk) follow(l *layer, u *use, above []string) {
	if isRemote(u.text, u.kind) {
		if !w.remote {
			w.problem(l.place(u.pointer), "build kustomization: %s is remote and not fetched without --allow-remote", oneLine(u.text))
		}
		return
	}
	if u.inline() {
		if u.kind == plugin {
			w.plugins(l, u, w.disk.document(l.doc.File, []byte(u.text)))
		}
		return
	}
	if filepath.IsAbs(u.text) && (u.kind == component || w.disk.IsDir(u.text)) {
		w.problem(l.place(u.pointer), "open %s: a folder must be named relative to the kustomization", u.text)
		return
	}
	path := u.text
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.folder, filepath.FromSlash(path))
	}
	target, err := w.disk.resolve(path)
	if err != nil {
		w.problem(l.place(u.pointer), "open %s: %v", u.text, err)
		return
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		w.problem(l.place(u.pointer), "open %s: %v", u.text, cause(err))
	case !info.IsDir() && u.kind == component:
		w.problem(l.place(u.pointer), "open %s: a component is a folder", u.text)
	case info.IsDir() && u.kind == file:
		w.problem(l.place(u.pointer), "open %s: want a file, this is a folder", u.text)
	case info.IsDir():
		u.path = target
		u.layer = w.folder(target, l.place(u.pointer), above)
		if u.kind == plugin && u.layer != nil {
			w.pluginFolder(l, u, u.layer)
		}
	case !within(l.folder, target):
		w.problem(l.place(u.pointer), "open %s: a file must be in or below the kustomization's folder", u.text)
	default:
		u.path = target
		w.used[w.disk.show(path)] = true
		w.used[w.disk.show(target)] = true
		if u.kind == plugin {
			w.pluginFile(l, u, target)
		}
	}
}

// isRemote says that kustomize would fetch what an entry names. Files are fetched by their scheme (api/internal/loader,
// IsRemoteFile), folders by whatever reads as a repository (api/internal/git, NewRepoSpecFromURL), also where a local file
// has that name.
func isRemote(text string, kind useKind) bool {
	if u, err := url.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return true
	}
	if kind == file || kind == mergePatch {
		return false
	}
	if strings.HasPrefix(strings.ToLower(text), "git::") {
		return true
	}
	return (&resource.Origin{}).Append(text).Repo != ""
}

// references are all entries of a kustomization that name a file, a folder or a repository.
func references(k *types.Kustomization) []use {
	var uses []use
	add := func(kind useKind, text, format string, args ...any) {
		if text != "" {
			uses = append(uses, use{kind: kind, text: text, pointer: fmt.Sprintf(format, args...)})
		}
	}
	list := func(kind useKind, field string, texts []string) {
		for i, text := range texts {
			add(kind, text, "/%s/%d", field, i)
		}
	}
	list(base, "resources", k.Resources)
	list(base, "bases", k.Bases)
	list(component, "components", k.Components)
	list(plugin, "generators", k.Generators)
	list(plugin, "transformers", k.Transformers)
	list(plugin, "validators", k.Validators)
	list(file, "crds", k.Crds)
	list(file, "configurations", k.Configurations)
	add(file, k.OpenAPI["path"], "/openapi/path")
	for i, p := range k.Patches {
		add(file, p.Path, "/patches/%d/path", i)
	}
	for i, p := range k.PatchesJson6902 {
		add(file, p.Path, "/patchesJson6902/%d/path", i)
	}
	for i, p := range k.PatchesStrategicMerge {
		add(mergePatch, string(p), "/patchesStrategicMerge/%d", i)
	}
	for i, r := range k.Replacements {
		add(file, r.Path, "/replacements/%d/path", i)
	}
	pairs := func(field string, i int, s types.KvPairSources) {
		for j, text := range s.FileSources {
			add(file, fileOf(text), "/%s/%d/files/%d", field, i, j)
		}
		for j, text := range s.EnvSources {
			add(file, text, "/%s/%d/envs/%d", field, i, j)
		}
		add(file, s.EnvSource, "/%s/%d/env", field, i)
	}
	for i, g := range k.ConfigMapGenerator {
		pairs("configMapGenerator", i, g.KvPairSources)
	}
	for i, g := range k.SecretGenerator {
		pairs("secretGenerator", i, g.KvPairSources)
	}
	return uses
}

// fileOf is the path of a generator's [key=]path.
func fileOf(text string) string {
	if _, path, ok := strings.Cut(text, "="); ok {
		return path
	}
	return text
}
