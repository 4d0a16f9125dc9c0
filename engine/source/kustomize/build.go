package kustomize

import (
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/api/hasher"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// one lets a single build run: the schema that kustomize merges by is a global, and so is where its warnings go.
//
//nolint:gochecknoglobals // it guards globals
var one sync.Mutex

// krustyBuild is `kubectl kustomize`: only built-in plugins, files from below each kustomization.
func krustyBuild(d *disk, folder string) (resources resmap.ResMap, err error) {
	one.Lock()
	defer one.Unlock()
	defer quiet()()
	defer func() {
		if cause := recover(); cause != nil {
			resources, err = nil, fmt.Errorf("kustomize gave up: %v", cause)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified
	return krusty.MakeKustomizer(options).Run(d, folder)
}

// quiet keeps kustomize's warnings about deprecated fields from the terminal until the function that it returns is called:
// kustomize writes them to the process's standard error and to the default logger, and lets nobody say otherwise.
func quiet() func() {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return func() {}
	}
	stderr, logged := os.Stderr, log.Writer() //nolint:forbidigo // there is no other way to silence kustomize
	os.Stderr = null                          //nolint:forbidigo // as above
	log.SetOutput(io.Discard)                 //nolint:forbidigo // as above
	return func() {
		os.Stderr = stderr    //nolint:forbidigo // as above
		log.SetOutput(logged) //nolint:forbidigo // as above
		_ = null.Close()      //nolint:errcheck // nothing was to be kept
	}
}

// explain makes problems of the error that kustomize stopped at. Where a file does not parse, its own problems say it
// better.
func (w *walk) explain(top *layer, err error) []source.Problem {
	var problems []source.Problem
	for _, l := range w.layers {
		for _, u := range l.uses {
			if u.path == "" || u.layer != nil || u.kind == file && !strings.HasPrefix(u.pointer, "/patches") {
				continue
			}
			for _, p := range source.Text(w.disk.show(u.path), w.disk.texts[u.path]).Problems {
				if strings.HasPrefix(p.Message, "parse ") {
					problems = append(problems, p)
				}
			}
		}
	}
	if len(problems) == 0 {
		problems = []source.Problem{top.problem("", "build kustomization: %s", w.words(err))}
	}
	return inOrder(problems)
}

// kustomize tries to read each entry as a file and as a folder, and tells what is wrong with both.
var (
	noFile   = regexp.MustCompile(`accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': `)
	noFolder = regexp.MustCompile(`accumulation err='(.*)': must build at directory: '[^']*': file is not directory`)
)

// clone is where kustomize puts a remote repository.
var clone = regexp.MustCompile(`[^\s'"]*/kustomize-[0-9]+`)

// words is an error's text with files named as the user does.
func (w *walk) words(err error) string {
	text := noFile.ReplaceAllString(oneLine(err.Error()), "")
	text = noFolder.ReplaceAllString(text, "$1")
	folders := []string{w.disk.bound, w.disk.base, w.disk.top}
	for folder := range w.layers {
		folders = append(folders, folder)
	}
	slices.SortFunc(folders, func(a, b string) int { return len(b) - len(a) })
	for _, folder := range folders {
		if folder == "" || folder == "/" {
			continue
		}
		shown := w.disk.show(folder)
		if shown == "." {
			text = strings.ReplaceAll(text, folder+"/", "")
		}
		text = strings.ReplaceAll(text, folder, shown)
	}
	if w.disk.temporary != "" {
		text = clone.ReplaceAllString(text, "(clone)")
	}
	first, size := utf8.DecodeRuneInString(text)
	if next, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(first) && !unicode.IsUpper(next) {
		text = string(unicode.ToLower(first)) + text[size:]
	}
	return text
}

// oneLine is a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// withoutHash is the name of a generated object without the hash of its content that kustomize adds, which is told by
// computing the hash anew.
func withoutHash(node *yaml.RNode, o *object.Object) (string, bool) {
	i := strings.LastIndexByte(o.Name, '-')
	if i < 0 || o.Group != "" || o.Kind != "ConfigMap" && o.Kind != "Secret" {
		return "", false
	}
	bare := node.Copy()
	if err := bare.SetName(o.Name[:i]); err != nil {
		return "", false
	}
	hash, err := (&hasher.Hasher{}).Hash(bare)
	return o.Name[:i], err == nil && hash == o.Name[i+1:]
}
