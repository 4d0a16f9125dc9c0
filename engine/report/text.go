// Package report prints what was found. It decides nothing.
package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/fatih/color"
	"github.com/mattn/go-runewidth"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// maxSource is how much of a source line is shown, in characters.
const maxSource = 160

// Text prints findings as a person reads them, worst first, and a summary. The same result gives the same bytes;
// colour says nothing that the words do not say.
func Text(w io.Writer, r *finding.Result, colour bool) error {
	t := &text{colour: colour, explained: map[string]bool{}}
	t.dated(r.Looked.Cluster)
	t.verdict(r)
	for i := range r.Findings {
		t.finding(&r.Findings[i], r.Base)
	}
	t.uncertain(r.Uncertain)
	t.suppressed(r.Suppressed)
	t.summary(r)
	_, err := io.WriteString(w, t.out.String())
	return err
}

type text struct {
	out       strings.Builder
	colour    bool
	explained map[string]bool
}

func (t *text) printf(format string, args ...any) { fmt.Fprintf(&t.out, format, args...) }

func (t *text) paint(s string, attributes ...color.Attribute) string {
	c := color.New(attributes...)
	if t.colour {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(s)
}

func (t *text) severity(s policy.Severity) string {
	switch s {
	case policy.Critical:
		return t.paint(string(s), color.FgHiRed, color.Bold)
	case policy.High:
		return t.paint(string(s), color.FgRed)
	case policy.Medium:
		return t.paint(string(s), color.FgYellow)
	case policy.Low, policy.Info:
		return t.paint(string(s), color.FgCyan)
	default:
		return string(s)
	}
}

func (t *text) finding(f *finding.Finding, base string) {
	t.printf("%s %s\n", t.severity(f.Severity), t.paint(Clean(f.Message), color.Bold))
	indent := strings.Repeat(" ", len(strconv.Itoa(f.Place.Line)))
	t.printf("%s--> %s%s\n", indent, Clean(f.Place.String()), place(f, base))
	if f.Place.Source != "" {
		line, marker := excerpt(f.Place)
		t.printf("%s |\n%d | %s\n", indent, f.Place.Line, line)
		if f.Place.Column > 0 {
			t.printf("%s | %s\n", indent, t.paint(marker, color.FgRed))
		}
	}
	note := func(name, value string) {
		if value == "" {
			return
		}
		value = strings.ReplaceAll(Clean(strings.TrimSpace(value)), "\n", "\n"+indent+"   "+strings.Repeat(" ", len(name)+2))
		t.printf("%s = %s: %s\n", indent, t.paint(name, color.Faint), value)
	}
	note("policy", f.Policy.ID)
	note("in", strings.Join(f.In, ", "))
	note("value", f.Place.Value)
	note(counterpart(f), f.Counterpart)
	if !t.explained[f.Policy.ID] {
		note("remedy", f.Policy.Remediation)
		note("incident", strings.Join(f.Policy.Incidents, ", "))
	}
	note("not shown", strings.Join(f.Unknown, ", "))
	note("exemption", f.Exemption)
	t.explained[f.Policy.ID] = true
	t.printf("\n")
}

// counterpart says how a renamed object is related.
func counterpart(f *finding.Finding) string {
	if f.Operation == review.Delete {
		return "replaced by"
	}
	return "in place of"
}

// place says what the position cannot.
func place(f *finding.Finding, base string) string {
	switch {
	case f.Operation == review.Delete && base != "":
		return " (deleted; as in " + Clean(base) + ")"
	case f.Operation == review.Delete:
		return " (deleted)"
	case f.Place.Missing:
		return " (" + Clean(f.Field) + " is not set)"
	case f.Place.Line == 0 && f.Field != "":
		return " (" + Clean(f.Field) + ")"
	default:
		return ""
	}
}

// excerpt is the source line and the line of carets below it, aligned also under tabs and wide characters.
func excerpt(p object.Place) (line, marker string) {
	runes := []rune(Clean(strings.ReplaceAll(p.Source, "\t", "    ")))
	column := p.Column - 1 + 3*strings.Count(string([]rune(p.Source)[:min(max(p.Column-1, 0), len([]rune(p.Source)))]), "\t")
	column = min(max(column, 0), len(runes))
	if len(runes) > maxSource {
		from := min(max(column-20, 0), len(runes)-maxSource)
		runes, column = runes[from:from+maxSource], column-from
	}
	marked := runes[column:min(column+max(p.Width, 1), len(runes))]
	return string(runes), strings.Repeat(" ", runewidth.StringWidth(string(runes[:column]))) +
		strings.Repeat("^", max(runewidth.StringWidth(string(marked)), 1))
}

// uncertain prints a line for each object that would have decided, not one for each finding.
func (t *text) uncertain(findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	byObject := map[string][]string{}
	for _, f := range findings {
		for _, missing := range f.Unknown {
			byObject[missing] = append(byObject[missing], f.Policy.ID+" about "+f.Object.String())
		}
	}
	t.printf("Not certain, since nobody showed these objects (--unknown fail counts them):\n")
	for _, missing := range sortedKeys(byObject) {
		asked := byObject[missing]
		more := ""
		if len(asked) > 1 {
			more = fmt.Sprintf(" and %d more", len(asked)-1)
		}
		t.printf("  %s: %s%s\n", Clean(missing), Clean(asked[0]), more)
	}
	t.printf("\n")
}

func (t *text) suppressed(findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	t.printf("Exempted:\n")
	for _, f := range findings {
		t.printf("  %s %s (%s)\n", Clean(f.Place.String()), Clean(f.Message), f.Policy.ID)
	}
	t.printf("\n")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Clean replaces what could command a terminal or turn text around: manifests are written by strangers.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
