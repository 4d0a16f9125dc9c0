package policies_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/data-guard/guard/engine/policy"
)

// silent are kinds that policies are about or look up and whose own labels and annotations none of them asks for.
var silent = []string{
	"acid.zalan.do/OperatorConfiguration",
	"autoscaling/HorizontalPodAutoscaler",
	"autoscaling/Scale",
	"capsule.clastix.io/Tenant",
	"keda.sh/ScaledObject",
	"policy/Eviction",
	"tenant.kubesphere.io/Workspace",
	"velero.io/Backup",
}

// TestApprovalsAreJudgedWhereTheyCount compares the kinds of approval-by-stranger with those that some policy of a
// cluster is about or looks up, and the kinds of protection-weakened with those of all policies: on one that is missing
// anybody can silence guard, and one too many stands behind the webhook for nothing.
func TestApprovalsAreJudgedWhereTheyCount(t *testing.T) {
	t.Parallel()
	judges := []string{"approval-by-stranger", "protection-weakened"}
	silenced := map[string]bool{}
	for _, judge := range judges {
		all := load(t)
		judged, counting := map[string]bool{}, map[string]string{}
		for _, kind := range matched(all[slices.IndexFunc(all, func(p *policy.Policy) bool { return p.ID == judge })]) {
			judged[kind] = true
		}
		if judge == "approval-by-stranger" {
			all = policy.ForCluster(all)
		}
		for _, p := range all {
			if slices.Contains(judges, p.ID) {
				continue
			}
			for _, kind := range about(p) {
				if slices.Contains(silent, kind) {
					silenced[kind] = true
				} else {
					counting[kind] = p.ID
				}
			}
		}
		for kind, id := range counting {
			if !judged[kind] {
				t.Errorf("%s is about %s or looks it up, and %s does not match it", id, kind, judge)
			}
		}
		for kind := range judged {
			if counting[kind] == "" {
				t.Errorf("%s matches %s, and no other policy does or looks it up", judge, kind)
			}
		}
	}
	for _, kind := range silent {
		if !silenced[kind] {
			t.Errorf("%s is listed as silent, and no policy is about it or looks it up", kind)
		}
	}
}

// about are the kinds that the policy matches and looks up.
func about(p *policy.Policy) []string {
	kinds := matched(p)
	for _, read := range p.Reads {
		kinds = append(kinds, group(read)+"/"+path.Base(read))
	}
	return kinds
}

// matched are the policy's kinds as group/Kind, /Kind for the core group.
func matched(p *policy.Policy) []string {
	var all []string
	for _, k := range p.Match.Kinds {
		for _, g := range k.APIGroups {
			for _, kind := range k.Kinds {
				all = append(all, g+"/"+kind)
			}
		}
	}
	return all
}

// group is the API group of an apiVersion/Kind; "" for the core group.
func group(read string) string {
	if strings.Count(read, "/") < 2 {
		return ""
	}
	return path.Dir(path.Dir(read))
}

// TestEveryWordOfGuardsOwnIsGuarded finds every label and annotation of guard's own that a policy or library reads, and
// the values that it is compared with, and wants lib/protection to know them: who may write one that it does not know
// is anybody.
func TestEveryWordOfGuardsOwnIsGuarded(t *testing.T) {
	t.Parallel()
	parsed := modules(t)
	known := words(t, parsed, "keys", "values", "raises", "marks")
	read := map[string]bool{}
	for file, module := range parsed {
		if strings.HasSuffix(file, "_test.rego") || strings.HasPrefix(file, "lib/protection/") {
			continue
		}
		r := reader{t, file, known, read}
		ast.WalkExprs(module, func(e *ast.Expr) bool {
			if operands, ok := e.Terms.([]*ast.Term); ok {
				r.call(operands)
			}
			return false
		})
		ast.WalkTerms(module, func(term *ast.Term) bool {
			r.term(term)
			return false
		})
	}
	for word := range words(t, parsed, "keys", "raises", "marks") {
		if !read[word] {
			t.Errorf("lib/protection knows %s, which nothing reads", word)
		}
	}
}

// words are the members of sets of lib/protection, the parts of each joined with blanks.
func words(t *testing.T, parsed map[string]*ast.Module, sets ...string) map[string]bool {
	t.Helper()
	compiler := ast.NewCompiler()
	compiler.Compile(parsed)
	if compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	known := map[string]bool{}
	for _, set := range sets {
		results, err := rego.New(rego.Query("data.lib.protection."+set), rego.Compiler(compiler)).Eval(t.Context())
		if err != nil || len(results) != 1 {
			t.Fatalf("evaluate lib.protection.%s: %d results, %v", set, len(results), err)
		}
		for _, member := range results[0].Expressions[0].Value.([]any) {
			var parts []string
			for _, part := range member.([]any) {
				parts = append(parts, part.(string))
			}
			known[strings.Join(parts, " ")] = true
		}
	}
	return known
}

// reader looks for what a file reads.
type reader struct {
	t           *testing.T
	file        string
	known, read map[string]bool
}

func (r reader) term(term *ast.Term) {
	switch value := term.Value.(type) {
	case ast.Call:
		r.call(value)
	case ast.String:
		if strings.Contains(string(value), "data-guard.dev") && r.file != "lib/meta/meta.rego" && r.file != "lib/patch/patch.rego" {
			r.t.Errorf("%s: %s; read it by meta.annotation or meta.label, so that a test can find it", term.Loc(), value)
		}
	case ast.Ref:
		if value.String() == "meta.domain" {
			r.t.Errorf("%s: %s; read by meta.annotation or meta.label, so that a test can find it", term.Loc(), value)
		}
	}
}

// call takes an operator and its operands.
func (r reader) call(operands []*ast.Term) {
	if len(operands) == 3 && part(operands[0]) != "" {
		r.want(operands[0].Loc(), part(operands[0])+" "+name(operands[2]))
	}
	if len(operands) != 3 || !slices.Contains([]string{"equal", "neq"}, operands[0].String()) {
		return
	}
	for i, operand := range operands[1:] {
		inner, ok := operand.Value.(ast.Call)
		other, constant := operands[2-i].Value.(ast.String)
		if ok && constant && len(inner) == 3 && part(inner[0]) != "" {
			r.want(operand.Loc(), part(inner[0])+" "+name(inner[2])+" "+string(other))
		}
	}
}

func (r reader) want(at *ast.Location, word string) {
	r.read[word] = true
	if !r.known[word] {
		r.t.Errorf("%s: reads %s, which lib/protection does not know", at, word)
	}
}

// part is the map that the operator reads one of guard's own keys of; "" for any other operator.
func part(operator *ast.Term) string {
	return map[string]string{"meta.annotation": "annotations", "meta.label": "labels"}[operator.String()]
}

// name is the key: a constant, or the format of one.
func name(key *ast.Term) string {
	if call, ok := key.Value.(ast.Call); ok && call[0].String() == "sprintf" {
		key = call[1]
	}
	if text, ok := key.Value.(ast.String); ok {
		return string(text)
	}
	return key.String()
}
