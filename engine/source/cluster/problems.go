package cluster

import (
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/source"
)

// problems names the kinds that could not be read, and whom that blinds; kinds with one reason are named together.
func (c *Cluster) problems(lists []list, results []result) []source.Problem {
	var reasons []string
	byReason := map[string][]int{}
	for i, r := range results {
		if r.err == nil {
			continue
		}
		reason := r.err.Error()
		if byReason[reason] == nil {
			reasons = append(reasons, reason)
		}
		byReason[reason] = append(byReason[reason], i)
	}
	var problems []source.Problem
	for _, reason := range reasons {
		var names, judge, read []string
		partly := ""
		for _, i := range byReason[reason] {
			l := lists[i]
			names = append(names, l.GroupVersionKind.GroupVersion().String()+"/"+l.Kind)
			if results[i].partly {
				partly = " (what belongs to the namespace could be read)"
			} else {
				judge = append(judge, l.judge...)
			}
			read = append(read, l.read...)
		}
		message := "list " + strings.Join(names, ", ") + ": " + reason + partly + blinded(judge, read)
		problems = append(problems, source.Problem{Place: c.place("", "", ""), Message: message})
	}
	return problems
}

// undiscovered names wanted kinds of which the cluster did not say whether it has them.
func (c *Cluster) undiscovered(reason string, wants []Want) source.Problem {
	var names, judge, read []string
	for _, want := range wants {
		names = append(names, strings.TrimPrefix(want.Group+"/", "/")+want.Kind)
		judge, read = append(judge, want.Judge...), append(read, want.Read...)
	}
	slices.Sort(names)
	return source.Problem{
		Place:   c.place("", "", ""),
		Message: "discover " + strings.Join(slices.Compact(names), ", ") + ": " + reason + blinded(judge, read),
	}
}

func blinded(judge, read []string) string {
	var text string
	if names := distinct(judge); names != "" {
		text += "; not judged, though policies are about it: " + names
	}
	if names := distinct(read); names != "" {
		text += "; judged without it: " + names
	}
	return text
}

func distinct(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
