package helm

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"text/template/parse"
)

// outline is what of a file of templates prints, and where.
type outline struct {
	file   string
	text   []byte
	breaks []int
	// literals are the stretches of literal text in the order of the file, actions the rest of what prints.
	literals []literal
	actions  []action
	// jumps says that a range is left by break or continue.
	jumps bool
	// variables are those that always mean the same values.
	variables map[string]*reference
}

// scope is one list of nodes: what runs together.
type scope struct {
	parent *scope
	// loop is the innermost range that the list is in, nil outside of any.
	loop *scope
	// define says that the list is in a {{ define }}, which may run many times and be printed anywhere.
	define bool
	// dot is what "." means.
	dot reference
}

type literal struct {
	scope  *scope
	offset int
	text   string
}

// action is a {{ ... }} that prints.
type action struct {
	scope        *scope
	offset, line int
	// end is where its pipeline ends; 0 when it cannot go on there.
	end   int
	reads []reference
}

// within says that other is the scope or one of those that it is in.
func (s *scope) within(other *scope) bool {
	for ; s != nil; s = s.parent {
		if s == other {
			return true
		}
	}
	return false
}

// lineAt is the line of an offset, from 1.
func (o *outline) lineAt(offset int) int { return sort.SearchInts(o.breaks, offset) + 1 }

func (o *outline) line(number int) string {
	start, end := 0, len(o.text)
	if number > 1 {
		start = o.breaks[number-2] + 1
	}
	if number <= len(o.breaks) {
		end = o.breaks[number-1]
	}
	return strings.TrimSuffix(string(o.text[start:end]), "\r")
}

func (o *outline) sort() {
	slices.SortFunc(o.literals, func(a, b literal) int { return cmp.Compare(a.offset, b.offset) })
	slices.SortFunc(o.actions, func(a, b action) int { return cmp.Compare(a.offset, b.offset) })
}

func (o *outline) walk(list *parse.ListNode, s *scope) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			o.literal(n, s)
		case *parse.ActionNode:
			o.declare(n.Pipe, s)
			if len(n.Pipe.Decl) == 0 {
				o.print(n.Pos, n.Pipe, s)
				o.actions[len(o.actions)-1].end = o.close(int(n.Pos))
			}
		case *parse.TemplateNode:
			o.print(n.Pos, n.Pipe, s)
		case *parse.IfNode:
			o.declare(n.Pipe, s)
			o.branch(&n.BranchNode, s, s.dot, s.loop)
		case *parse.WithNode:
			o.declare(n.Pipe, s)
			o.branch(&n.BranchNode, s, o.read(n.Pipe, s), s.loop)
		case *parse.RangeNode:
			for _, variable := range n.Pipe.Decl {
				o.variables[variable.Ident[0]] = nil
			}
			loop := &scope{parent: s, define: s.define}
			loop.loop = loop
			o.branch(&n.BranchNode, loop, reference{}, loop)
		case *parse.BreakNode, *parse.ContinueNode:
			o.jumps = true
		}
	}
}

func (o *outline) branch(n *parse.BranchNode, s *scope, dot reference, loop *scope) {
	o.walk(n.List, &scope{parent: s, loop: loop, define: s.define, dot: dot})
	otherwise := s.dot
	if s.loop == s && s.parent != nil {
		otherwise = s.parent.dot
	}
	o.walk(n.ElseList, &scope{parent: s, loop: loop, define: s.define, dot: otherwise})
}

func (o *outline) literal(n *parse.TextNode, s *scope) {
	end := int(n.Pos) + len(n.Text)
	if end <= len(o.text) && string(o.text[n.Pos:end]) == string(n.Text) {
		o.literals = append(o.literals, literal{s, int(n.Pos), string(n.Text)})
	}
}

func (o *outline) print(pos parse.Pos, pipe *parse.PipeNode, s *scope) {
	o.actions = append(o.actions, action{scope: s, offset: int(pos), line: o.lineAt(int(pos)), reads: o.reads(pipe, s)})
}

// between are the actions that printed what stands between two marks of the file's own text, provided that nothing else can
// have: a and b ran one right after the other then, in one go. A nil mark is the file's start, or its end.
func (o *outline) between(a, b *mark) []action {
	top := &scope{}
	start, end, from, to := 0, len(o.text), top, top
	if a != nil {
		start, from = a.offset, a.scope
	}
	if b != nil {
		end, to = b.offset, b.scope
	}
	if start > end || from.define || to.define || from.loop != to.loop || o.jumps {
		return nil
	}
	if from.loop != nil && !from.within(to) && !to.within(from) {
		return nil
	}
	var ran []action
	for _, action := range o.actions {
		if action.offset > start && action.offset < end && !action.scope.define {
			ran = append(ran, action)
		}
	}
	return ran
}

// close is the end of the pipeline that is in the action at an offset, before the space and the hyphen that close it; 0
// when it is not found.
func (o *outline) close(from int) int {
	text := string(o.text)
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '`':
			next := strings.IndexByte(text[i+1:], '`')
			if next < 0 {
				return 0
			}
			i += next + 1
		case text[i] == '"' || text[i] == '\'':
			quote := text[i]
			for i++; i < len(text) && text[i] != quote; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case strings.HasPrefix(text[i:], "}}"):
			return len(strings.TrimRight(strings.TrimSuffix(text[:i], " -"), " \t\r\n"))
		}
	}
	return 0
}
