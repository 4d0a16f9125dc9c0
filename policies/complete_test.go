package policies_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/policies"
)

// TestEveryPolicyIsWhole fails for a policy that a user could not understand or trust.
func TestEveryPolicyIsWhole(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		cases, err := p.ReadCases()
		if err != nil {
			t.Error(err)
		}
		has := func(prefix string) bool {
			return slices.ContainsFunc(cases, func(c policy.Case) bool { return strings.HasPrefix(c.Name, prefix) })
		}
		for _, name := range []string{"deny_example", "allow_example"} {
			if !slices.ContainsFunc(cases, func(c policy.Case) bool { return c.Name == name }) {
				t.Errorf("%s has no case %s.txtar, which guard explain shows", p.ID, name)
			}
		}
		if !has("deny_") || !has("allow_") {
			t.Errorf("%s needs deny and allow cases", p.ID)
		}
		if len(p.Reads) > 0 && !slices.ContainsFunc(cases, func(c policy.Case) bool { return c.Files["inventory.yaml"] == "" }) {
			t.Errorf("%s reads the inventory and has no case with an empty one", p.ID)
		}
		if _, err := fs.Stat(policies.FS, path.Join(path.Dir(p.File), "policy_test.rego")); err != nil {
			t.Errorf("%s has no policy_test.rego", p.ID)
		}
		if len(p.Incidents) == 0 {
			t.Errorf("%s names no incident", p.ID)
		}
		for _, slug := range p.Incidents {
			if _, err := os.Stat(path.Join("../fixtures/incidents", slug, "README.md")); err != nil {
				t.Errorf("%s: incident %s: %v", p.ID, slug, err)
			}
		}
		for _, c := range cases {
			if c.Story == "" {
				t.Errorf("%s/%s tells no story", p.ID, c.Name)
			}
		}
	}
}

// TestABadObjectStaysWorkable sends every state policy the DELETE and the unchanged UPDATE of each object that it
// refuses: neither is refused, or nobody could repair or remove it.
func TestABadObjectStaysWorkable(t *testing.T) {
	t.Parallel()
	everyCase(t, newJudge, func(t *testing.T, j *judge, c policy.Case) {
		q := ask(t, c, j.now)
		if !j.policy.Asked(policy.AsksState) || len(q.Want) == 0 || q.Review.Object == nil {
			t.Skip("about states only")
		}
		bad := q.Review.Object
		world := inventory.New(append(slices.Clone(q.Review.World.Objects), bad), "")
		if stands := (question{Review: &review.Review{Object: bad, World: world}, Parameters: q.Parameters}); len(j.evaluate(t, stands)) == 0 {
			t.Skip("the request is refused, not the state")
		}
		for _, r := range []*review.Review{
			{Operation: review.Delete, Old: bad, World: world},
			{Operation: review.Update, Old: bad, Object: bad, World: world},
		} {
			again := question{Review: r, Parameters: q.Parameters}
			for _, v := range j.evaluate(t, again) {
				t.Errorf("%s is answered %q", r.Operation, v.Message)
			}
			j.compare(t, again)
		}
	})
}

// TestFixes applies every fix that a case offers: the object stays valid JSON, and the finding is gone.
func TestFixes(t *testing.T) {
	t.Parallel()
	everyCase(t, newAsker, func(t *testing.T, a *asker, c policy.Case) {
		q := ask(t, c, a.now)
		for _, v := range a.evaluate(t, q) {
			if v.Details.Fix == nil {
				continue
			}
			fixed := apply(t, q.Review.Object, v.Details.Fix)
			r := *q.Review
			r.Object = fixed
			for _, left := range a.evaluate(t, question{Review: &r, Parameters: q.Parameters}) {
				if left.Message == v.Message && left.Details.Field == v.Details.Field {
					t.Errorf("the fix %s leaves %q", v.Details.Fix, left.Message)
				}
			}
		}
	})
}

func apply(t *testing.T, o *object.Object, fix json.RawMessage) *object.Object {
	t.Helper()
	patch, err := jsonpatch.DecodePatch(fix)
	if err != nil {
		t.Fatal(err)
	}
	text, err := patch.Apply(raw(t, o))
	if err != nil {
		t.Fatalf("apply %s: %v", fix, err)
	}
	value, _, err := object.NewDecoder().DecodeJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := object.New(value, o.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return fixed
}

// TestReadsIsWhatIsRead compares METADATA reads with the inventory look-ups that a policy can reach: a kind that is
// not listed is not synced, and the policy stays silent in the cluster.
func TestReadsIsWhatIsRead(t *testing.T) {
	t.Parallel()
	compiler := ast.NewCompiler()
	compiler.Compile(modules(t))
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	for _, p := range load(t) {
		reached := map[string]bool{}
		seen := map[*ast.Rule]bool{}
		var visit func(*ast.Rule)
		visit = func(rule *ast.Rule) {
			if seen[rule] {
				return
			}
			seen[rule] = true
			ast.WalkRefs(rule, func(ref ast.Ref) bool {
				if kind := inventoryKind(ref); kind != "" {
					reached[kind] = true
				}
				return false
			})
			for dependency := range compiler.Graph.Dependencies(rule) {
				visit(dependency.(*ast.Rule))
			}
		}
		for _, rule := range compiler.Modules[p.File].Rules {
			visit(rule)
		}
		for kind := range reached {
			if !slices.Contains(p.Reads, kind) {
				t.Errorf("%s looks up %s, which its reads do not name", p.ID, kind)
			}
		}
	}
}

// inventoryKind is the apiVersion/Kind of a look-up; "" for one whose kind is computed.
func inventoryKind(ref ast.Ref) string {
	skip := 0
	switch {
	case ref.HasPrefix(ast.MustParseRef("data.inventory.cluster")):
		skip = 3
	case ref.HasPrefix(ast.MustParseRef("data.inventory.namespace")):
		skip = 4
	}
	if skip == 0 || len(ref) < skip+2 {
		return ""
	}
	version, ok := ref[skip].Value.(ast.String)
	kind, ok2 := ref[skip+1].Value.(ast.String)
	if !ok || !ok2 {
		return ""
	}
	return string(version) + "/" + string(kind)
}
