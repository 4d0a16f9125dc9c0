package helm

import (
	"slices"
	"text/template/parse"
)

// reference is what an expression of a template means, as far as it is the root's dot or something in its values. The zero
// value means nothing that is known.
type reference struct {
	// root says that it is the dot that a file is rendered with; of a {{ define }} it is taken to be.
	root bool
	// values says that it is .Values, or what path leads to from there.
	values bool
	path   []string
	// assumed says that it is so if a {{ define }} is given the root's dot.
	assumed bool
}

func (r reference) field(names []string) reference {
	switch {
	case len(names) == 0:
		return r
	case r.root && names[0] == "Values":
		return reference{values: true, path: slices.Clone(names[1:]), assumed: r.assumed}
	case r.values:
		return reference{values: true, path: slices.Concat(r.path, names), assumed: r.assumed}
	default:
		return reference{}
	}
}

// declare notes what the variables of a pipeline mean.
func (o *outline) declare(pipe *parse.PipeNode, s *scope) {
	for _, variable := range pipe.Decl {
		name := variable.Ident[0]
		if _, twice := o.variables[name]; twice {
			o.variables[name] = nil
			continue
		}
		meant := o.read(pipe, s)
		o.variables[name] = &meant
	}
}

// read is what a pipeline means that is one expression and no call.
func (o *outline) read(pipe *parse.PipeNode, s *scope) reference {
	if pipe == nil || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return reference{}
	}
	return o.resolve(pipe.Cmds[0].Args[0], s)
}

func (o *outline) resolve(node parse.Node, s *scope) reference {
	switch n := node.(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.FieldNode:
		return s.dot.field(n.Ident)
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return reference{root: true, assumed: s.define}.field(n.Ident[1:])
		}
		if meant := o.variables[n.Ident[0]]; meant != nil {
			return meant.field(n.Ident[1:])
		}
	case *parse.PipeNode:
		return o.read(n, s)
	case *parse.ChainNode:
		return o.resolve(n.Node, s).field(n.Field)
	}
	return reference{}
}

// reads are the values that a pipeline names.
func (o *outline) reads(pipe *parse.PipeNode, s *scope) []reference {
	if pipe == nil {
		return nil
	}
	var all []reference
	for _, command := range pipe.Cmds {
		for _, arg := range command.Args {
			if nested, ok := arg.(*parse.PipeNode); ok {
				all = append(all, o.reads(nested, s)...)
				continue
			}
			if meant := o.resolve(arg, s); meant.values && len(meant.path) > 0 {
				all = append(all, meant)
			}
		}
	}
	return all
}
