package helm_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/helm"
)

// asked is run.yaml of a case: what to render, and whether all fields' places are wanted.
type asked struct {
	Path, Release, Namespace, KubeVersion string
	Values, Set, SetString, SetFile       []string
	APIVersions                           []string
	Fields                                bool
}

func (a asked) chart(root string) helm.Chart {
	if a.Path == "" {
		a.Path = "chart"
	}
	return helm.Chart{
		Tree: source.Tree{Root: root}, Path: a.Path, Release: a.Release, Namespace: a.Namespace, KubeVersion: a.KubeVersion,
		Values: a.Values, Set: a.Set, SetString: a.SetString, SetFile: a.SetFile, APIVersions: a.APIVersions,
	}
}

// TestCases renders testdata/*.txtar; GUARD_UPDATE=1 rewrites what they want.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a, root := unpack(t, archive)
			got := told(helm.Render(a.chart(root)), a.Fields)
			at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if os.Getenv("GUARD_UPDATE") == "1" {
				if at < 0 {
					at = len(archive.Files)
					archive.Files = append(archive.Files, txtar.File{Name: "want"})
				}
				archive.Files[at].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if at < 0 {
				t.Fatal("no want")
			}
			if diff := cmp.Diff(string(archive.Files[at].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func unpack(t *testing.T, archive *txtar.Archive) (asked, string) {
	t.Helper()
	var a asked
	root := t.TempDir()
	for _, f := range archive.Files {
		if f.Name == "run.yaml" {
			if err := yaml.UnmarshalStrict(f.Data, &a); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, filepath.Join(root, f.Name), string(f.Data))
	}
	return a, root
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// told is what a render tells, a line each.
func told(r *source.Read, fields bool) string {
	var out strings.Builder
	for _, w := range r.Worlds {
		fmt.Fprintf(&out, "world %s in %s\n", w.Name, w.Namespace)
		for _, o := range w.Objects {
			owner := ""
			if o.Labels["app.kubernetes.io/managed-by"] == "Helm" && o.Annotations["meta.helm.sh/release-name"] != "" {
				owner = " of " + o.Annotations["meta.helm.sh/release-namespace"] + "/" + o.Annotations["meta.helm.sh/release-name"]
			}
			fmt.Fprintf(&out, "object %s %s at %s%s\n", o.APIVersion(), o, o.Origin.Start(), owner)
			for _, pointer := range w.Unstable[o] {
				fmt.Fprintf(&out, "  unstable %q\n", pointer)
			}
			if fields {
				each("", o.Value, func(pointer, value string) {
					place := o.Origin.Locate(pointer)
					if !place.Missing {
						fmt.Fprintf(&out, "  %s = %s at %s %q %s\n", pointer, value, place, place.Source, place.Value)
					}
				})
			}
		}
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&out, "skipped %s: %s\n", s.Place, s.Reason)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&out, "problem %s\n", p.Error())
	}
	fmt.Fprintf(&out, "%d files, %d documents, %d empty\n", r.Files, r.Documents, r.Empty)
	return uuid.ReplaceAllString(out.String(), "UUID")
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// each visits the scalars of a value in the order of their pointers.
func each(pointer string, value ast.Value, visit func(pointer, value string)) {
	switch v := value.(type) {
	case ast.Object:
		keys := map[string]ast.Value{}
		v.Foreach(func(k, child *ast.Term) { keys[object.Text(k)] = child.Value })
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			each(pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), keys[key], visit)
		}
	case *ast.Array:
		for i := range v.Len() {
			each(fmt.Sprintf("%s/%d", pointer, i), v.Elem(i).Value, visit)
		}
	default:
		visit(pointer, v.String())
	}
}
