package helm

import (
	"context"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
)

// prepared is a chart that is ready to be executed, once: templates may change the values.
type prepared struct {
	chart  *chart.Chart
	values common.Values
	// templates are all template files, partials included, by the names that Helm's engine gives them.
	templates map[string]template
}

// template is one file of templates.
type template struct {
	// shown is the file as the user names it.
	shown string
	text  []byte
	// prefix leads from the root's values to those of the template's chart: none, or "mysql", "common".
	prefix []string
	// main says that the file is executed for itself and not only included by others.
	main bool
}

// prepare loads the chart and its values as Helm's install does before it renders (pkg/action/install.go). It reports false
// when that found a problem; what there is to tell of the input is told with the first call.
func (r *run) prepare(data []*archive.BufferedFile) (*prepared, bool) {
	again := r.prepared
	r.prepared = true
	loaded, err := loader.LoadFiles(data)
	if err != nil {
		r.problem(r.loadPlace(err), "load chart: %s", strings.ReplaceAll(err.Error(), ".tgz"+unpacked, ".tgz"))
		return nil, false
	}
	if loaded.Metadata.Type == "library" {
		return &prepared{chart: loaded}, true
	}
	if !again && !r.vendored(loaded) {
		return nil, false
	}
	if err := chartutil.ProcessDependencies(loaded, r.values); err != nil {
		r.problem(r.chartPlace("/dependencies"), "process dependencies: %v", err)
		return nil, false
	}
	values, err := commonutil.ToRenderValuesWithSchemaValidation(loaded, r.values, r.options, r.caps, true)
	if err != nil {
		r.problem(r.place(), "merge values: %v", err)
		return nil, false
	}
	if checked, ok := values["Values"].(common.Values); ok && !again && !r.validate(loaded, checked) {
		return nil, false
	}
	wanted := loaded.Metadata.KubeVersion
	if wanted != "" && !chartutil.IsCompatibleRange(wanted, r.caps.KubeVersion.String()) {
		r.problem(r.chartPlace("/kubeVersion"), "chart requires kubeVersion: %s which is incompatible with Kubernetes %s", wanted, r.caps.KubeVersion.Version)
		return nil, false
	}
	p := &prepared{chart: loaded, values: values, templates: map[string]template{}}
	r.list(p, loaded, nil)
	return p, true
}

func (r *run) list(p *prepared, c *chart.Chart, prefix []string) {
	for _, file := range c.Templates {
		name := path.Join(c.ChartFullPath(), file.Name)
		p.templates[name] = template{
			shown:  r.show(c, file),
			text:   file.Data,
			prefix: prefix,
			main:   !strings.HasPrefix(path.Base(name), "_"),
		}
	}
	for _, dependency := range c.Dependencies() {
		r.list(p, dependency, slices.Concat(prefix, []string{dependency.Name()}))
	}
}

// show is a chart's file as the user names it.
func (r *run) show(c *chart.Chart, file *common.File) string {
	if len(file.Data) > 0 {
		if shown, ok := r.files.shown[&file.Data[0]]; ok {
			return shown
		}
	}
	return path.Join(r.Path, strings.TrimPrefix(path.Join(c.ChartFullPath(), file.Name), c.Root().Name()+"/"))
}

// execute renders the prepared chart: what each file of templates yields, by the engine's names, without partials and notes.
func (r *run) execute(p *prepared, functions map[string]any) (map[string]string, error) {
	rendered, err := engine.Engine{CustomTemplateFuncs: functions}.RenderWithContext(context.Background(), p.chart, p.values)
	if err != nil {
		return nil, err
	}
	for name := range rendered {
		if strings.HasSuffix(name, notes) {
			delete(rendered, name)
		}
	}
	return rendered, nil
}

// notes is the end of a file's name that Helm prints and does not install (pkg/action/action.go).
const notes = "NOTES.txt"
