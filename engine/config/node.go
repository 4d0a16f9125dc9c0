package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/data-guard/guard/engine/object"
)

// maxNodes is how many values are read with every alias followed: an alias of aliases is a short way to write a long
// file.
const maxNodes = 100_000

// maxDepth is how deep values lie in one another at most.
const maxDepth = 100

// Problem is something that is wrong with a file, and where.
//
//nolint:errname // the field's word: it is collected, not thrown
type Problem struct {
	object.Place

	Message string
}

// Error is "file:line:column: message".
func (p *Problem) Error() string { return p.String() + ": " + p.Message }

// reader walks the nodes of a file, remembers where things stand and collects what is wrong.
type reader struct {
	file     string
	places   map[string]object.Place
	problems []*Problem
	visited  int
}

func (r *reader) placeOf(node *yaml.Node) object.Place {
	return object.Place{File: r.file, Line: node.Line, Column: node.Column}
}

func (r *reader) failf(node *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, &Problem{r.placeOf(node), "read configuration: " + fmt.Sprintf(format, args...)})
}

// follow is what an alias stands for, and false when too much was followed.
func (r *reader) follow(node *yaml.Node) (*yaml.Node, bool) {
	r.visited++
	if r.visited > maxNodes {
		if r.visited == maxNodes+1 {
			r.failf(node, "there are more than %d values, with aliases followed", maxNodes)
		}
		return node, false
	}
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias, true
	}
	return node, true
}

// entry is a key of a mapping with its value.
type entry struct {
	key   string
	at    string
	node  *yaml.Node
	value *yaml.Node
}

// entries are those of a mapping, in the order of the file; a key that stands twice counts once.
func (r *reader) entries(at string, node *yaml.Node) []entry {
	node, ok := r.follow(node)
	if !ok {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		r.failf(node, "%s: want keys with values, not %s", name(at), kind(node))
		return nil
	}
	var list []entry
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			r.failf(key, "%s: a key is %s; keys are text, and a merge key is not followed", name(at), kind(key))
			continue
		}
		if i := slices.IndexFunc(list, func(e entry) bool { return e.key == key.Value }); i >= 0 {
			r.failf(key, "%s: key %q stands in line %d already", name(at), key.Value, list[i].node.Line)
			continue
		}
		e := entry{key.Value, at + pointer(key.Value), key, value}
		r.places[e.at] = r.placeOf(key)
		list = append(list, e)
	}
	return list
}

// field is a key that a mapping may have.
type field struct {
	key  string
	read func(at string, value *yaml.Node)
}

// mapping hands each value to its field. refuse says why a key is none; "" leaves it to near misses.
func (r *reader) mapping(at string, node *yaml.Node, refuse func(key string) string, fields ...field) {
	keys := make([]string, 0, len(fields))
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	for _, e := range r.entries(at, node) {
		if i := slices.Index(keys, e.key); i >= 0 {
			fields[i].read(e.at, e.value)
			continue
		}
		if refuse != nil {
			if reason := refuse(e.key); reason != "" {
				r.failf(e.node, "%s", reason)
				continue
			}
		}
		r.failf(e.node, "%s: unknown key %q%s", name(at), e.key, didYouMean(e.key, keys, "want "+enumerate(keys, "or")))
	}
}

// list hands on each item.
func (r *reader) list(at string, node *yaml.Node, each func(at string, item *yaml.Node)) {
	node, ok := r.follow(node)
	if !ok {
		return
	}
	if node.Kind != yaml.SequenceNode {
		r.failf(node, "%s: want a list, not %s", name(at), kind(node))
		return
	}
	for i, item := range node.Content {
		at := at + pointer(strconv.Itoa(i))
		r.places[at] = r.placeOf(item)
		each(at, item)
	}
}

// texts reads a list of texts, none twice. check says what is wrong with one; nil minds nothing.
func (r *reader) texts(into *[]string, check func(string) string) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		r.list(at, node, func(at string, item *yaml.Node) {
			var text string
			r.text(&text, check)(at, item)
			if text != "" && slices.Contains(*into, text) {
				r.failf(item, "%s: %q stands there already", name(at), text)
				return
			}
			if text != "" {
				*into = append(*into, text)
			}
		})
	}
}

// text reads one text; it stays "" when something is wrong with it.
func (r *reader) text(into *string, check func(string) string) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		node, ok := r.follow(node)
		switch {
		case !ok:
		case node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" || node.Kind == yaml.ScalarNode && node.Value == "":
			r.failf(node, "%s: there is no value", name(at))
		case node.Kind != yaml.ScalarNode:
			r.failf(node, "%s: want a text, not %s", name(at), kind(node))
		case node.ShortTag() != "!!str":
			r.failf(node, "%s: want a text, not %s; write %q in quotes if it is one", name(at), kind(node), node.Value)
		default:
			r.checked(into, at, node, check)
		}
	}
}

// version reads one text as it is written: 1.30 is a number to YAML, and the zero counts.
func (r *reader) version(into *string, check func(string) string) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		if node, ok := r.follow(node); ok && node.Kind == yaml.ScalarNode && slices.Contains([]string{"!!int", "!!float"}, node.ShortTag()) {
			r.checked(into, at, node, check)
			return
		}
		r.text(into, check)(at, node)
	}
}

func (r *reader) checked(into *string, at string, node *yaml.Node, check func(string) string) {
	if check != nil {
		if complaint := check(node.Value); complaint != "" {
			r.failf(node, "%s: %q %s", name(at), node.Value, complaint)
			return
		}
	}
	*into = node.Value
}

// flag reads true or false.
func (r *reader) flag(into *bool) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		node, ok := r.follow(node)
		if ok && (node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" || node.Decode(into) != nil) {
			r.failf(node, "%s: want true or false, not %s", name(at), kind(node))
		}
	}
}

// plain reads any value as JSON has it; numbers are int64, uint64 or float64.
func (r *reader) plain(at string, node *yaml.Node) any {
	node, ok := r.follow(node)
	switch {
	case !ok:
		return nil
	case strings.Count(at, "/") > maxDepth:
		r.failf(node, "%s: values lie more than %d deep in one another", name(at), maxDepth)
		return nil
	case node.Kind == yaml.MappingNode:
		values := map[string]any{}
		for _, e := range r.entries(at, node) {
			values[e.key] = r.plain(e.at, e.value)
		}
		return values
	case node.Kind == yaml.SequenceNode:
		values := []any{}
		r.list(at, node, func(at string, item *yaml.Node) { values = append(values, r.plain(at, item)) })
		return values
	case node.ShortTag() == "!!null":
		return nil
	case slices.Contains([]string{"!!str", "!!timestamp"}, node.ShortTag()):
		return node.Value
	}
	var value any
	err := node.Decode(&value)
	if number, ok := value.(float64); err != nil || ok && (math.IsNaN(number) || math.IsInf(number, 0)) {
		r.failf(node, "%s: %q is no value that JSON has", name(at), node.Value)
		return nil
	}
	return value
}

// name is the nearest key of a pointer.
func name(at string) string {
	steps := object.SplitPointer(at)
	for _, step := range slices.Backward(steps) {
		if _, err := strconv.Atoi(step); err != nil {
			return step
		}
	}
	return "the file"
}

// kind is what a person calls a node.
func kind(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	case yaml.ScalarNode, yaml.DocumentNode:
	}
	switch tag := node.ShortTag(); tag {
	case "!!int", "!!float":
		return "the number " + node.Value
	case "!!null":
		return "nothing"
	default:
		return strings.TrimPrefix(tag, "!!") + " " + strconv.Quote(node.Value)
	}
}
