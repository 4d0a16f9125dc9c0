package kustomize

import (
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// made locates one object of a build.
type made struct {
	trace  *trace
	object *object.Object
	// stable is the object's name without the hash of its content.
	stable string
}

// Start is the place of the object in the text that it comes from: its document, or its generator's entry. Where several
// texts could be meant, the line is not told, and where they are in several files, it is the kustomization's.
func (m *made) Start() object.Place {
	found := m.trace.find(m.object, m.stable)
	if len(found) == 1 {
		return found[0].start()
	}
	return m.unsure(found)
}

func (m *made) unsure(found []*origin) object.Place {
	for _, o := range found {
		if o.file() != found[0].file() {
			return object.Place{File: m.trace.top.doc.File}
		}
	}
	if len(found) > 0 {
		return object.Place{File: found[0].file()}
	}
	return object.Place{File: m.trace.top.doc.File}
}

func (o *origin) start() object.Place {
	if o.object != nil {
		return o.object.Origin.Start()
	}
	return o.entry(o.generator)
}

// entry is the place of something in a generator's entry. The line of a Secret's is not quoted: its values may stand in it.
func (o *origin) entry(pointer string) object.Place {
	if strings.HasPrefix(pointer, "/secretGenerator/") {
		place := o.layer().place(o.generator)
		place.Source = ""
		return place
	}
	return o.layer().place(pointer)
}

// Locate is the place of a field: in the object's own text when it says so there, else in the patch or the field of a
// kustomization on its way that says so. A field that nothing says so of has no line.
func (m *made) Locate(pointer string) object.Place {
	found := m.trace.find(m.object, m.stable)
	if len(found) != 1 {
		return m.unsure(found)
	}
	s := &subject{made: m.object, origin: found[0], trace: m.trace}
	steps := object.SplitPointer(pointer)
	value := at(m.object.Value, steps)
	if value != nil {
		return s.locate(steps, value)
	}
	if place, ok := s.removed(steps); ok {
		place.Missing = true
		return place
	}
	for len(steps) > 0 && value == nil {
		steps = steps[:len(steps)-1]
		value = at(m.object.Value, steps)
	}
	place, _, has := s.own(steps)
	if !has {
		place = s.locate(steps, value)
	}
	place.Missing = true
	return place
}

// subject is an object of a build, and the text that it comes from.
type subject struct {
	made   *object.Object
	origin *origin
	trace  *trace
}

func (s *subject) locate(steps []string, value ast.Value) object.Place {
	own, there, has := s.own(steps)
	if has && (equal(there, value) || s.renamed(text(there), text(value))) {
		return own
	}
	for i, l := range s.origin.way {
		if slices.Contains(s.origin.way[:i], l) {
			continue
		}
		if place, ok := s.setBy(l, steps, value, text(there)); ok {
			return place
		}
	}
	switch {
	case has && composite(there, value):
		return own
	case s.origin.object == nil:
		return s.origin.start()
	default:
		return object.Place{File: s.origin.file()}
	}
}

// own is where the field stands in the object's own text, and what it is there.
func (s *subject) own(steps []string) (object.Place, ast.Value, bool) {
	o := s.origin.object
	if o == nil {
		return s.generated(steps)
	}
	there, value, ok := s.follow(s.made.Value, o.Value, steps)
	if !ok {
		return object.Place{}, nil, false
	}
	return o.Origin.Locate(pointerOf(there)), value, true
}

// hash is what kustomize adds to the names of what it generates (api/hasher, encode).
var hash = regexp.MustCompile(`^-[2456789bcdfghkmt]{10}$`)

// renamed says that a value is the name in the text with what kustomizations add to names: theirs, or that of an object
// that it refers to.
func (s *subject) renamed(there, value string) bool {
	if there == "" || value == "" || there == value {
		return false
	}
	name := there
	for i, l := range slices.Backward(s.origin.way) {
		if !slices.Contains(s.origin.way[i+1:], l) {
			name = l.spec.NamePrefix + name + l.spec.NameSuffix
		}
	}
	rest, ok := strings.CutPrefix(value, name)
	if !ok {
		rest, ok = strings.CutPrefix(value, there)
	}
	return ok && (rest == "" || hash.MatchString(rest))
}

func pointerOf(steps []string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return b.String()
}
