package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/data-guard/guard/engine/finding"
)

// fresh is how old a snapshot may be before it is said at once that it is old.
const fresh = 24 * time.Hour

// dated says first of all when what is judged may not be what is there.
func (t *text) dated(c *finding.Cluster) {
	if c != nil && c.Age > fresh {
		t.printf("%s\n\n", t.paint(fmt.Sprintf("the snapshot of cluster %s was taken %s ago (%s): what has changed there since is not seen",
			Clean(c.Context), plural(int(c.Age/(24*time.Hour)), "day"), c.Taken), color.FgYellow))
	}
}

// named is how many objects a clause of the verdict names.
const named = 4

// verdict says in the first line what the change does to data.
func (t *text) verdict(r *finding.Result) {
	if r.Verdict == nil {
		return
	}
	line := Verdict(r)
	attributes := []color.Attribute{color.Bold}
	if len(r.Verdict.Destroys) > 0 {
		attributes = append(attributes, color.FgHiRed)
	}
	t.printf("%s\n", t.paint(Clean(line), attributes...))
	for _, change := range r.Rules {
		t.printf("  %s\n", Clean(change.String()))
	}
	t.printf("\n")
}

// Verdict is the verdict of a change as one sentence; "" without a change.
func Verdict(r *finding.Result) string {
	v := r.Verdict
	if v == nil {
		return ""
	}
	var clauses []string
	clause := func(names []string, before, after string) {
		if len(names) > 0 {
			clauses = append(clauses, before+list(names)+after)
		}
	}
	clause(v.Destroys, "destroys the data of ", "")
	clause(v.MayDestroy, "may destroy the data of ", "")
	clause(v.Weakens, "leaves ", " with one safety net less")
	if v.Risks > 0 {
		clauses = append(clauses, "adds "+plural(v.Risks, "risk")+" to what stands")
	}
	if len(clauses) == 0 {
		clauses = []string{"destroys no data and takes no protection away"}
	}
	sentence := "This change " + strings.Join(clauses, "; it ")
	if len(r.Problems) > 0 {
		sentence += ", as far as guard could look"
	}
	return sentence + "."
}

func list(names []string) string {
	switch n := len(names); {
	case n > named:
		return strings.Join(names[:named], ", ") + fmt.Sprintf(" and %d more", n-named)
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return strings.Join(names, "")
	}
}
