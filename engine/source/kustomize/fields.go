package kustomize

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/data-guard/guard/engine/object"
)

// setBy is the place in a layer that gives a field its value. was is what a string was before. What kustomize does last
// is looked at first (api/internal/target/kusttarget_configplugin.go, configureBuiltinTransformers).
func (s *subject) setBy(l *layer, steps []string, value ast.Value, was string) (object.Place, bool) {
	for _, pointer := range []string{s.image(l, steps, text(value), was), s.replicas(l, steps, value)} {
		if pointer != "" {
			return l.place(pointer), true
		}
	}
	if place, ok := s.patched(l, jsonPatches(l), steps, value); ok {
		return place, true
	}
	for _, pointer := range []string{added(l, steps, text(value)), s.namespace(l, steps, text(value))} {
		if pointer != "" {
			return l.place(pointer), true
		}
	}
	return s.patched(l, patches(l), steps, value)
}

// image is the entry of images that made an image what it is.
func (s *subject) image(l *layer, steps []string, value, was string) string {
	if len(steps) == 0 || steps[len(steps)-1] != "image" {
		return ""
	}
	name, tag, digest := imageParts(value)
	before, oldTag, oldDigest := imageParts(was)
	for i, e := range slices.Backward(l.spec.Images) {
		becomes := e.NewName
		if becomes == "" {
			becomes = e.Name
		}
		if name != becomes || was != "" && before != e.Name && !s.becomes(e.Name) {
			continue
		}
		switch {
		case e.Digest != "" && e.Digest == digest:
			return fmt.Sprintf("/images/%d/digest", i)
		case e.Digest == "" && e.NewTag != "" && e.NewTag == tag:
			return fmt.Sprintf("/images/%d/newTag", i)
		case e.Digest == "" && e.NewTag == "" && e.NewName != "" && tag == oldTag && digest == oldDigest:
			return fmt.Sprintf("/images/%d/newName", i)
		}
	}
	return ""
}

// becomes says that a layer gives an image that name.
func (s *subject) becomes(name string) bool {
	return slices.ContainsFunc(s.origin.way, func(l *layer) bool {
		return slices.ContainsFunc(l.spec.Images, func(e types.Image) bool { return e.NewName == name })
	})
}

func imageParts(image string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, digest
}

// replicas is the entry of replicas that says how many there are.
func (s *subject) replicas(l *layer, steps []string, value ast.Value) string {
	if !slices.Equal(steps, []string{"spec", "replicas"}) {
		return ""
	}
	for i, r := range slices.Backward(l.spec.Replicas) {
		if slices.Contains(s.origin.names, r.Name) && value.Compare(ast.Number(strconv.FormatInt(r.Count, 10))) == 0 {
			return fmt.Sprintf("/replicas/%d/count", i)
		}
	}
	return ""
}

// added is the entry of a layer's labels or annotations that a label, a selector or an annotation comes from.
func added(l *layer, steps []string, value string) string {
	if len(steps) < 2 {
		return ""
	}
	key := steps[len(steps)-1]
	step := "/" + pointerOf([]string{key})[1:]
	switch steps[len(steps)-2] {
	case "annotations":
		if v, ok := l.spec.CommonAnnotations[key]; ok && v == value {
			return "/commonAnnotations" + step
		}
	case "labels", "matchLabels", "selector":
		if v, ok := l.spec.CommonLabels[key]; ok && v == value {
			return "/commonLabels" + step
		}
		for i, e := range slices.Backward(l.spec.Labels) {
			if v, ok := e.Pairs[key]; ok && v == value {
				return fmt.Sprintf("/labels/%d/pairs%s", i, step)
			}
		}
	}
	return ""
}

// namespace is the field that put the object where it is, or a Namespace its name.
func (s *subject) namespace(l *layer, steps []string, value string) string {
	names := s.made.Group == "" && s.made.Kind == "Namespace" && slices.Equal(steps, []string{"metadata", "name"})
	if value != "" && l.spec.Namespace == value && (names || slices.Equal(steps, []string{"metadata", "namespace"})) {
		return "/namespace"
	}
	return ""
}

// generated is where a generator's entry says what a key of its data is: its own literal or file, or that of an entry that
// amends it.
func (s *subject) generated(steps []string) (object.Place, ast.Value, bool) {
	value := at(s.made.Value, steps)
	if len(steps) != 2 || steps[0] != "data" && steps[0] != "binaryData" || s.made.Kind != "ConfigMap" {
		return object.Place{}, nil, false
	}
	for i, l := range s.origin.way {
		if slices.Contains(s.origin.way[:i], l) {
			continue
		}
		for j, g := range l.spec.ConfigMapGenerator {
			if !slices.Contains(s.origin.names, g.Name) {
				continue
			}
			if pointer := keyOf(g.KvPairSources, steps[1], text(value)); pointer != "" {
				return l.place(fmt.Sprintf("/configMapGenerator/%d%s", j, pointer)), value, true
			}
		}
	}
	return object.Place{}, nil, false
}

func keyOf(sources types.KvPairSources, key, value string) string {
	for i, literal := range sources.LiteralSources {
		if k, v, ok := strings.Cut(literal, "="); ok && k == key && strings.Trim(v, `"'`) == strings.Trim(value, `"'`) {
			return fmt.Sprintf("/literals/%d", i)
		}
	}
	for i, name := range sources.FileSources {
		k, _, ok := strings.Cut(name, "=")
		if !ok {
			k = path.Base(name)
		}
		if k == key {
			return fmt.Sprintf("/files/%d", i)
		}
	}
	return ""
}
