package eval_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

const echo = `# METADATA
# title: echo
# description: says what it is asked
# custom:
#   severities: [high, low]
#   remediation: none
#   match: {kinds: [{apiGroups: ["*"], kinds: ["*"]}]}
#   asks: [state]
#   reads: [v1/ConfigMap]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       word: {type: string, default: hello}
package echo

import data.lib.index

violation contains {"msg": sprintf("%s %s of %d", [input.parameters.word, object.get(input.review.object.metadata, "name", "?"), index.size]), "details": {}} if {
	not broken
}

violation contains {"msg": "x"} if index.fails(input.review.object)
`

const index = `package lib.index

size := count([name | some ns, name; data.inventory.namespace[ns].v1.ConfigMap[name]])

fails(obj) := 1 if obj.data.conflict

fails(obj) := 2 if obj.data.conflict
`

func echoPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	loaded, _, err := policy.Load(fstest.MapFS{
		"test/echo/policy.rego": {Data: []byte(strings.Replace(echo, "\tnot broken\n", "\tnot input.review.object.data.quiet\n", 1))},
		"lib/index/index.rego":  {Data: []byte(index)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return loaded[0]
}

func world(t testing.TB, text string) *inventory.Inventory {
	t.Helper()
	r := source.Text("t.yaml", []byte(text))
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	return inventory.New(r.Worlds[0].Objects, "")
}

func run(t testing.TB, w *inventory.Inventory, constraints ...*eval.Constraint) (*eval.Answers, []string) {
	t.Helper()
	evaluator, err := eval.New(constraints, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := evaluator.Run(t.Context(), review.States(w))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, v := range answers.Violations {
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", v.Constraint.Name, v.Message, v.Details.Severity))
	}
	for _, n := range answers.NotJudged {
		lines = append(lines, "not judged: "+n.Reason)
	}
	return answers, lines
}

func TestParametersAndDefaults(t *testing.T) {
	t.Parallel()
	p := echoPolicy(t)
	w := world(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {quiet: x}}")
	plain, err := eval.Default(p)
	if err != nil {
		t.Fatal(err)
	}
	named, err := eval.NewConstraint("named", p, p.Match, map[string]any{"word": "hi"})
	if err != nil {
		t.Fatal(err)
	}
	_, got := run(t, w, plain, named)
	if diff := cmp.Diff([]string{"echo: hello a of 2 (high)", "named: hi a of 2 (high)"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, parameters := range []map[string]any{{"word": 1}, {"wrd": "hi"}, {"severities": []any{"fatal"}}} {
		if _, err := eval.NewConstraint("bad", p, p.Match, parameters); err == nil {
			t.Errorf("%v is accepted", parameters)
		}
	}
}

func TestAnEvaluationErrorIsNamed(t *testing.T) {
	t.Parallel()
	c, err := eval.Default(echoPolicy(t))
	if err != nil {
		t.Fatal(err)
	}
	_, got := run(t, world(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {conflict: x}}"), c)
	if len(got) != 1 || !strings.Contains(got[0], "not judged: evaluate: ") || !strings.Contains(got[0], "conflict") {
		t.Errorf("got %v", got)
	}
}

const matchWorld = `
{apiVersion: v1, kind: Namespace, metadata: {name: prod, labels: {env: prod}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: dev, labels: {env: dev}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: one, namespace: prod, labels: {app: db}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: two, namespace: dev}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: lost, namespace: unseen, labels: {app: db}}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: one}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {generateName: one-, namespace: prod}}
`

// TestMatchIsGatekeepers compares what a constraint is asked about with what Gatekeeper's client asks.
func TestMatchIsGatekeepers(t *testing.T) {
	t.Parallel()
	p := echoPolicy(t)
	w := world(t, matchWorld)
	for _, text := range []string{
		"{}",
		"{kinds: [{apiGroups: [''], kinds: [ConfigMap]}]}",
		"{kinds: [{apiGroups: [apps], kinds: ['*']}, {apiGroups: [''], kinds: [PersistentVolume]}]}",
		"{kinds: [{kinds: [Namespace]}]}",
		"{namespaces: [prod]}",
		"{namespaces: ['p*']}",
		"{excludedNamespaces: ['*d']}",
		"{excludedNamespaces: [prod], kinds: [{apiGroups: ['*'], kinds: [ConfigMap, Namespace]}]}",
		"{labelSelector: {matchLabels: {app: db}}}",
		"{labelSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}",
		"{namespaceSelector: {matchLabels: {env: prod}}}",
		"{namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}}",
		"{scope: Cluster}",
		"{scope: Namespaced}",
		"{scope: '*'}",
		"{name: one}",
		"{name: 'one*'}",
		"{name: 'o*', namespaces: [prod], scope: Namespaced}",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var m match.Match
			if err := yaml.UnmarshalStrict([]byte(text), &m); err != nil {
				t.Fatal(err)
			}
			c, err := eval.NewConstraint("c", p, m, nil)
			if err != nil {
				t.Fatal(err)
			}
			answers, _ := run(t, w, c)
			got := map[string]string{}
			for _, v := range answers.Violations {
				got[v.Review.Object.String()] = "asked"
			}
			for _, n := range answers.NotJudged {
				got[n.Review.Object.String()] = "not judged"
			}
			if diff := cmp.Diff(gatekeeperAsks(t, w, text), got); diff != "" {
				t.Errorf("(-gatekeeper +guard)\n%s", diff)
			}
		})
	}
}

// gatekeeperAsks puts the same world to a template and constraint in the framework's client.
func gatekeeperAsks(t *testing.T, w *inventory.Inventory, matchText string) map[string]string {
	t.Helper()
	r := source.Text("t.yaml", []byte(`
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: echoall}
spec:
  crd: {spec: {names: {kind: EchoAll}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
      package echoall
      violation[{"msg": "asked"}] { true }
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: EchoAll
metadata: {name: c}
spec: {match: `+matchText+"}\n"))
	foreign, err := eval.NewForeign(r.Worlds[0].Objects, nil, func(*policy.Policy, *eval.Constraint) {})
	if err != nil {
		t.Fatal(err)
	}
	answers, err := foreign.Run(t.Context(), review.States(w))
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{}
	for _, v := range answers.Violations {
		asked[v.Review.Object.String()] = "asked"
	}
	for _, n := range answers.NotJudged {
		asked[n.Review.Object.String()] = "not judged"
	}
	return asked
}

func TestForeignRefusesWhatItCannotRun(t *testing.T) {
	t.Parallel()
	template := func(code string) string {
		return "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: x}\nspec:\n  crd: {spec: {names: {kind: X}}}\n  targets:\n  - target: admission.k8s.gatekeeper.sh\n" + code
	}
	for _, test := range []struct{ text, want string }{
		{template("    code: [{engine: K8sNativeValidation, source: {}}]\n"), "t.yaml:1:1: load ConstraintTemplate x: engine K8sNativeValidation; guard runs Rego only"},
		{template("    rego: |\n      package x\n      violation[{\"msg\": \"a\"}] { external_data({\"provider\": \"p\", \"keys\": []}) }\n"), "t.yaml:1:1: load ConstraintTemplate x: it calls external_data, which guard does not"},
		{"apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Why\nmetadata: {name: why}\n", "t.yaml:1:1: load constraint why: there is no ConstraintTemplate of kind Why"},
	} {
		_, err := eval.NewForeign(source.Text("t.yaml", []byte(test.text)).Worlds[0].Objects, nil, nil)
		if err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

func TestTheSameAnswersInTheSameOrder(t *testing.T) {
	t.Parallel()
	c, err := eval.Default(echoPolicy(t))
	if err != nil {
		t.Fatal(err)
	}
	var objects []*object.Object
	for i := range 200 {
		objects = append(objects, world(t, fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: c%d}}", i)).Objects...)
	}
	w := inventory.New(objects, "")
	_, first := run(t, w, c)
	for range 5 {
		if _, again := run(t, w, c); !cmp.Equal(first, again) {
			t.Fatal("two runs differ")
		}
	}
	if len(first) != 200 || first[7] != "echo: hello c7 of 200 (high)" {
		t.Errorf("got %d, the eighth %q", len(first), first[7])
	}
}
