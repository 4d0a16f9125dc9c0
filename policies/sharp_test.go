package policies_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/policy"
)

// TestEveryConditionMatters makes each condition of each policy true in turn and wants some case or Rego test to
// notice: a condition that none needs is decoration, or a case is missing. One that saves time and decides nothing
// says so in a comment above it that begins with "Only sooner".
func TestEveryConditionMatters(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	parsed := modules(t)
	for _, p := range load(t) {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			asker := newAsker(t, p)
			cases, err := p.ReadCases()
			if err != nil {
				t.Fatal(err)
			}
			var questions []question
			for _, c := range cases {
				questions = append(questions, ask(t, c, asker.now))
			}
			for i := range conditions(p.Module) {
				blunt := *p
				blunt.Module = p.Module.Copy()
				at := conditions(blunt.Module)[i]
				said := at.body[at.index].String()
				row := at.body[at.index].Loc().Row
				at.body[at.index] = ast.NewExpr(ast.InternedTerm(true))
				c, err := eval.Default(&blunt)
				if err != nil {
					t.Fatal(err)
				}
				// What does not compile without the condition needs it.
				e, err := eval.New([]*eval.Constraint{c}, asker.now)
				if err != nil || noticed(t, e, &blunt, questions) || tested(t, parsed, &blunt) {
					continue
				}
				t.Errorf("%s:%d: no case needs %s", p.File, row, said)
			}
		})
	}
}

// condition is an expression in a body.
type condition struct {
	body  ast.Body
	index int
}

func conditions(m *ast.Module) []condition {
	var found []condition
	sooner := map[int]bool{}
	for _, c := range m.Comments {
		sooner[c.Location.Row+1] = strings.HasPrefix(strings.TrimSpace(string(c.Text)), "Only sooner")
	}
	for _, rule := range m.Rules {
		ast.WalkBodies(rule, func(b ast.Body) bool {
			for i, e := range b {
				if e.Loc() != nil && !e.Generated && e.String() != "true" && !sooner[e.Loc().Row] {
					found = append(found, condition{b, i})
				}
			}
			return false
		})
	}
	return found
}

// noticed says whether some case is answered differently from what it wants.
func noticed(t *testing.T, e *eval.Evaluator, p *policy.Policy, questions []question) bool {
	t.Helper()
	for _, q := range questions {
		parameters := map[string]any{"unknown": "deny"}
		maps.Copy(parameters, q.Parameters)
		c, err := eval.NewConstraint("case", p, p.Match, parameters)
		if err != nil {
			t.Fatal(err)
		}
		answers, err := e.Ask(t.Context(), c, q.Review)
		if err != nil || len(answers.NotJudged) > 0 {
			return true
		}
		var got []wanted
		for _, v := range answers.Violations {
			if !v.Suppressed {
				got = append(got, wanted{Message: v.Message, Field: v.Details.Field, Severity: string(v.Details.Severity), Unknown: v.Details.Unknown})
			}
		}
		if !cmp.Equal(q.Want, got, cmpopts.EquateEmpty()) {
			return true
		}
	}
	return false
}

// tested says whether a Rego test of the policy fails.
func tested(t *testing.T, parsed map[string]*ast.Module, p *policy.Policy) bool {
	t.Helper()
	with := maps.Clone(parsed)
	with[p.File] = p.Module
	results, err := tester.NewRunner().SetCompiler(ast.NewCompiler()).SetModules(with).SetStore(inmem.New()).
		Filter("data."+p.Package()+"_test").RunTests(t.Context(), nil)
	if err != nil {
		return true
	}
	failed := false
	for r := range results {
		failed = failed || !r.Pass()
	}
	return failed
}
