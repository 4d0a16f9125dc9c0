package helm

import (
	"slices"
	"strings"
	"unicode"
)

// traces finds where the lines of the rendered texts come from, by the engine's names. The chart is rendered again with
// marks in its templates; where that shows something else than the render without, nothing is known.
func (r *run) traces(p *prepared, rendered map[string]string) map[string]*trace {
	traces := map[string]*trace{}
	for name, text := range rendered {
		traces[name] = &trace{file: p.templates[name].shown, spots: make([]spot, strings.Count(text, "\n")+1)}
	}
	for _, f := range r.files.data {
		if !clean(f.Data) {
			return traces
		}
	}
	left := r.trace(traces, rendered, newMarker(true), func(string) bool { return true })
	if len(left) > 0 {
		r.trace(traces, rendered, newMarker(false), func(name string) bool { return left[name] })
	}
	return traces
}

// trace renders with marks and fills the traces of the texts that are wanted. It returns those of which some lines differ.
func (r *run) trace(traces map[string]*trace, rendered map[string]string, m *marker, wanted func(name string) bool) map[string]bool {
	p, ok := r.prepare(r.files.edit(m.insert))
	if !ok {
		return nil
	}
	left := map[string]bool{}
	functions := r.dice.replay()
	functions[tell] = tellLines
	second, err := r.execute(p, functions)
	for name, text := range rendered {
		if !wanted(name) {
			continue
		}
		marked, ok := second[name]
		if err != nil || !ok || !clean([]byte(text)) {
			left[name] = true
			continue
		}
		a := aligned{marker: m, prefix: p.templates[name].prefix, file: p.templates[name].shown, trace: traces[name]}
		if !a.fill(strings.Split(text, "\n"), strings.Split(marked, "\n")) {
			left[name] = true
		}
	}
	return left
}

// aligned fills the trace of one rendered text.
type aligned struct {
	*marker

	file   string
	prefix []string
	trace  *trace
	lines  []string
	found  [][]found
}

// fill looks at the lines that both renders have, from the start on and from the end back: in between, a line might
// be taken for another that is like it. It reports whether that is all lines.
func (a *aligned) fill(lines, marked []string) bool {
	a.lines = lines
	texts := make([]string, len(marked))
	marks := make([][]found, len(marked))
	for i, line := range marked {
		texts[i], marks[i] = unmark(line)
	}
	n, m := len(lines), len(marked)
	head := 0
	for head < min(n, m) && a.same(lines[head], texts[head], marks[head]) {
		head++
	}
	a.found = make([][]found, n)
	copy(a.found, marks[:head])
	tail := 0
	for tail < min(n, m)-head && a.same(lines[n-1-tail], texts[m-1-tail], marks[m-1-tail]) {
		tail++
		a.found[n-tail] = marks[m-tail]
	}
	if head == n && n == m {
		a.spots(0, n, true, true)
		return true
	}
	// A line that is like others may have been taken for one of them where the renders part.
	head -= alike(lines[:head], lines, true)
	tail -= alike(lines[n-tail:], lines, false)
	a.spots(0, head, true, false)
	a.spots(n-tail, n, false, true)
	return false
}

// alike counts the lines at the end of part, or at its start, that occur more than once in all.
func alike(part, all []string, atEnd bool) int {
	times := map[string]int{}
	for _, line := range all {
		times[line]++
	}
	for n := range part {
		line := part[n]
		if atEnd {
			line = part[len(part)-1-n]
		}
		if times[line] == 1 {
			return n
		}
	}
	return len(part)
}

// same says that a line is the other render's, or begins with the same literal text and goes on with what changes from render to
// render.
func (a *aligned) same(line, text string, marks []found) bool {
	if line == text {
		return true
	}
	for _, f := range marks {
		if m := a.mark(f); m != nil && m.action == nil {
			return strings.HasPrefix(line, text[:f.offset])
		}
	}
	return false
}

func (a *aligned) mark(f found) *mark {
	if f.number >= len(a.marks) {
		return nil
	}
	return &a.marks[f.number]
}

// spots tells the lines from start to end, which hang together with the text's first line, or its last.
func (a *aligned) spots(start, end int, first, last bool) {
	var before *mark
	known := first
	for i := start; i < end; {
		own := a.own(i)
		if len(own) > 0 {
			a.prove(i)
			if a.trace.spots[i].line == 0 && known {
				a.infer(i, i+1, before, own[0])
			}
			before, known = own[len(own)-1], true
			i++
			continue
		}
		stop := i
		for stop < end && len(a.own(stop)) == 0 {
			stop++
		}
		for j := i; j < stop; j++ {
			a.prove(j)
		}
		switch {
		case !known:
		case stop < end:
			// What follows in that line may stand on it too.
			a.infer(i, stop, before, a.own(stop)[0])
		case last:
			a.infer(i, stop, before, nil)
		}
		i = stop
	}
}

// own are the line's marks of the file that was rendered, not of a partial.
func (a *aligned) own(line int) []*mark {
	var own []*mark
	for _, f := range a.found[line] {
		if m := a.mark(f); m != nil && m.action == nil && m.outline.file == a.file && !m.scope.define {
			own = append(own, m)
		}
	}
	return own
}

// prove tells a line that begins with literal text or, if not, with what one action printed.
func (a *aligned) prove(i int) {
	var printed *mark
	for _, f := range a.found[i] {
		m := a.mark(f)
		if m == nil || f.offset > len(a.lines[i]) {
			return
		}
		before, ok := strings.CutSuffix(a.lines[i][:f.offset], m.text)
		if !ok || strings.TrimLeftFunc(before, unicode.IsSpace) != "" {
			break
		}
		if m.action != nil {
			printed = m
			continue
		}
		a.trace.spots[i] = a.spot(m.outline, m.line, func(other *action) bool {
			return other.line == m.line && other.scope.define == m.scope.define
		})
		return
	}
	if printed != nil {
		a.trace.spots[i] = a.spot(printed.outline, printed.line, func(other *action) bool { return other == printed.action })
	}
}

// infer tells lines that only one line of the file can have printed.
func (a *aligned) infer(start, end int, before, after *mark) {
	o := a.outlines[a.file]
	if o == nil {
		return
	}
	ran := o.between(before, after)
	if len(ran) == 0 || slices.ContainsFunc(ran, func(other action) bool { return other.line != ran[0].line }) {
		return
	}
	for i := start; i < end; i++ {
		if a.trace.spots[i].line == 0 && strings.TrimSpace(a.lines[i]) != "" {
			a.trace.spots[i] = a.spot(o, ran[0].line, func(other *action) bool {
				return slices.ContainsFunc(ran, func(r action) bool { return r.offset == other.offset })
			})
		}
	}
}

func (a *aligned) spot(o *outline, line int, printed func(*action) bool) spot {
	s := spot{file: o.file, line: line, text: o.line(line), prefix: a.prefix}
	for i := range o.actions {
		if printed(&o.actions[i]) {
			s.keys = append(s.keys, o.actions[i].reads...)
		}
	}
	return s
}
