package policies_test

import (
	"bytes"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/policy"
)

func evaluate(t *testing.T, p *policy.Policy, q question, now time.Time) []eval.Violation {
	t.Helper()
	parameters := map[string]any{"unknown": "deny"}
	for name, value := range q.parameters {
		parameters[name] = value
	}
	constraint, err := eval.NewConstraint("case", p, p.Match, parameters)
	if err != nil {
		t.Fatal(err)
	}
	evaluator, err := eval.New([]*eval.Constraint{constraint}, now)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := evaluator.Ask(t.Context(), constraint, q.review)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range answers.NotJudged {
		t.Errorf("not judged: %s", n.Reason)
	}
	return slices.DeleteFunc(answers.Violations, func(v eval.Violation) bool { return v.Suppressed })
}

func TestCases(t *testing.T) {
	t.Parallel()
	now := time.Now()
	everyCase(t, func(t *testing.T, p *policy.Policy, c policy.Case) {
		q := ask(t, c, now)
		got := []wanted{}
		for _, v := range evaluate(t, p, q, now) {
			got = append(got, wanted{v.Message, v.Details.Field, string(v.Details.Severity), v.Details.Unknown})
		}
		if updating() {
			update(t, p, c, q, got)
			return
		}
		if diff := cmp.Diff(q.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", c.Story, diff)
		}
		if deny := strings.HasPrefix(c.Name, "deny_"); deny != (len(q.want) > 0) {
			t.Errorf("a case named %s wants %d violations", c.Name, len(q.want))
		}
	})
}

// update writes what the policy says now into the case, its times made relative again.
func update(t *testing.T, p *policy.Policy, c policy.Case, q question, got []wanted) {
	t.Helper()
	file := path.Join(path.Dir(p.File), "cases", c.Name+".txtar")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(q.want, got, cmpopts.EquateEmpty()) {
		return
	}
	archive := txtar.Parse(text)
	want, err := yaml.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(q.shorten(string(want)))})
	if formatted := txtar.Format(archive); !bytes.Equal(formatted, text) {
		if err := os.WriteFile(file, formatted, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
