package kustomize

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/resid"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// patchEntry is an entry of a kustomization file that patches objects.
type patchEntry struct {
	// pointer leads to the patch's text or path in the kustomization file.
	pointer string
	// path is the file, relative to the kustomization; "" for an inline patch.
	path   string
	inline string
	target *types.Selector
}

// jsonPatches are the entries of patchesJson6902, patches those that kustomize does long before.
func jsonPatches(l *layer) []patchEntry { return entries("patchesJson6902", l.spec.PatchesJson6902) }

func patches(l *layer) []patchEntry {
	var out []patchEntry
	for i, p := range l.spec.PatchesStrategicMerge {
		u := use{kind: mergePatch, text: string(p)}
		e := patchEntry{pointer: fmt.Sprintf("/patchesStrategicMerge/%d", i)}
		if u.inline() {
			e.inline = string(p)
		} else {
			e.path = string(p)
		}
		out = append(out, e)
	}
	return append(out, entries("patches", l.spec.Patches)...)
}

func entries(field string, list []types.Patch) []patchEntry {
	out := make([]patchEntry, len(list))
	for i, p := range list {
		out[i] = patchEntry{pointer: fmt.Sprintf("/%s/%d/path", field, i), path: p.Path, inline: p.Patch, target: p.Target}
		if p.Path == "" {
			out[i].pointer = fmt.Sprintf("/%s/%d/patch", field, i)
		}
	}
	return out
}

// patch is a patch's text, taken apart: operations, or objects to be merged.
type patch struct {
	doc     *object.Document
	objects []*object.Object
	ops     *ast.Array
	// inner is set for an inline patch: the place of its entry.
	inner *object.Place
	layer *layer
}

// patch reads an entry once.
func (t *trace) patch(l *layer, e patchEntry) *patch {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	key := l.doc.File + e.pointer
	if p, ok := t.patches[key]; ok {
		return p
	}
	p := &patch{layer: l}
	if e.path == "" {
		place := l.place(e.pointer)
		p.inner = &place
		p.doc = &object.Document{File: l.doc.File, Line: 1, Text: []byte(e.inline)}
	} else {
		i := slices.IndexFunc(l.uses, func(u use) bool { return u.pointer == e.pointer })
		if i < 0 || l.uses[i].path == "" {
			return p
		}
		content, err := t.walk.disk.ReadFile(l.uses[i].path)
		if err != nil {
			return p
		}
		p.doc = t.walk.disk.document(l.uses[i].path, content)
	}
	p.read()
	if t.patches == nil {
		t.patches = map[string]*patch{}
	}
	t.patches[key] = p
	return p
}

func (p *patch) read() {
	if content, err := yaml.YAMLToJSON(p.doc.Text); err == nil {
		if value, _, err := object.NewDecoder().DecodeJSON(content); err == nil {
			if ops, ok := value.(*ast.Array); ok {
				p.ops = ops
				return
			}
		}
	}
	for _, world := range source.Text(p.doc.File, p.doc.Text).Worlds {
		p.objects = append(p.objects, world.Objects...)
	}
}

// place is that of a place in the patch's text; of an inline patch, in the kustomization file that it is a part of.
func (p *patch) place(found object.Place) object.Place {
	if p.inner == nil {
		return found
	}
	lines := strings.Split(string(p.layer.doc.Text), "\n")
	i := p.inner.Line + found.Line - 1
	want := strings.TrimSpace(found.Source)
	if i < 0 || i >= len(lines) || want == "" || strings.TrimSpace(lines[i]) != want {
		return *p.inner
	}
	shift := indent(lines[i]) - indent(found.Source)
	found.Line, found.Column, found.Source = i+1, found.Column+shift, strings.TrimRight(lines[i], "\r")
	return found
}

func indent(line string) int {
	return utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeft(line, " \t"))
}

// patched is the place of the last of a layer's patches that gives a field its value.
func (s *subject) patched(l *layer, list []patchEntry, steps []string, value ast.Value) (object.Place, bool) {
	for _, entry := range slices.Backward(list) {
		p := s.trace.patch(l, entry)
		if p.ops != nil {
			if s.targeted(entry.target) {
				if place, ok := s.operated(p, steps, value); ok {
					return place, true
				}
			}
			continue
		}
		for _, o := range slices.Backward(p.objects) {
			if !s.targeted(entry.target) || entry.target == nil && !s.meant(o) || len(steps) < 2 {
				continue
			}
			there, sets, ok := s.follow(s.made.Value, o.Value, steps)
			if ok && (equal(sets, value) || composite(sets, value) || s.renamed(text(sets), text(value))) {
				return p.place(o.Origin.Locate(pointerOf(there))), true
			}
		}
	}
	return object.Place{}, false
}

// operated is the place of the last operation of a JSON patch that gives a field its value.
func (s *subject) operated(p *patch, steps []string, value ast.Value) (object.Place, bool) {
	for i := p.ops.Len() - 1; i >= 0; i-- {
		op := p.ops.Elem(i).Value
		to := object.SplitPointer(text(child(op, "path")))
		sets := child(op, "value")
		if name := text(child(op, "op")); name != "add" && name != "replace" || sets == nil || len(to) > len(steps) {
			continue
		}
		there, ok := s.within(to, sets, steps, value)
		if ok {
			pointer := pointerOf(append([]string{strconv.Itoa(i), "value"}, there...))
			return p.place(object.Origin{Document: p.doc}.Locate(pointer)), true
		}
	}
	return object.Place{}, false
}

// within finds the rest of steps in the value that an operation sets at a path.
func (s *subject) within(to []string, sets ast.Value, steps []string, value ast.Value) ([]string, bool) {
	last := len(to) - 1
	if last >= 0 && slices.Equal(to[:last], steps[:last]) {
		if list, ok := at(s.made.Value, steps[:last]).(*ast.Array); ok {
			there, found, ok := s.follow(list, ast.NewArray(ast.NewTerm(sets)), steps[last:])
			if ok && equal(found, value) {
				return there[1:], true
			}
			return nil, false
		}
	}
	if !slices.Equal(to, steps[:len(to)]) {
		return nil, false
	}
	there, found, ok := s.follow(at(s.made.Value, to), sets, steps[len(to):])
	return there, ok && equal(found, value)
}

// removed is the place of the patch that took a field away.
func (s *subject) removed(steps []string) (object.Place, bool) {
	for _, l := range s.origin.way {
		list := append(patches(l), jsonPatches(l)...)
		for _, entry := range slices.Backward(list) {
			p := s.trace.patch(l, entry)
			if p.ops == nil || !s.targeted(entry.target) {
				continue
			}
			for j := p.ops.Len() - 1; j >= 0; j-- {
				op := p.ops.Elem(j).Value
				if text(child(op, "op")) == "remove" && slices.Equal(object.SplitPointer(text(child(op, "path"))), steps) {
					return p.place(object.Origin{Document: p.doc}.Locate(fmt.Sprintf("/%d/path", j))), true
				}
			}
		}
	}
	return object.Place{}, false
}

// meant says that a patch without a target is one for the object.
func (s *subject) meant(o *object.Object) bool {
	return o.Group == s.made.Group && o.Kind == s.made.Kind && slices.Contains(s.origin.names, o.Name) &&
		(o.Namespace == "" || o.Namespace == s.made.Namespace || s.origin.object != nil && o.Namespace == s.origin.object.Namespace)
}

// targeted says that a target selects the object, under any of its names; nil selects what the patch itself names.
func (s *subject) targeted(target *types.Selector) bool {
	if target == nil {
		return true
	}
	match, err := types.NewSelectorRegex(target)
	if err != nil || !match.MatchGvk(resid.Gvk{Group: s.made.Group, Version: s.made.Version, Kind: s.made.Kind}) {
		return false
	}
	if !slices.ContainsFunc(s.origin.names, match.MatchName) {
		return false
	}
	own := s.origin.object
	if own == nil {
		own = s.made
	}
	if !match.MatchNamespace(own.Namespace) && !match.MatchNamespace(s.made.Namespace) {
		return false
	}
	return selects(target.LabelSelector, own.Labels, s.made.Labels) && selects(target.AnnotationSelector, own.Annotations, s.made.Annotations)
}

func selects(selector string, before, after map[string]string) bool {
	if selector == "" {
		return true
	}
	parsed, err := labels.Parse(selector)
	return err == nil && (parsed.Matches(labels.Set(before)) || parsed.Matches(labels.Set(after)))
}
