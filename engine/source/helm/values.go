package helm

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/strvals"

	"github.com/data-guard/guard/engine/object"
)

// mergeValues merges what the user gives over the chart's own values, in Helm's order (pkg/cli/values/options.go).
func (r *run) mergeValues() map[string]any {
	merged := map[string]any{}
	for _, name := range r.Values {
		text, err := r.named(name)
		if err != nil {
			r.problem(object.Place{File: name}, "open values: %v", cause(err))
			continue
		}
		values, err := loader.LoadValues(bytes.NewReader(text))
		if err != nil {
			r.problem(object.Place{File: name, Line: yamlLine(text, err)}, "read values: %s", yamlMessage(err))
			continue
		}
		merged = loader.MergeMaps(merged, values)
	}
	set := func(flag string, texts []string, parse func(text string) error) {
		for _, text := range texts {
			if err := parse(text); err != nil {
				r.problem(r.place(), "read --%s %q: %v", flag, text, cause(err))
			}
		}
	}
	set("set", r.Set, func(text string) error { return strvals.ParseInto(text, merged) })
	set("set-string", r.SetString, func(text string) error { return strvals.ParseIntoString(text, merged) })
	set("set-file", r.SetFile, func(text string) error {
		return strvals.ParseIntoFile(text, merged, func(name []rune) (any, error) {
			content, err := r.named(string(name))
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", string(name), cause(err))
			}
			return string(content), nil
		})
	})
	return merged
}

// named reads a file that the user named where Helm would take a URL too.
func (r *run) named(name string) ([]byte, error) {
	switch {
	case strings.Contains(name, "://"):
		return nil, errors.New("a URL; guard fetches nothing: save it as a file")
	case strings.TrimSpace(name) == "-":
		return nil, errors.New("standard input; name a file")
	default:
		return r.readFile(name)
	}
}

var yamlErrorLine = regexp.MustCompile(`yaml: line (\d+): `)

// yamlLine is the line that the error of a YAML parser names; 0 when it names none or counts from another document's start.
func yamlLine(text []byte, err error) int {
	match := yamlErrorLine.FindStringSubmatch(err.Error())
	if match == nil || bytes.Contains(text, []byte("\n---")) {
		return 0
	}
	line, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return line
}

// yamlMessage is the parser's own word without those who passed it on.
func yamlMessage(err error) string {
	text := err.Error()
	if at := yamlErrorLine.FindStringIndex(text); at != nil {
		return text[at[1]:]
	}
	if _, after, found := strings.Cut(text, "error converting YAML to JSON: "); found {
		return strings.TrimPrefix(after, "yaml: ")
	}
	if _, after, found := strings.Cut(text, "while decoding JSON: json: "); found {
		return after
	}
	return text
}
