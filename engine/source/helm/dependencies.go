package helm

import (
	"fmt"
	"path"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/data-guard/guard/engine/object"
)

// text is the content of one of the chart's own files, nil when it is not there.
func (r *run) text(name string) []byte {
	for _, f := range r.files.data {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// chartPlace is the place of a field of Chart.yaml, of dependencies in requirements.yaml where they stand there.
func (r *run) chartPlace(pointer string) object.Place {
	for _, name := range []string{chartFile, "requirements.yaml"} {
		d := &object.Document{File: path.Join(r.Path, name), Line: 1, Text: r.text(name)}
		if place := (object.Origin{Document: d}).Locate(pointer); len(d.Text) > 0 && !place.Missing {
			return place
		}
	}
	return object.Place{File: path.Join(r.Path, chartFile)}
}

// loadPlace is the file that the loader's error is about, with the line where the parser told one.
func (r *run) loadPlace(err error) object.Place {
	message := err.Error()
	for _, name := range []string{"values.yaml", "requirements.yaml", "requirements.lock", "Chart.lock", chartFile} {
		if strings.HasPrefix(message, "cannot load "+name) {
			return object.Place{File: path.Join(r.Path, name), Line: yamlLine(r.text(name), err)}
		}
	}
	if strings.HasPrefix(message, "validation: ") {
		return object.Place{File: path.Join(r.Path, chartFile)}
	}
	return r.place()
}

// vendored reports that all dependencies are in charts/, whether switched on or not, as Helm asks (pkg/action/install.go,
// CheckDependencies). Of a subchart's own dependencies Helm does not ask: those that are missing are told, and rendered without.
func (r *run) vendored(c *chart.Chart) bool {
	missing, first := missingOf(c)
	if len(missing) > 0 {
		r.problem(r.chartPlace(fmt.Sprintf("/dependencies/%d", first)), "load chart: %s not in charts/; run: helm dependency build %s",
			dependencies(missing), r.Path)
		return false
	}
	for _, sub := range c.Dependencies() {
		r.nested(sub, "charts/"+sub.Name())
	}
	return true
}

func (r *run) nested(c *chart.Chart, at string) {
	if missing, _ := missingOf(c); len(missing) > 0 {
		r.skip(r.place(), "%s: %s not in its charts/; Helm renders without", at, dependencies(missing))
	}
	for _, sub := range c.Dependencies() {
		r.nested(sub, at+"/charts/"+sub.Name())
	}
}

func missingOf(c *chart.Chart) (missing []string, first int) {
	vendored := map[string]bool{}
	for _, sub := range c.Dependencies() {
		vendored[sub.Name()] = true
	}
	for i, d := range c.Metadata.Dependencies {
		if d == nil || vendored[d.Name] {
			continue
		}
		if len(missing) == 0 {
			first = i
		}
		text := strings.TrimSpace(d.Name + " " + d.Version)
		if d.Repository != "" {
			text += " from " + d.Repository
		}
		missing = append(missing, text)
	}
	return missing, first
}

func dependencies(missing []string) string {
	if len(missing) == 1 {
		return "dependency " + missing[0] + " is"
	}
	return "dependencies " + strings.Join(missing, ", ") + " are"
}
