package policies_test

import (
	"bytes"
	"maps"
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
	"github.com/data-guard/guard/engine/review"
)

// asker puts cases to one policy, compiled once.
type asker struct {
	policy    *policy.Policy
	evaluator *eval.Evaluator
	now       time.Time
}

func newAsker(t *testing.T, p *policy.Policy) *asker {
	t.Helper()
	constraint, err := eval.Default(p)
	if err != nil {
		t.Fatal(err)
	}
	return askerAt(t, p, constraint, time.Now())
}

func askerAt(t *testing.T, p *policy.Policy, constraint *eval.Constraint, now time.Time) *asker {
	t.Helper()
	evaluator, err := eval.New([]*eval.Constraint{constraint}, now)
	if err != nil {
		t.Fatal(err)
	}
	return &asker{p, evaluator, now}
}

func (a *asker) evaluate(t *testing.T, q question) []eval.Violation {
	t.Helper()
	parameters := map[string]any{"unknown": "deny"}
	maps.Copy(parameters, q.Parameters)
	constraint, err := eval.NewConstraint("case", a.policy, a.policy.Match, parameters)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := a.evaluator.Ask(t.Context(), constraint, q.Review)
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
	everyCase(t, newAsker, func(t *testing.T, a *asker, c policy.Case) {
		q := ask(t, c, a.now)
		got := []wanted{}
		for _, v := range a.evaluate(t, q) {
			got = append(got, wanted{Message: v.Message, Field: v.Details.Field, Severity: string(v.Details.Severity), Unknown: v.Details.Unknown})
		}
		if updating() {
			update(t, a.policy, c, q, got)
			return
		}
		if diff := cmp.Diff(q.Want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", c.Story, diff)
		}
		if deny := strings.HasPrefix(c.Name, "deny_"); deny != (len(q.Want) > 0) {
			t.Errorf("a case named %s wants %d violations", c.Name, len(q.Want))
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
	if cmp.Equal(q.Want, got, cmpopts.EquateEmpty()) {
		return
	}
	archive := txtar.Parse(text)
	want, err := yaml.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(q.Shorten(string(want)))})
	if formatted := txtar.Format(archive); !bytes.Equal(formatted, text) {
		if err := os.WriteFile(file, formatted, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPoliciesTogetherSayWhatEachSaysAlone puts every case to all policies at once, which share what they find out
// about an object, and wants the policy's own answer unchanged.
func TestPoliciesTogetherSayWhatEachSaysAlone(t *testing.T) {
	t.Parallel()
	var constraints []*eval.Constraint
	for _, p := range load(t) {
		c, err := eval.Default(p)
		if err != nil {
			t.Fatal(err)
		}
		constraints = append(constraints, c)
	}
	now := time.Now()
	all, err := eval.New(constraints, now)
	if err != nil {
		t.Fatal(err)
	}
	alone := func(t *testing.T, p *policy.Policy) *asker {
		t.Helper()
		i := slices.IndexFunc(constraints, func(c *eval.Constraint) bool { return c.Policy.ID == p.ID })
		return askerAt(t, p, constraints[i], now)
	}
	everyCase(t, alone, func(t *testing.T, a *asker, c policy.Case) {
		q := ask(t, c, now)
		q.Parameters = nil
		i := slices.IndexFunc(constraints, func(c *eval.Constraint) bool { return c.Policy.ID == a.policy.ID })
		if !constraints[i].Wants(q.Review) {
			t.Skip("guard does not ask this")
		}
		answers, err := all.Run(t.Context(), []*review.Review{q.Review})
		if err != nil {
			t.Fatal(err)
		}
		var together, alone []string
		for _, v := range answers.Violations {
			if v.Constraint == constraints[i] && !v.Suppressed {
				together = append(together, v.Message)
			}
		}
		for _, v := range a.evaluate(t, q) {
			alone = append(alone, v.Message)
		}
		if diff := cmp.Diff(alone, together); diff != "" {
			t.Errorf("(-alone +together)\n%s", diff)
		}
	})
}
