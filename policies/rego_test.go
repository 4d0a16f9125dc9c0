package policies_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/data-guard/guard/engine/policy"
)

// modules parses every Rego file beside this one, tests included: they are not embedded.
func modules(t *testing.T) map[string]*ast.Module {
	t.Helper()
	parsed := map[string]*ast.Module{}
	here := os.DirFS(".")
	err := fs.WalkDir(here, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".rego") {
			return err
		}
		text, err := fs.ReadFile(here, path)
		if err != nil {
			return err
		}
		parsed[path], err = ast.ParseModuleWithOpts(path, string(text), ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: !strings.HasSuffix(path, "policy.rego")})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestRego runs the Rego unit tests, and then asks that they and the cases together reach every line.
func TestRego(t *testing.T) {
	t.Parallel()
	parsed := modules(t)
	coverage := cover.New()
	results, err := tester.NewRunner().SetCompiler(ast.NewCompiler()).SetModules(parsed).SetStore(inmem.New()).
		SetCoverageQueryTracer(coverage).RunTests(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for result := range results {
		ran++
		if !result.Pass() {
			t.Errorf("%s: %s.%s: %v", result.Location, result.Package, result.Name, result.Error)
		}
	}
	if ran == 0 {
		t.Fatal("no Rego test ran")
	}
	coverCases(t, parsed, coverage)
	indexed := map[string]*ast.Module{}
	for path, module := range parsed {
		indexed[path] = policy.Indexed(module)
	}
	coverCases(t, indexed, coverage)
	report := coverage.Report(parsed)
	for _, file := range slices.Sorted(maps.Keys(report.Files)) {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		for _, r := range report.Files[file].NotCovered {
			t.Errorf("%s:%d-%d: no case and no test reaches this", file, r.Start.Row, r.End.Row)
		}
	}
}

func coverCases(t *testing.T, parsed map[string]*ast.Module, coverage *cover.Cover) {
	t.Helper()
	compiler := ast.NewCompiler()
	compiler.Compile(parsed)
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	// Only guard's engine reads indexes.
	queries := []string{""}
	for _, index := range indexes(parsed) {
		queries = append(queries, index.String())
	}
	slices.Sort(queries[1:])
	now := time.Now()
	for _, p := range load(t) {
		queries[0] = fmt.Sprintf("data.%s.violation", p.Package())
		cases, err := p.ReadCases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			q := ask(t, c, now)
			given := map[string]any{"unknown": "deny"}
			maps.Copy(given, q.Parameters)
			complete, err := p.Schema.Complete(given)
			if err != nil {
				t.Fatal(err)
			}
			parameters, err := ast.InterfaceToValue(complete)
			if err != nil {
				t.Fatal(err)
			}
			input := ast.NewObject(
				ast.Item(ast.StringTerm("parameters"), ast.NewTerm(parameters)),
				ast.Item(ast.StringTerm("review"), ast.NewTerm(q.Review.Input())))
			_, err = rego.New(
				rego.Query(strings.Join(queries, "; ")),
				rego.Compiler(compiler),
				rego.Store(inmem.NewFromASTObject(ast.NewObject(ast.Item(ast.StringTerm("inventory"), ast.NewTerm(q.Review.World.Value()))))),
				rego.ParsedInput(input),
				rego.Time(now),
				rego.QueryTracer(coverage),
			).Eval(t.Context())
			if err != nil {
				t.Errorf("%s/%s: %v", p.ID, c.Name, err)
			}
		}
	}
}
