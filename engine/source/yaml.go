package source

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
)

// decodeYAML reads a document with the API server's own library, so that YAML 1.1 booleans, octals and the
// bounds on aliases are the same here and there. What a
// tool made is not taken for a template; keys that stand twice in it are problems beside the value that the last ones make.
func decodeYAML(decoder *object.Decoder, d *object.Document, made bool) (ast.Value, []Problem) {
	json, err := sigs.YAMLToJSONStrict(d.Text)
	if err != nil && strings.Contains(err.Error(), "already set in map") && len(duplicateKeys(d)) == 0 {
		// A key that overrides one that "<<" merged in is not set twice, and the API server takes it.
		json, err = sigs.YAMLToJSON(d.Text)
	}
	if err != nil && made {
		if last, lenient := sigs.YAMLToJSON(d.Text); lenient == nil {
			value, _, err := decoder.DecodeJSON(last)
			if err == nil {
				return value, duplicateKeys(d)
			}
		}
	}
	if err != nil {
		return nil, yamlProblems(d, err, made)
	}
	value, _, err := decoder.DecodeJSON(json)
	if err != nil {
		return nil, []Problem{{d.Start(), err.Error()}}
	}
	return value, nil
}

var yamlLine = regexp.MustCompile(`(?m)^\s*(?:yaml: )?line (\d+): (.*)$`)

// yamlProblems gives every complaint of the parser its place in the file.
func yamlProblems(d *object.Document, err error, made bool) []Problem {
	if twice := duplicateKeys(d); len(twice) > 0 {
		return twice
	}
	text := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	if p, found := template(d); found && !made {
		return []Problem{p}
	}
	var problems []Problem
	for _, match := range yamlLine.FindAllStringSubmatch(text, -1) {
		line, err := strconv.Atoi(match[1])
		if err != nil {
			continue
		}
		problems = append(problems, Problem{object.Place{File: d.File, Line: d.Line + max(line, 1) - 1}, "parse YAML: " + match[2]})
	}
	if len(problems) == 0 {
		place := d.Start()
		place.Column = 0
		problems = []Problem{{place, "parse YAML: " + strings.TrimPrefix(text, "yaml: ")}}
	}
	return problems
}

// template recognises a Helm or Go template, the most frequent YAML that is none.
func template(d *object.Document) (Problem, bool) {
	at := bytes.Index(d.Text, []byte("{{"))
	if at < 0 {
		return Problem{}, false
	}
	line, column := d.Position(int64(at))
	return Problem{
		object.Place{File: d.File, Line: line, Column: column},
		"parse YAML: this is a template ({{ ... }}); give guard the folder of its chart, or what renders it",
	}, true
}

// duplicateKeys names every key that stands twice in one mapping: the API server's strict decoding refuses
// them, and without it the last one wins unseen.
func duplicateKeys(d *object.Document) []Problem {
	var root yaml.Node
	if err := yaml.Unmarshal(d.Text, &root); err != nil {
		return nil
	}
	var problems []Problem
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		first := map[string]int{}
		for i, child := range node.Content {
			if node.Kind == yaml.MappingNode && i%2 == 0 && child.Kind == yaml.ScalarNode && child.Tag != "!!merge" {
				if line, twice := first[child.Value]; twice {
					problems = append(problems, Problem{
						object.Place{File: d.File, Line: d.Line + child.Line - 1, Column: child.Column},
						"parse YAML: key " + strconv.Quote(child.Value) + " is already set in this mapping, on line " + strconv.Itoa(line),
					})
					continue
				}
				first[child.Value] = d.Line + child.Line - 1
			}
			walk(child)
		}
	}
	walk(&root)
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return problems
}
