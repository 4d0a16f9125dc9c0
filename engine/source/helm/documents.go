package helm

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
)

// made is one document that a template made.
type made struct {
	source.Decoded

	// name is the file of templates, by the engine's name.
	name string
}

// definitions are the objects of crds/ folders: no templates, installed as they stand and never marked.
func (r *run) definitions(c *chart.Chart) []*object.Object {
	var objects []*object.Object
	seen := map[*common.File]bool{}
	for _, crd := range c.CRDObjects() {
		// A subchart under several aliases has its definitions once.
		if seen[crd.File] {
			continue
		}
		seen[crd.File] = true
		text := source.Text(r.showCRD(c, crd), crd.File.Data)
		r.read.Files++
		r.read.Documents += text.Documents
		r.read.Empty += text.Empty
		r.read.Problems = append(r.read.Problems, text.Problems...)
		r.read.Skipped = append(r.read.Skipped, text.Skipped...)
		objects = append(objects, text.Worlds[0].Objects...)
	}
	slices.SortStableFunc(objects, func(a, b *object.Object) int {
		return strings.Compare(a.Origin.Document.File, b.Origin.Document.File)
	})
	return objects
}

func (r *run) showCRD(root *chart.Chart, crd chart.CRD) string {
	if len(crd.File.Data) > 0 {
		if shown, ok := r.files.shown[&crd.File.Data[0]]; ok {
			return shown
		}
	}
	return r.show(root, crd.File)
}

// documents decodes what templates made, in the order of their paths.
func (r *run) documents(p *prepared, rendered map[string]string) []made {
	var all []made
	traces := r.traces(p, rendered)
	values := plain(p.values["Values"])
	for _, name := range slices.SortedFunc(maps.Keys(rendered), func(a, b string) int {
		return cmp.Or(strings.Compare(p.templates[a].shown, p.templates[b].shown), strings.Compare(a, b))
	}) {
		r.read.Files++
		for _, m := range r.decode(p, name, rendered[name]) {
			m.locate(traces[name], values)
			r.read.Documents++
			r.read.Problems = append(r.read.Problems, m.Problems...)
			r.read.Skipped = append(r.read.Skipped, m.Skipped...)
			if m.Empty {
				r.read.Empty++
			}
			all = append(all, m)
		}
	}
	return all
}

// decode reads what one file of templates made, and marks what belongs to the release.
func (r *run) decode(p *prepared, name, text string) []made {
	var all []made
	docs := split(p.templates[name].shown, text)
	for i, decoded := range source.Decode(docs) {
		m := made{Decoded: decoded, name: name}
		r.own(&m, docs[i])
		all = append(all, m)
	}
	return all
}

// locate gives what the document became the places in templates for those in the rendered text.
func (m *made) locate(t *trace, values map[string]any) {
	for i, o := range m.Objects {
		m.Objects[i] = o.At(object.Origin{Document: o.Origin.Document, Steps: o.Origin.Steps, Made: &locator{
			rendered: o.Origin, trace: t, twice: len(m.Skipped) > 0, object: o.Value, values: values,
		}})
	}
	for i := range m.Problems {
		m.Problems[i].Place = t.at(m.Problems[i].Place, m.Problems[i].Source)
	}
	for i := range m.Skipped {
		m.Skipped[i].Place = t.at(m.Skipped[i].Place, m.Skipped[i].Source)
	}
}

// plain are values as mappings that have no type of Helm's.
func plain(values any) map[string]any {
	switch v := values.(type) {
	case common.Values:
		return v
	case map[string]any:
		return v
	default:
		return nil
	}
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*`)

// split takes a rendered text apart where Helm does, also in the middle of "---apiVersion" (pkg/release/v1/util/manifest.go).
// Lines count from the start of the text.
func split(file, text string) []*object.Document {
	var docs []*object.Document
	start := 0
	flush := func(end int) {
		part := text[start:end]
		trimmed := strings.TrimLeft(part, " \t\r\n\v\f\u0085\u00a0")
		if blank(trimmed) {
			return
		}
		at := start + len(part) - len(trimmed)
		docs = append(docs, &object.Document{File: file, Line: 1 + strings.Count(text[:at], "\n"), Text: []byte(trimmed)})
	}
	for _, found := range separator.FindAllStringIndex(text, -1) {
		flush(found[0])
		start = found[1]
	}
	flush(len(text))
	return docs
}

// own marks the document's objects as Helm marks what it installs, each item of a List (pkg/action/validate.go,
// setMetadataVisitor), unless the document is a hook, of which Helm knows the List alone. A hook at no event of Helm's is
// never installed.
func (r *run) own(m *made, d *object.Document) {
	var head releaseutil.SimpleHead
	if err := yaml.Unmarshal(d.Text, &head); err != nil && len(m.Problems) == 0 {
		m.Problems = append(m.Problems, source.Problem{Place: d.Start(), Message: "read object: Helm cannot read its head: " + yamlMessage(err)})
	}
	if head.Metadata != nil {
		if events, hook := head.Metadata.Annotations[release.HookAnnotation]; hook {
			r.hook(m, d, events)
			return
		}
	}
	for i, o := range m.Objects {
		m.Objects[i] = o.WithMetadata(
			map[string]string{"app.kubernetes.io/managed-by": "Helm"},
			map[string]string{"meta.helm.sh/release-name": r.options.Name, "meta.helm.sh/release-namespace": r.options.Namespace},
		)
	}
}

func (r *run) hook(m *made, d *object.Document, events string) {
	for event := range strings.SplitSeq(events, ",") {
		event = strings.ToLower(strings.TrimSpace(event))
		if !slices.Contains(hookEvents(), event) {
			m.Objects = nil
			m.Skipped = append(m.Skipped, source.Skipped{Place: d.Start(), Reason: "a hook at an event that Helm does not have is not installed: " + event})
			return
		}
	}
}

// hookEvents are the events of pkg/release/v1/util/manifest_sorter.go.
func hookEvents() []string {
	return []string{
		release.HookPreInstall.String(), release.HookPostInstall.String(), release.HookPreDelete.String(), release.HookPostDelete.String(),
		release.HookPreUpgrade.String(), release.HookPostUpgrade.String(), release.HookPreRollback.String(), release.HookPostRollback.String(),
		release.HookTest.String(), "test-success",
	}
}

// blank says that a rendered document has nothing but comments.
func blank(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}
