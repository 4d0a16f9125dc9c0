package helm

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"helm.sh/helm/v4/pkg/chart/common"
)

// candidate is a key of the values that a field may have been made from.
type candidate struct {
	key string
	// equal says that the field has the value that stands there.
	equal bool
}

// keyOf is the key of the root's values that the field was made from, as --set takes it; "" when that cannot be told. steps
// lead to the field in the object.
func (s *spot) keyOf(values map[string]any, root ast.Value, steps []string) string {
	field := descend(root, steps)
	if field == nil || len(s.keys) == 0 {
		return ""
	}
	var all []candidate
	paths := map[string]bool{}
	for _, read := range s.keys {
		path := read.path
		if path[0] != "global" {
			path = slices.Concat(s.prefix, path)
		}
		paths[strings.Join(path, "\x00")] = true
		if c := s.candidate(values, path, root, steps); c.key != "" && (c.equal || !read.assumed) {
			all = append(all, c)
		}
	}
	if len(paths) > 1 {
		all = slices.DeleteFunc(all, func(c candidate) bool { return !c.equal })
	}
	all = slices.Compact(all)
	if len(all) != 1 {
		return ""
	}
	return all[0].key
}

func (s *spot) candidate(values map[string]any, path []string, root ast.Value, steps []string) candidate {
	field := descend(root, steps)
	given := at(values, path)
	switch given.(type) {
	case map[string]any, []any:
		for i := range steps {
			inner := at(given, steps[i:])
			if inner == nil {
				continue
			}
			if text, ok := scalar(field); ok && fmt.Sprint(inner) != text {
				return candidate{}
			}
			return candidate{key: spellKey(path) + spellBelow(given, steps[i:]), equal: true}
		}
		return candidate{}
	}
	text, ok := scalar(field)
	if !ok || flow(s.text) && (given == nil || !strings.Contains(text, fmt.Sprint(given))) {
		return candidate{}
	}
	return candidate{key: spellKey(path), equal: given != nil && fmt.Sprint(given) == text}
}

var actionText = regexp.MustCompile(`\{\{.*?\}\}`)

// flow says that a line has a mapping or a list in braces, and so may have several fields.
func flow(line string) bool { return strings.ContainsAny(actionText.ReplaceAllString(line, ""), "{[") }

// descend is what steps lead to, nil when it is not there.
func descend(value ast.Value, steps []string) ast.Value {
	for _, step := range steps {
		var child *ast.Term
		switch parent := value.(type) {
		case ast.Object:
			child = parent.Get(ast.StringTerm(step))
		case *ast.Array:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < parent.Len() {
				child = parent.Elem(i)
			}
		}
		if child == nil {
			return nil
		}
		value = child.Value
	}
	return value
}

func scalar(value ast.Value) (string, bool) {
	switch v := value.(type) {
	case ast.String:
		return string(v), true
	case ast.Number:
		return v.String(), true
	case ast.Boolean:
		return v.String(), true
	default:
		return "", false
	}
}

// at is what steps lead to in values, nil when it is not there.
func at(value any, steps []string) any {
	for _, step := range steps {
		switch parent := value.(type) {
		case common.Values:
			value = parent[step]
		case map[string]any:
			value = parent[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			value = parent[i]
		default:
			return nil
		}
	}
	return value
}

// spellKey spells a path of keys as --set takes it.
func spellKey(path []string) string {
	spelled := make([]string, len(path))
	for i, step := range path {
		spelled[i] = setEscape.Replace(step)
	}
	return strings.Join(spelled, ".")
}

var setEscape = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `,`, `\,`, `[`, `\[`, `=`, `\=`) //nolint:gochecknoglobals // a constant

// spellBelow goes on from values that hold lists too.
func spellBelow(value any, steps []string) string {
	var out strings.Builder
	for _, step := range steps {
		if _, list := value.([]any); list {
			out.WriteString("[" + step + "]")
		} else {
			out.WriteString("." + setEscape.Replace(step))
		}
		value = at(value, []string{step})
	}
	return out.String()
}
