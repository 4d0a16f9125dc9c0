package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"guard": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("GUARD_UPDATE") == "1",
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"soon": soon, "cluster": startCluster},
		Setup: func(env *testscript.Env) error {
			repo, err := filepath.Abs("../..")
			env.Setenv("REPO", repo)
			for _, role := range []string{"AUTHOR", "COMMITTER"} {
				env.Setenv("GIT_"+role+"_NAME", "somebody")
				env.Setenv("GIT_"+role+"_EMAIL", "somebody@example.org")
			}
			env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			env.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
			return err
		},
	})
}

// soon writes next month's date where a file says {{soon}}: exemptions are bounded.
func soon(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "{{soon}}", time.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// startCluster takes a file with objects and any number of RESOURCE=STATUS: lists of those fail. It sets KUBECONFIG.
func startCluster(ts *testscript.TestScript, _ bool, args []string) {
	s := &clustertest.Server{Resources: clustertest.Builtin(), Aggregated: true, Status: map[string]int{}}
	for document := range strings.SplitSeq(ts.ReadFile(args[0]), "---\n") {
		o := map[string]any{}
		ts.Check(yaml.UnmarshalStrict([]byte(document), &o))
		s.Objects = append(s.Objects, o)
	}
	for _, arg := range args[1:] {
		resource, text, _ := strings.Cut(arg, "=")
		status, err := strconv.Atoi(text)
		ts.Check(err)
		s.Status[resource] = status
	}
	server := s.Start()
	ts.Defer(server.Close)
	path, err := clustertest.Kubeconfig(ts.MkAbs("."), server.URL)
	ts.Check(err)
	ts.Setenv("KUBECONFIG", path)
}

// TestEveryPolicyFiresThroughTheBinary writes each policy's example as files, runs guard on them as a user would,
// and looks for the policy in the report.
func TestEveryPolicyFiresThroughTheBinary(t *testing.T) {
	t.Parallel()
	all, err := engine.Policies(nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, p := range all {
		cases, err := p.ReadCases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			// Files carry no options of a request, such as the grace period of a deletion.
			if c.Name == "deny_example" && !strings.Contains(c.Files["request.yaml"], "options:") {
				script(t, filepath.Join(dir, p.Package()+".txtar"), p, c)
			}
		}
	}
	testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true})
}

func script(t *testing.T, path string, p *policy.Policy, c policy.Case) {
	t.Helper()
	now := time.Now().UTC()
	expand := func(text string) string { return policytest.Expand(now, text) }
	var out strings.Builder
	// Another policy may have more to say about the same object.
	flags := "--fail-on info --include " + p.ID
	if _, change := c.Files["old.yaml"]; change || !p.Asked(policy.AsksState) {
		flags += " --base base"
	} else {
		flags += " --unknown fail"
	}
	parameters := c.Files["parameters.yaml"]
	if parameters != "" {
		flags += " --policies rules"
	}
	fmt.Fprintf(&out, "! exec guard eval head %s -o json\n", flags)
	fmt.Fprintf(&out, "stdout '\"policy\": \"%s\"'\n! stderr .\n", p.ID)
	for _, side := range []struct{ name, file string }{{"base", "old.yaml"}, {"head", "new.yaml"}} {
		fmt.Fprintf(&out, "-- %s/inventory.yaml --\n%s\n", side.name, expand(c.Files["inventory.yaml"]))
		fmt.Fprintf(&out, "-- %s/object.yaml --\n%s\n", side.name, expand(c.Files[side.file]))
	}
	if parameters != "" {
		fmt.Fprintf(&out, "-- rules/constraint.yaml --\n%s", constraint(t, p, parameters))
	}
	out.WriteString("-- head/other.yaml --\n{apiVersion: v1, kind: ConfigMap, metadata: {name: so-that-head-is-not-empty}}\n")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// constraint is what a user writes to ask a policy with parameters of their own.
func constraint(t *testing.T, p *policy.Policy, parameters string) []byte {
	t.Helper()
	var given map[string]any
	if err := yaml.Unmarshal([]byte(parameters), &given); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1",
		"kind":       p.Kind(),
		"metadata":   map[string]any{"name": "example"},
		"spec":       map[string]any{"match": p.MatchSource, "parameters": given},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
