package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/fatih/color"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

func (t *text) summary(r *finding.Result) {
	var counts []string
	for _, s := range policy.Severities() {
		if n := r.Count(s); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, t.severity(s)))
		}
	}
	t.printf("%s\n", cmp.Or(strings.Join(counts, ", "), "no findings"))
	if n := len(r.Uncertain); n > 0 {
		t.printf("%s not certain\n", plural(n, "finding"))
	}
	if n := len(r.Suppressed); n > 0 {
		t.printf("%s exempted\n", plural(n, "finding"))
	}
	l := r.Looked
	t.printf("looked at %s, %s, %d of %d policies asked", looked(l), plural(l.Reviews, "question"), l.Asked, l.Policies)
	if l.ScopeAssumed > 0 {
		t.printf(", %s of kinds whose scope is assumed", plural(l.ScopeAssumed, "object"))
	}
	if c := l.Cluster; c != nil {
		t.printf("; %s of %s read from cluster %s", plural(c.Objects, "object"), plural(c.Kinds, "kind"), Clean(c.Context))
		if c.Absent > 0 {
			t.printf(", %s not served there", plural(c.Absent, "more kind"))
		}
	}
	t.printf("\n")
	t.skipped(r.Skipped)
	t.unused(r.Unused)
	if n := len(r.Problems); n > 0 {
		t.printf("%s: see the error output\n", t.paint(plural(n, "problem")+" kept guard from a full answer", color.FgRed))
	}
}

// looked says what was judged.
func looked(l finding.Looked) string {
	switch c := l.Cluster; {
	case c == nil || l.Files > 0:
		return fmt.Sprintf("%s in %s: %s", plural(l.Documents, "document"), plural(l.Files, "file"), plural(l.Objects, "object"))
	case c.Namespace == "":
		return plural(l.Objects, "object") + " in all namespaces"
	default:
		return fmt.Sprintf("%s: cluster-scoped ones and those in namespace %s (-A for all)", plural(l.Objects, "object"), Clean(c.Namespace))
	}
}

// listed is how many names of one kind a report for people lists; -o json has them all.
const listed = 10

// skipped groups by reason.
func (t *text) skipped(skipped []finding.Problem) {
	byReason := map[string][]string{}
	for _, s := range skipped {
		line := object.Place{File: s.Place.File, Line: s.Place.Line}
		byReason[s.Message] = append(byReason[s.Message], line.String())
	}
	for _, reason := range sortedKeys(byReason) {
		places := byReason[reason]
		t.printf("skipped %s, %s:\n", plural(len(places), "document"), reason)
		for _, place := range places[:min(listed, len(places))] {
			t.printf("  %s\n", Clean(place))
		}
		if more := len(places) - listed; more > 0 {
			t.printf("  and %d more (-o json lists all)\n", more)
		}
	}
}

func (t *text) unused(unused []finding.Unused) {
	byReason := map[string][]string{}
	for _, u := range unused {
		byReason[u.Reason] = append(byReason[u.Reason], u.Policy)
	}
	for _, reason := range sortedKeys(byReason) {
		policies := byReason[reason]
		more := ""
		if len(policies) > listed {
			more = fmt.Sprintf(" and %d more (-o json lists all)", len(policies)-listed)
		}
		t.printf("not asked, since %s: %s%s\n", reason, strings.Join(policies[:min(listed, len(policies))], " "), more)
	}
}
