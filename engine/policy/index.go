package policy

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// IndexOf is the rule that holds every answer of a library function, by its argument or, of several, by their array;
// nil for a function without. METADATA custom.index of the function names it, a rule of the same package.
//
// Gatekeeper evaluates every rule anew for each request, so there the function looks for the few objects that it needs,
// and nothing reads the index. Who asks about every object of one inventory makes the index once and looks up. An
// argument that the index does not have means the empty set.
func IndexOf(function *ast.Rule) ast.Ref {
	for _, a := range function.Annotations {
		if name, ok := a.Custom["index"].(string); ok && len(function.Head.Args) > 0 {
			return function.Module.Package.Path.Append(ast.StringTerm(name))
		}
	}
	return nil
}

// Indexed is the library with each function whose METADATA has custom.indexed replaced by the function of that name,
// which takes the same arguments and asks indexes where the other one searches. The module itself stays as it is.
func Indexed(library *ast.Module) *ast.Module {
	instead := map[ast.Var]string{}
	for _, rule := range library.Rules {
		for _, a := range rule.Annotations {
			if name, ok := a.Custom["indexed"].(string); ok {
				instead[rule.Head.Name] = name
			}
		}
	}
	if len(instead) == 0 {
		return library
	}
	indexed := library.Copy()
	indexed.Rules = slices.DeleteFunc(indexed.Rules, func(r *ast.Rule) bool { return instead[r.Head.Name] != "" })
	for _, rule := range indexed.Rules {
		for searching, name := range instead {
			if string(rule.Head.Name) == name {
				rule.Head.Name = searching
				rule.Head.Reference = ast.Ref{ast.NewTerm(searching)}
			}
		}
	}
	return indexed
}
