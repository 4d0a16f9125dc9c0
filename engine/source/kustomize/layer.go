package kustomize

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// layer is one kustomization file: a base, an overlay or a component.
type layer struct {
	// folder is the real path of where it stands.
	folder string
	// doc is the file's text under the name that is shown.
	doc  *object.Document
	spec types.Kustomization
	// uses are what the file names, in its order.
	uses []use
}

// errNoKustomization says that a folder holds no kustomization file.
var errNoKustomization = errors.New("there is no kustomization.yaml in it")

// fluxGroup is the API group of Flux's objects of the kind Kustomization, which may stand in a file of the same name.
const fluxGroup = "kustomize.toolkit.fluxcd.io/"

// File is the name of a folder's kustomization file, and whether it has one. Flux's object of the same kind in a file of
// that name is none, unless its folder holds another one.
func File(k Kustomization) (string, bool) {
	d, folder, err := newDisk(k)
	if err != nil {
		return "", false
	}
	path, _, err := d.kustomizationFile(folder)
	if err != nil {
		return "", false
	}
	return d.show(path), true
}

// kustomizationFile finds a folder's kustomization file.
func (d *disk) kustomizationFile(folder string) (string, []byte, error) {
	var found []string
	var text []byte
	var unreadable error
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		path := filepath.Join(folder, name)
		if info, err := os.Lstat(path); err != nil || info.IsDir() {
			continue
		}
		content, err := d.ReadFile(path)
		switch {
		case err != nil:
			unreadable = err
		case !isFlux(content):
			found, text = append(found, path), content
		}
	}
	switch {
	case len(found) == 1:
		return found[0], text, nil
	case len(found) > 1:
		return "", nil, fmt.Errorf("it holds several kustomization files: %s and %s", filepath.Base(found[0]), filepath.Base(found[1]))
	case unreadable != nil:
		return "", nil, unreadable
	default:
		return "", nil, errNoKustomization
	}
}

func isFlux(text []byte) bool {
	var head struct {
		APIVersion string `json:"apiVersion"`
	}
	return yaml.Unmarshal(text, &head) == nil && strings.HasPrefix(head.APIVersion, fluxGroup)
}

// read reads the kustomization file of a folder.
func (w *walk) read(folder string, from object.Place) *layer {
	path, text, err := w.disk.kustomizationFile(folder)
	if err != nil {
		w.problem(from, "open kustomization %s: %v", w.disk.show(folder), w.words(err))
		return nil
	}
	l := &layer{folder: folder, doc: w.disk.document(path, text)}
	w.used[l.doc.File] = true
	if err := l.spec.Unmarshal(text); err != nil {
		w.problems = append(w.problems, l.misread(err))
		return nil
	}
	return l
}

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)
	wrongType    = regexp.MustCompile(`cannot unmarshal (\S+) into Go struct field \S*?\.(\S+) of type (\S+)`)
)

// misread places what is wrong with a kustomization file.
func (l *layer) misread(err error) source.Problem {
	text := err.Error()
	if m := unknownField.FindStringSubmatch(text); m != nil {
		p := l.problem("/"+m[1], "read kustomization: kustomize knows no field %q", m[1])
		if p.Missing {
			p.Place = object.Place{File: l.doc.File}
		}
		return p
	}
	if problems := source.Text(l.doc.File, l.doc.Text).Problems; len(problems) > 0 {
		return problems[0]
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		return l.problem("/"+strings.ReplaceAll(m[2], ".", "/"), "read kustomization: %s must be %s, got a %s", m[2], shape(m[3]), m[1])
	}
	return source.Problem{Place: object.Place{File: l.doc.File}, Message: "read kustomization: " + oneLine(text)}
}

// shape says what kustomize's Go type wants.
func shape(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "map[") || strings.HasPrefix(goType, "types."):
		return "a mapping"
	case goType == "int64":
		return "a number"
	default:
		return "a " + goType
	}
}

// place is that of a field of the kustomization file.
func (l *layer) place(pointer string) object.Place {
	return object.Origin{Document: l.doc}.Locate(pointer)
}

func (l *layer) problem(pointer, format string, args ...any) source.Problem {
	place := object.Place{File: l.doc.File}
	if pointer != "" {
		place = l.place(pointer)
	}
	return source.Problem{Place: place, Message: fmt.Sprintf(format, args...)}
}
