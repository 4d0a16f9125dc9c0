package source

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// maxObject is what the API server accepts in one request (apiserver config MaxRequestBodyBytes, 3 MiB): a larger
// document is no object that could be applied.
const maxObject = 3 << 20

// chartFile describes a Helm chart and has an apiVersion of its own.
const chartFile = "Chart.yaml"

// file is a text to be taken apart; explicit when the user named it.
type file struct {
	path     string
	text     []byte
	explicit bool
}

// part is what one document became.
type part struct {
	objects  []*object.Object
	skipped  []Skipped
	problems []Problem
	// empty says that there was nothing to read: null, or a list without items.
	empty bool
	// notAMapping says that the document is text or a list: no manifest at all.
	notAMapping bool
	// made says that a tool made the document: it is no template, and what is no object in it is a mistake.
	made bool
}

func (p *part) fail(place object.Place, format string, args ...any) {
	p.problems = append(p.problems, Problem{Place: place, Message: fmt.Sprintf(format, args...)})
}

// decode reads files into objects, in their order; documents are decoded on all cores.
func (r *Read) decode(files []file) []*object.Object {
	var docs []*object.Document
	owner := []int{}
	for i, f := range files {
		r.Files++
		for _, d := range r.documents(f) {
			docs = append(docs, d)
			owner = append(owner, i)
		}
	}
	r.Documents += len(docs)
	parts := decodeAll(docs, decodeDocument)

	var objects []*object.Object
	useful := make([]bool, len(files))
	for i, p := range parts {
		objects = append(objects, p.objects...)
		if p.empty {
			r.Empty++
		}
		r.Problems = append(r.Problems, p.problems...)
		if p.notAMapping && files[owner[i]].explicit {
			r.problem(docs[i].Start(), "read object: this is text, not a YAML mapping")
		} else {
			r.Skipped = append(r.Skipped, p.skipped...)
		}
		useful[owner[i]] = true
	}
	for i, f := range files {
		if f.explicit && !useful[i] && !r.reported(f.path) {
			r.problem(object.Place{File: f.path}, "read: there is no document in it")
		}
	}
	return objects
}

// decodeAll decodes documents on all cores, in their order.
func decodeAll[T any](docs []*object.Document, decode func(*object.Decoder, *object.Document) T) []T {
	decoded := make([]T, len(docs))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(docs))
	for w := range workers {
		wg.Go(func() {
			decoder := object.NewDecoder()
			for i := w; i < len(docs); i += workers {
				decoded[i] = decode(decoder, docs[i])
			}
		})
	}
	wg.Wait()
	return decoded
}

func (r *Read) reported(path string) bool {
	for _, p := range r.Problems {
		if p.File == path {
			return true
		}
	}
	return false
}

// documents takes a file apart without parsing it.
func (r *Read) documents(f file) []*object.Document {
	text := bytes.TrimPrefix(f.text, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		r.problem(object.Place{File: f.path, Line: 1}, "read: UTF-16 text; save it as UTF-8")
		return nil
	}
	if !utf8.Valid(text) {
		line, column := invalidUTF8(text)
		r.problem(object.Place{File: f.path, Line: line, Column: column}, "read: byte %#02x is not UTF-8", text[firstInvalid(text)])
		return nil
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && looksLikeJSON(trimmed) {
		return r.jsonDocuments(f.path, text)
	}
	var docs []*object.Document
	for _, c := range split(text) {
		docs = append(docs, &object.Document{File: f.path, Line: c.line, Text: c.text})
	}
	return docs
}

func invalidUTF8(text []byte) (line, column int) {
	d := object.Document{Line: 1, Text: text}
	return d.Position(int64(firstInvalid(text)))
}

func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return 0
}

func decodeDocument(decoder *object.Decoder, d *object.Document) (p part) {
	p.decode(decoder, d)
	return p
}

func (p *part) decode(decoder *object.Decoder, d *object.Document) {
	if len(d.Text) > maxObject && !bytes.Contains(d.Text, []byte("items")) {
		p.tooLarge(d)
		return
	}
	var value ast.Value
	var problems []Problem
	if d.JSON {
		value, problems = decodeJSON(decoder, d)
	} else {
		value, problems = decodeYAML(decoder, d, p.made)
	}
	if value == nil {
		p.problems = problems
		return
	}
	p.last(problems)
	p.add(value, object.Origin{Document: d}, "", "")
}

// add turns a decoded document into objects. Items of a typed list (PersistentVolumeList) carry no kind of
// their own and get it from the list.
func (p *part) add(value ast.Value, origin object.Origin, apiVersion, kind string) {
	root, ok := value.(ast.Object)
	if !ok {
		if _, null := value.(ast.Null); null {
			p.empty = true
			return
		}
		p.notAMapping = true
		p.noObject(origin, "not a mapping")
		return
	}
	if kind != "" {
		root = typed(root, apiVersion, kind)
	}
	if path.Base(origin.Document.File) == chartFile && root.Get(ast.StringTerm("kind")) == nil {
		p.skip(origin, "a Helm chart's description; give guard the folder and it is rendered")
		return
	}
	hasVersion := root.Get(ast.StringTerm("apiVersion")) != nil
	hasKind := root.Get(ast.StringTerm("kind")) != nil
	if !hasVersion && !hasKind {
		p.noObject(origin, "neither apiVersion nor kind")
		return
	}
	if items, ok := list(root); ok {
		p.empty = items.Len() == 0
		p.addItems(root, items, origin)
		return
	}
	if len(origin.Steps) == 0 && len(origin.Document.Text) > maxObject {
		p.tooLarge(origin.Document)
		return
	}
	o, err := object.New(root, origin)
	if err != nil {
		p.misshapen(origin, err)
		return
	}
	p.objects = append(p.objects, o)
}

func (p *part) tooLarge(d *object.Document) {
	p.fail(d.Start(), "read object: %.1f MiB; the API server accepts at most %d MiB for one object", float64(len(d.Text))/(1<<20), maxObject>>20)
}

// misshapen places each of the errors that object.New joined.
func (p *part) misshapen(origin object.Origin, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			p.misshapen(origin, e)
		}
		return
	}
	place := origin.Start()
	if shape, ok := errors.AsType[*object.ShapeError](err); ok && shape.Pointer != "" {
		place = origin.Locate(shape.Pointer)
	}
	p.fail(place, "%v", err)
}

func (p *part) skip(origin object.Origin, reason string) {
	p.skipped = append(p.skipped, Skipped{Place: origin.Start(), Reason: reason})
}

// noObject is nobody's mistake in a text that somebody wrote.
func (p *part) noObject(origin object.Origin, reason string) {
	if p.made {
		p.fail(origin.Start(), "read object: %s", reason)
		return
	}
	p.skip(origin, reason)
}

func (p *part) addItems(root ast.Object, items *ast.Array, origin object.Origin) {
	apiVersion := object.Text(root.Get(ast.StringTerm("apiVersion")))
	kind := strings.TrimSuffix(object.Text(root.Get(ast.StringTerm("kind"))), "List")
	i := 0
	items.Foreach(func(item *ast.Term) {
		steps := append(append([]string{}, origin.Steps...), "items", strconv.Itoa(i))
		p.add(item.Value, object.Origin{Document: origin.Document, Steps: steps}, apiVersion, kind)
		i++
	})
}

// list says that the object is a list: its kind ends in List and it has items.
func list(root ast.Object) (*ast.Array, bool) {
	version, items := root.Get(ast.StringTerm("apiVersion")), root.Get(ast.StringTerm("items"))
	if version == nil || items == nil || !strings.HasSuffix(object.Text(root.Get(ast.StringTerm("kind"))), "List") {
		return nil, false
	}
	array, ok := items.Value.(*ast.Array)
	return array, ok
}

func typed(item ast.Object, apiVersion, kind string) ast.Object {
	if item.Get(ast.StringTerm("kind")) != nil || item.Get(ast.StringTerm("apiVersion")) != nil {
		return item
	}
	full := ast.NewObject(ast.Item(ast.StringTerm("apiVersion"), ast.StringTerm(apiVersion)), ast.Item(ast.StringTerm("kind"), ast.StringTerm(kind)))
	item.Foreach(func(k, v *ast.Term) { full.Insert(k, v) })
	return full
}
