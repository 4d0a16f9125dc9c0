package policy

import "github.com/open-policy-agent/opa/v1/ast"

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
