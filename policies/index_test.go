package policies_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/data-guard/guard/engine/policy"
)

// TestIndexesSayWhatTheirFunctionsSay asks each library function that has an index for every key of that index, and
// for every key that the inventory of another case has, over the inventory of each case: Gatekeeper searches where
// guard looks up, and both must find the same.
func TestIndexesSayWhatTheirFunctionsSay(t *testing.T) {
	t.Parallel()
	parsed := modules(t)
	functions := indexes(parsed)
	if len(functions) == 0 {
		t.Fatal("no function has an index")
	}
	compiler := ast.NewCompiler()
	compiler.Compile(parsed)
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	var query strings.Builder
	for name, index := range functions {
		arguments := "key"
		if n := len(compiler.GetRulesExact(ast.MustParseRef(name))[0].Head.Args); n > 1 {
			var parts []string
			for i := range n {
				parts = append(parts, fmt.Sprintf("key[%d]", i))
			}
			arguments = strings.Join(parts, ", ")
		}
		fmt.Fprintf(&query, "%q: {\"keys\": object.keys(%s), \"wrong\": [[key, found, kept] | some key in (object.keys(%[2]s) | {k | some k in input[%[1]q]}); kept := object.get(%[2]s, [key], set()); found := %[3]s(%[4]s); kept != found]},", name, index, name, arguments)
	}
	now := time.Now()
	asked := 0
	for _, p := range load(t) {
		cases, err := p.ReadCases()
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]any{}
		for _, c := range cases {
			q := ask(t, c, now)
			store := inmem.NewFromASTObject(ast.NewObject(ast.Item(ast.StringTerm("inventory"), ast.NewTerm(q.Review.World.Value()))))
			results, err := rego.New(rego.Query("said = {"+query.String()+"}"), rego.Compiler(compiler), rego.Store(store), rego.Input(before), rego.Time(now)).Eval(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			said := results[0].Bindings["said"].(map[string]any)
			for name := range functions {
				answer := said[name].(map[string]any)
				for _, wrong := range answer["wrong"].([]any) {
					t.Errorf("%s/%s: %s of key, found, kept %v", p.ID, c.Name, name, wrong)
				}
				before[name] = answer["keys"]
				asked += len(answer["keys"].([]any))
			}
		}
	}
	t.Logf("%d keys of %d functions", asked, len(functions))
}

// indexes are the indexes of library functions, by the function's name.
func indexes(parsed map[string]*ast.Module) map[string]ast.Ref {
	functions := map[string]ast.Ref{}
	for _, file := range parsed {
		for _, rule := range file.Rules {
			if index := policy.IndexOf(rule); index != nil {
				functions[file.Package.Path.String()+"."+rule.Head.Name.String()] = index
			}
		}
	}
	return functions
}
