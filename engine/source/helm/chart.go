// Package helm renders charts: without a cluster, without the network, and without a look at any file but those of the
// chart and those that the user named.
//
// It renders as "helm template" does (Helm 4), and marks what Helm installs as Helm marks it. What Helm would ask others for is
// not asked for: lookup finds nothing, getHostByName answers "", a schema at a URL is not fetched.
package helm

import (
	"fmt"
	"path"
	"slices"

	"helm.sh/helm/v4/pkg/chart/common"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// Defaults that Helm has for what a Chart leaves out: pkg/cmd/template.go and the namespace of an empty kubeconfig.
const (
	DefaultRelease   = "release-name"
	DefaultNamespace = "default"
	// DefaultKubeVersion is the minor version that the client-go of this build belongs to, as in Helm
	// (pkg/chart/common/capabilities.go). Helm itself answers 1.20 in the binary of a test.
	DefaultKubeVersion = "v1.37.0"
)

// Chart says what to render.
type Chart struct {
	// Tree is where names are on disk.
	Tree source.Tree
	// Path is the chart's folder or archive (.tgz) as the user names it; places begin with it.
	Path string
	// Release and Namespace are the release's; "" for the defaults.
	Release, Namespace string
	// Values are values files as the user names them, the later over the earlier. A file outside of the chart was named and is
	// read; a URL and standard input are refused.
	Values []string
	// Set, SetString and SetFile are what helm's flags of these names take, over all values files. SetFile names files as
	// Values does.
	Set, SetString, SetFile []string
	// KubeVersion is .Capabilities.KubeVersion; "" for DefaultKubeVersion. APIVersions are added to
	// .Capabilities.APIVersions, which holds what Kubernetes itself serves.
	KubeVersion string
	APIVersions []string
}

// IsChart says whether a folder, named as on disk, is a chart's: Chart.yaml is in it. All below a chart's folder belongs
// to the chart (subcharts, values files, ci/): none of it is a manifest or a chart of its own.
func IsChart(dir string) bool {
	return regular(dir, chartFile)
}

// Render renders the chart into one world of its name. What is wrong is in Problems, all that is found at once; a chart that
// cannot be rendered as Helm would has no objects and at least one problem. A library chart is skipped.
//
// Objects of templates carry the label and the annotations that Helm sets at install, whatever the template says. Hooks do
// not, nor do objects of crds/ folders: these are CustomResourceDefinitions without the label whose place is a file below crds/.
// Documents are in the order of the templates' paths, crds/ first. Places are those of the template that made a field.
func Render(c Chart) (read *source.Read) {
	c.Path = path.Clean(c.Path)
	r := &run{Chart: c, read: &source.Read{}}
	defer func() {
		if panicked := recover(); panicked != nil {
			read = &source.Read{Problems: []source.Problem{{Place: r.place(), Message: fmt.Sprintf("render chart: Helm cannot: %v", panicked)}}}
		}
	}()
	defer quiet()()
	world, ok := r.render()
	if ok {
		r.read.Worlds = []source.World{world}
	}
	slices.SortStableFunc(r.read.Problems, func(a, b source.Problem) int { return source.ComparePlaces(a.Place, b.Place) })
	slices.SortStableFunc(r.read.Skipped, func(a, b source.Skipped) int { return source.ComparePlaces(a.Place, b.Place) })
	return r.read
}

// run is one chart on its way to objects.
type run struct {
	Chart

	read    *source.Read
	files   *files
	values  map[string]any
	caps    *common.Capabilities
	options common.ReleaseOptions
	// prepared says that prepare was called before.
	prepared bool
	dice     memory
}

func (r *run) place() object.Place { return object.Place{File: r.Path} }

func (r *run) problem(place object.Place, format string, args ...any) {
	r.read.Problems = append(r.read.Problems, source.Problem{Place: place, Message: fmt.Sprintf(format, args...)})
}

func (r *run) skip(place object.Place, format string, args ...any) {
	r.read.Skipped = append(r.read.Skipped, source.Skipped{Place: place, Reason: fmt.Sprintf(format, args...)})
}

// render reports whether there is a world: not of a library, nor of a chart that has a problem Helm would stop at.
func (r *run) render() (source.World, bool) {
	r.files = r.load()
	r.values = r.mergeValues()
	r.release()
	if len(r.read.Problems) > 0 {
		return source.World{}, false
	}
	first, ok := r.prepare(r.files.data)
	if !ok {
		return source.World{}, false
	}
	if first.chart.Metadata.Type == "library" {
		r.skip(r.chartPlace("/type"), "a library chart has templates for other charts and no objects")
		return source.World{}, false
	}
	rendered, err := r.execute(first, r.dice.throw())
	if err != nil {
		r.failures(err)
		return source.World{}, false
	}
	world := source.World{Name: r.Path, Namespace: r.options.Namespace}
	world.Objects = r.definitions(first.chart)
	made := r.documents(first, rendered)
	for _, m := range made {
		world.Objects = append(world.Objects, m.Objects...)
	}
	if r.dice.thrown {
		world.Unstable = r.unstable(made)
	}
	return world, true
}

// release settles what a release has besides values.
func (r *run) release() {
	r.options = common.ReleaseOptions{Name: r.Release, Namespace: r.Namespace, Revision: 1, IsInstall: true}
	if r.options.Name == "" {
		r.options.Name = DefaultRelease
	}
	if r.options.Namespace == "" {
		r.options.Namespace = DefaultNamespace
	}
	if err := chartutil.ValidateReleaseName(r.options.Name); err != nil {
		r.problem(r.place(), "render chart: release name %q: %v", r.options.Name, err)
	}
	r.caps = common.DefaultCapabilities.Copy()
	version := r.KubeVersion
	if version == "" {
		version = DefaultKubeVersion
	}
	kube, err := common.ParseKubeVersion(version)
	if err != nil {
		r.problem(r.place(), "render chart: Kubernetes version %q: %v", version, err)
		return
	}
	r.caps.KubeVersion = *kube
	r.caps.APIVersions = append(slices.Clone(r.caps.APIVersions), r.APIVersions...)
}
