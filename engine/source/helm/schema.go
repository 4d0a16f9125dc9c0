package helm

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/data-guard/guard/engine/object"
)

const (
	schemaFile = "values.schema.json"
	// schemaURL is what Helm calls the schema (pkg/chart/common/util/jsonschema.go).
	schemaURL = "file:///" + schemaFile
)

// validate holds the values against the schemas of the chart and its subcharts, as Helm does. Helm's own function would
// fetch what a schema refers to, from the network and from the disk: that is left unchecked here, and told. It reports false
// when the values violate a schema.
func (r *run) validate(c *chart.Chart, values map[string]any) bool {
	place := object.Place{File: r.schemaPlace(c)}
	valid := true
	if c.Schema != nil {
		unread, err := conform(values, c.Schema)
		for _, url := range unread {
			r.skip(place, "%s is not fetched; what it asks of the values is not checked", url)
		}
		if err != nil {
			for _, violation := range violations(err) {
				r.problem(place, "check values: %s", violation)
			}
			valid = false
		}
	}
	for _, sub := range c.Dependencies() {
		switch below := values[sub.Name()].(type) {
		case nil:
		case common.Values:
			valid = r.validate(sub, below) && valid
		case map[string]any:
			valid = r.validate(sub, below) && valid
		default:
			r.problem(place, "check values: %s must be a mapping, got %T", sub.Name(), below)
			valid = false
		}
	}
	return valid
}

// violations takes the error of a schema apart: a line each, what explains it on indented ones below.
func violations(err error) []string {
	var all []string
	for line := range strings.Lines(strings.TrimPrefix(err.Error(), "jsonschema validation failed with '"+schemaURL+"#'\n")) {
		line = strings.TrimRight(line, "\n")
		if text, more := strings.CutPrefix(line, "  "); more && len(all) > 0 {
			all[len(all)-1] += " " + strings.TrimSpace(text)
		} else if line != "" {
			all = append(all, strings.TrimPrefix(line, "- "))
		}
	}
	return all
}

func (r *run) schemaPlace(c *chart.Chart) string {
	if len(c.Schema) > 0 {
		if shown, ok := r.files.shown[&c.Schema[0]]; ok {
			return shown
		}
	}
	return path.Join(r.Path, schemaFile)
}

// conform checks values against a schema; unread are the other schemas that it refers to.
func conform(values map[string]any, schema []byte) (unread []string, err error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	others := &elsewhere{}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(others)
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(schemaURL)
	if err != nil {
		return others.urls, err
	}
	err = compiled.Validate(values)
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return others.urls, invalid
	}
	return others.urls, err
}

// elsewhere answers for every schema that is not the chart's with one that everything conforms to.
type elsewhere struct{ urls []string }

// Load fetches nothing.
func (e *elsewhere) Load(url string) (any, error) {
	e.urls = append(e.urls, url)
	return true, nil
}
