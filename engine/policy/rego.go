package policy

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// forbidden built-ins reach outside, differ from run to run, or are empty inside Gatekeeper.
//
//nolint:gochecknoglobals // a table
var forbidden = []string{
	"http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "rego.metadata.chain", "rego.metadata.rule", "uuid.rfc4122",
}

// partial built-ins fail on bad input, and a failed one silences the rule that calls it: they stand in libraries,
// whose functions say "malformed".
//
//nolint:gochecknoglobals // a table
var partial = []string{"time.parse_", "time.date", "units.", "to_number", "regex.", "json.unmarshal", "base64.", "yaml.unmarshal", "semver."}

// checkPolicy refuses the private conventions' breaches and what Gatekeeper would take differently.
func (l *loader) checkPolicy(p *Policy, libraries []*Library) {
	if p.Module == nil {
		return
	}
	l.checkReferences(p.File, p.Module, libraries)
	found := false
	for _, rule := range p.Module.Rules {
		name := rule.Head.Ref()[0].Value.String()
		name = strings.Trim(name, `"`)
		switch {
		case name == "violation":
			found = true
		case !strings.HasPrefix(name, "_"):
			l.failf(p.File, rule.Location.Row, "check Rego: rule %s is public; only violation may be, the others begin with _", name)
		}
	}
	if !found {
		l.failf(p.File, p.Module.Package.Location.Row, "check Rego: there is no rule violation")
	}
	l.checkCalls(p)
	p.Libraries = closure(p.Module, libraries)
}

// checkCalls looks at the built-ins and at the id that is handed to the verdict.
func (l *loader) checkCalls(p *Policy) {
	ast.WalkTerms(p.Module, func(t *ast.Term) bool {
		call, ok := t.Value.(ast.Call)
		if !ok || len(call) < 2 {
			return false
		}
		name := call[0].Value.String()
		for _, prefix := range partial {
			if strings.HasPrefix(name, prefix) {
				l.failf(p.File, t.Location.Row, "check Rego: %s can fail and then silences the rule; call it in a library", name)
			}
		}
		if strings.HasPrefix(name, "verdict.") {
			if id, ok := call[1].Value.(ast.String); !ok || string(id) != p.ID {
				l.failf(p.File, t.Location.Row, "check Rego: %s is called with %s; the policy's id is %q", name, call[1], p.ID)
			}
			l.checkBefore(p, name, call)
		}
		return false
	})
}

// checkBefore refuses asked.before where it would silence the policy: it is undefined unless there is an old object.
func (l *loader) checkBefore(p *Policy, name string, call ast.Call) {
	if name != "verdict.state" || len(call) < 4 {
		return
	}
	if _, ok := call[3].Value.(*ast.SetComprehension); !ok {
		l.failf(p.File, call[3].Location.Row,
			"check Rego: verdict.state: write {p | some p in %s}: asked.before is undefined where there is no old object, and so would be the verdict", call[3])
	}
}

// checkReferences refuses what Gatekeeper's rewriter refuses, or worse, leaves undefined without a word.
func (l *loader) checkReferences(file string, module *ast.Module, libraries []*Library) {
	if module == nil {
		return
	}
	imports := map[string]*Library{}
	for _, imp := range module.Imports {
		ref, ok := imp.Path.Value.(ast.Ref)
		if !ok || len(ref) != 3 || !strings.HasPrefix(ref.String(), "data.lib.") || imp.Alias != "" {
			l.failf(file, imp.Location.Row, "check Rego: import %s; only data.lib.<name> can be imported, and without an alias", imp.Path)
			continue
		}
		name := strings.TrimPrefix(ref.String(), "data.lib.")
		i := slices.IndexFunc(libraries, func(lib *Library) bool { return lib.Name == name })
		if i < 0 {
			l.failf(file, imp.Location.Row, "check Rego: there is no library %s", name)
			continue
		}
		imports[name] = libraries[i]
	}
	for _, rule := range module.Rules {
		ast.WalkRefs(rule, func(ref ast.Ref) bool {
			l.checkRef(file, ref, imports)
			return false
		})
	}
}

func (l *loader) checkRef(file string, ref ast.Ref, imports map[string]*Library) {
	head, ok := ref[0].Value.(ast.Var)
	if !ok || len(ref) < 2 || ref[0].Location == nil {
		return
	}
	row := ref[0].Location.Row
	second := strings.Trim(ref[1].Value.String(), `"`)
	text := ref.String()
	switch {
	case string(head) == "data" && second == "lib" && len(ref) > 3:
		l.failf(file, row, "check Rego: %s is undefined inside Gatekeeper; import data.lib.%s", text, strings.Trim(ref[2].Value.String(), `"`))
	case string(head) == "data" && second != "lib" && second != "inventory":
		l.failf(file, row, "check Rego: %s; a policy sees data.inventory and data.lib only", text)
	case string(head) == "input" && second != "review" && second != "parameters":
		l.failf(file, row, "check Rego: %s; a policy sees input.review and input.parameters only", text)
	case strings.HasPrefix(text, "input.review.namespaceObject"):
		l.failf(file, row, "check Rego: %s needs Gatekeeper 3.22; read the Namespace from data.inventory", text)
	case slices.Contains(forbidden, text):
		l.failf(file, row, "check Rego: %s must not be called", text)
	case imports[string(head)] != nil && !defines(imports[string(head)].Module, second):
		l.failf(file, row, "check Rego: library %s has no rule %s", head, second)
	}
}

func defines(module *ast.Module, rule string) bool {
	if module == nil || strings.HasPrefix(rule, "_") {
		return module == nil
	}
	return slices.ContainsFunc(module.Rules, func(r *ast.Rule) bool {
		return strings.Trim(r.Head.Ref()[0].Value.String(), `"`) == rule
	})
}

// closure is every library that the module needs, directly or not, sorted by name.
func closure(module *ast.Module, libraries []*Library) []*Library {
	needed := map[string]*Library{}
	var visit func(*ast.Module)
	visit = func(m *ast.Module) {
		for _, imp := range m.Imports {
			name := strings.TrimPrefix(imp.Path.String(), "data.lib.")
			for _, lib := range libraries {
				if lib.Name == name && needed[name] == nil && lib.Module != nil {
					needed[name] = lib
					visit(lib.Module)
				}
			}
		}
	}
	visit(module)
	var sorted []*Library
	for _, lib := range libraries {
		if needed[lib.Name] != nil {
			sorted = append(sorted, lib)
		}
	}
	return sorted
}
