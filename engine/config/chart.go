package config

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/data-guard/guard/engine/object"
)

// Chart is a chart of the tree and the ways in which it is installed.
type Chart struct {
	// Path is the chart's folder.
	Path string `json:"path"`

	Install

	// Values are rendered and judged each on its own; with none, the chart is rendered once with its defaults.
	Values []ValueSet `json:"values,omitempty"`
}

// Install is what a chart is told when it is rendered; what is "" or nil is left to what stands around it.
type Install struct {
	ReleaseName string   `json:"release-name,omitempty"`
	Namespace   string   `json:"namespace,omitempty"`
	KubeVersion string   `json:"kube-version,omitempty"`
	APIVersions []string `json:"api-versions,omitempty"`
}

// ValueSet is one row of a chart's matrix.
type ValueSet struct {
	// Name tells the rows of a chart apart, as in "in prod, dr".
	Name string `json:"name"`

	Install

	// Files are read as --values are, later ones winning; Set and SetString as --set and --set-string are, over the files.
	Files     []string `json:"files,omitempty"`
	Set       []string `json:"set,omitempty"`
	SetString []string `json:"set-string,omitempty"`
}

// Render is one rendering of a chart: a row of its matrix, with what the chart says for all rows filled in.
type Render struct {
	Chart string
	ValueSet

	// Place is where the file asks for it.
	Place object.Place
}

// Renders are those of all charts, in the order of the file. A chart without value sets is one with the name "".
func (c *Config) Renders() []Render {
	var renders []Render
	for i, chart := range c.Charts {
		at := pointer("charts", itoa(i))
		if len(chart.Values) == 0 {
			renders = append(renders, Render{chart.Path, ValueSet{Install: chart.over(c)}, c.Place(at)})
		}
		for j, set := range chart.Values {
			set.Install = set.or(chart.over(c))
			renders = append(renders, Render{chart.Path, set, c.Place(at + pointer("values", itoa(j)))})
		}
	}
	return renders
}

// over fills in what the file says for all charts.
func (i Install) over(c *Config) Install {
	return i.or(Install{KubeVersion: c.KubeVersion, APIVersions: c.APIVersions})
}

// or fills in what i leaves open.
func (i Install) or(rest Install) Install {
	if i.ReleaseName == "" {
		i.ReleaseName = rest.ReleaseName
	}
	if i.Namespace == "" {
		i.Namespace = rest.Namespace
	}
	if i.KubeVersion == "" {
		i.KubeVersion = rest.KubeVersion
	}
	if i.APIVersions == nil {
		i.APIVersions = rest.APIVersions
	}
	return i
}

func (r *reader) charts(into *[]Chart) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		r.list(at, node, func(at string, item *yaml.Node) {
			var c Chart
			r.mapping(at, item, nil, append(r.install(&c.Install),
				field{"path", r.text(&c.Path, below)},
				field{"values", r.valueSets(&c.Values)},
			)...)
			switch {
			case c.Path == "" && !r.said(at, "path"):
				r.failf(item, "charts: path is missing: the folder of the chart")
			case slices.ContainsFunc(*into, func(other Chart) bool { return c.Path != "" && other.Path == c.Path }):
				r.failf(item, "charts: %q stands there already; give it several sets of values instead", c.Path)
			}
			*into = append(*into, c)
		})
	}
}

func (r *reader) valueSets(into *[]ValueSet) func(string, *yaml.Node) {
	return func(at string, node *yaml.Node) {
		r.list(at, node, func(at string, item *yaml.Node) {
			var v ValueSet
			r.mapping(at, item, nil, append(r.install(&v.Install),
				field{"name", r.text(&v.Name, setName)},
				field{"files", r.texts(&v.Files, below)},
				field{"set", r.texts(&v.Set, assignment)},
				field{"set-string", r.texts(&v.SetString, assignment)},
			)...)
			switch {
			case v.Name == "" && !r.said(at, "name"):
				r.failf(item, "values: name is missing: what the report calls this set")
			case slices.ContainsFunc(*into, func(other ValueSet) bool { return v.Name != "" && other.Name == v.Name }):
				r.failf(item, "values: a set %q stands there already", v.Name)
			}
			*into = append(*into, v)
		})
	}
}

func (r *reader) install(into *Install) []field {
	return []field{
		{"release-name", r.text(&into.ReleaseName, releaseName)},
		{"namespace", r.text(&into.Namespace, label)},
		{"kube-version", r.version(&into.KubeVersion, kubeVersion)},
		{"api-versions", r.texts(&into.APIVersions, apiVersion)},
	}
}

// said tells a key that is wrong from one that is missing.
func (r *reader) said(at, key string) bool {
	_, ok := r.places[at+pointer(key)]
	return ok
}

// setForm keeps a name to what can stand in a sentence and in a file's name.
var setForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

func setName(name string) string {
	if !setForm.MatchString(name) || len(name) > 63 {
		return "is no name of a set; want at most 63 letters, digits, - _ and ."
	}
	return ""
}

// maxReleaseName is Helm's (helm v4 pkg/chart/common/util, ValidateReleaseName).
const maxReleaseName = 53

func releaseName(name string) string {
	if len(validation.IsDNS1123Subdomain(name)) > 0 || len(name) > maxReleaseName {
		return "is no name that a release can have"
	}
	return ""
}

func assignment(text string) string {
	if key, _, found := strings.Cut(text, "="); !found || key == "" {
		return "is no assignment; want KEY=VALUE, as after --set"
	}
	return ""
}
