package helm

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"helm.sh/helm/v4/pkg/chart/loader/archive"

	"github.com/data-guard/guard/engine/object"
)

// maxFailures bounds how often a chart is rendered to find the next wrong template.
const maxFailures = 50

// finished is the function that tells which templates came to their end; it stands after their last character, so that no
// place in them moves.
const finished = "guardFinished"

// failures tells what is wrong with each template, not only with the first as Helm does: what failed is left out and the rest
// rendered again. It stops where leaving a template out would make others fail. err is of the first attempt.
func (r *run) failures(err error) {
	told := map[string]bool{}
	without := map[string]bool{}
	parsing := true
	for range maxFailures {
		p, ok := r.prepare(r.files.edit(func(shown string, text []byte) []byte {
			if without[shown] {
				return nil
			}
			return append(slices.Clip(text), `{{`+finished+` `+strconv.Quote(shown)+`}}`...)
		}))
		if !ok {
			break
		}
		done := map[string]bool{}
		_, next := r.execute(p, map[string]any{finished: func(shown string) string {
			done[shown] = true
			return ""
		}})
		parse := next != nil && strings.HasPrefix(next.Error(), "parse error")
		if next == nil || len(told) > 0 && parsing && !parse {
			break
		}
		parsing = parse
		place, message, file := r.failure(p, next)
		if !parse {
			file = r.failed(p, done, without)
			if place.File != file && file != "" && !strings.Contains(message, "(included at ") {
				message += " (rendering " + file + ")"
			}
		}
		if at := place.String() + message; file == "" || without[file] || told[at] {
			break
		} else {
			told[at] = true
		}
		r.problem(place, "render template: %s", message)
		if !parse && strings.Contains(string(r.source(p, file)), "define") {
			return
		}
		without[file] = true
	}
	if len(told) == 0 {
		p, ok := r.prepare(r.files.data)
		if ok {
			place, message, _ := r.failure(p, err)
			r.problem(place, "render template: %s", message)
		}
	}
}

// failed is the file that did not come to its end: the first in the engine's order (pkg/engine/engine.go, sortTemplates).
func (r *run) failed(p *prepared, done, without map[string]bool) string {
	names := slices.SortedFunc(maps.Keys(p.templates), func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(b, "/"), strings.Count(a, "/")), cmp.Compare(b, a))
	})
	for _, name := range names {
		if t := p.templates[name]; t.main && !done[t.shown] && !without[t.shown] {
			return t.shown
		}
	}
	return ""
}

func (r *run) source(p *prepared, shown string) []byte {
	for _, t := range p.templates {
		if t.shown == shown {
			return t.text
		}
	}
	return nil
}

// isTemplate knows the files that Helm takes for templates by the loader's names.
var isTemplate = regexp.MustCompile(`^(?:charts/[^/]+/)*templates/`)

// edit is the files with other texts for templates.
func (f *files) edit(text func(shown string, text []byte) []byte) []*archive.BufferedFile {
	edited := make([]*archive.BufferedFile, 0, len(f.data))
	for _, file := range f.data {
		if isTemplate.MatchString(file.Name) && len(file.Data) > 0 {
			shown := f.shown[&file.Data[0]]
			data := text(shown, file.Data)
			if len(data) > 0 {
				f.shown[&data[0]] = shown
			}
			file = &archive.BufferedFile{Name: file.Name, Data: data}
		}
		edited = append(edited, file)
	}
	return edited
}

var (
	engineLine  = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?$`)
	engineChain = regexp.MustCompile(`template: ([^\s:]+:\d+(?::\d+)?): `)
	engineError = regexp.MustCompile(`(?s)^(parse|execution) error (?:at|in) \(([^)]*)\): (.*)$`)
)

// failure takes an error of Helm's engine apart: the place that it names last, which is the innermost template's, what is
// wrong, and the file of that place.
func (r *run) failure(p *prepared, err error) (place object.Place, message, file string) {
	text := strings.TrimSpace(err.Error())
	if m := engineError.FindStringSubmatch(text); m != nil {
		place, ok := r.enginePlace(p, m[2])
		if !ok {
			place = r.place()
		}
		return place, strings.TrimSpace(m[3]), place.File
	}
	if strings.HasPrefix(text, "template: ") {
		text = engineChain.ReplaceAllString(text, "\n$1\n")
	}
	place = r.place()
	var outer object.Place
	var said []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if at, ok := r.enginePlace(p, line); ok {
			if outer.File == "" {
				outer = at
			}
			place, said = at, nil
			continue
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "executing ") {
			_, line, _ = strings.Cut(line, " at ")
		}
		said = append(said, line)
	}
	message = strings.Join(said, " ")
	if outer.File != "" && outer.String() != place.String() {
		message += " (included at " + outer.String() + ")"
	}
	return place, message, place.File
}

// enginePlace reads file:line:column as the engine writes it, where columns count bytes from 0.
func (r *run) enginePlace(p *prepared, text string) (object.Place, bool) {
	name, line, column := text, 0, 0
	if m := engineLine.FindStringSubmatch(text); m != nil {
		name = m[1]
		line, _ = strconv.Atoi(m[2])   //nolint:errcheck // digits; too many are no line
		column, _ = strconv.Atoi(m[3]) //nolint:errcheck // digits or nothing
	}
	t, ok := p.templates[name]
	if !ok {
		return object.Place{}, false
	}
	place := object.Place{File: t.shown, Line: line, Width: 1, Source: quoted(lineOf(t.text, line))}
	if m := engineLine.FindStringSubmatch(text); m != nil && m[3] != "" && column <= len(place.Source) {
		place.Column = utf8.RuneCountInString(place.Source[:column]) + 1
	}
	return place, true
}

// lineOf is a line of a text, counted from 1, without its line break; "" when there is no such line.
func lineOf(text []byte, line int) string {
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[line-1], "\r")
}
