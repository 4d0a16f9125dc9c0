package discover_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/discover"
)

const repository = `
-- Makefile --
all:
-- deploy/a.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: plain}}
-- deploy/values.yaml --
replicas: 1
-- charts/db/Chart.yaml --
{apiVersion: v2, name: db, version: 1.0.0}
-- charts/db/values.yaml --
size: 1Gi
kind: PersistentVolumeClaim
-- charts/db/templates/claim.yaml --
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: {{ .Release.Name }}-data}
spec: {resources: {requests: {storage: {{ .Values.size }}}}}
-- charts/db/charts/sub/Chart.yaml --
{apiVersion: v2, name: sub, version: 1.0.0}
-- charts/db/charts/sub/templates/config.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: sub}}
-- charts/db/examples/other.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: example}}
-- charts/db/demo/Chart.yaml --
{apiVersion: v2, name: demo, version: 1.0.0}
-- charts/db/demo/templates/config.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: demo}}
-- base/kustomization.yaml --
resources: [config.yaml]
-- base/config.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: based}}
-- base/unused.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: unused}}
-- overlays/dev/kustomization.yaml --
namespace: dev
resources: [../../base]
-- overlays/prod/kustomization.yaml --
namespace: prod
resources: [../../base]
-- big.yaml --
{apiVersion: v1, kind: ConfigMap, metadata: {name: big}}
`

func write(t *testing.T, archive string) source.Tree {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return source.Tree{Root: root}
}

// told lists worlds with their objects, what was skipped and problems.
func told(r *source.Read) []string {
	var lines []string
	for _, w := range r.Worlds {
		var names []string
		for _, o := range w.Objects {
			names = append(names, fmt.Sprintf("%s in %s", o, o.Origin.Start().File))
		}
		lines = append(lines, fmt.Sprintf("%s %s %q: %s", w.How, w.Name, w.Label(), strings.Join(names, ", ")))
	}
	for _, s := range r.Skipped {
		lines = append(lines, "skipped "+s.File+": "+s.Reason)
	}
	for _, p := range r.Problems {
		lines = append(lines, "problem "+p.Error())
	}
	return lines
}

func expect(t *testing.T, want []string, r *source.Read) {
	t.Helper()
	if diff := cmp.Diff(want, told(r)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestATreeIsReadAsWhatItIsAndOnce(t *testing.T) {
	t.Parallel()
	tree := write(t, repository)
	expect(t, []string{
		`chart charts/db "": ConfigMap sub in charts/db/charts/sub/templates/config.yaml, PersistentVolumeClaim release-name-data in charts/db/templates/claim.yaml`,
		`chart charts/db/demo "": ConfigMap demo in charts/db/demo/templates/config.yaml`,
		`kustomization overlays/dev "overlays/dev": ConfigMap dev/based in base/config.yaml`,
		`kustomization overlays/prod "overlays/prod": ConfigMap prod/based in base/config.yaml`,
		`manifests . "": ConfigMap unused in base/unused.yaml, ConfigMap big in big.yaml, ConfigMap plain in deploy/a.yaml`,
		"skipped charts/db/examples/other.yaml: it is in the folder of a chart and no template of it",
		"skipped deploy/values.yaml: neither apiVersion nor kind",
	}, discover.Read(discover.Options{Tree: tree, Paths: []string{"."}}))
}

func TestWhatIsIgnoredIsNotRead(t *testing.T) {
	t.Parallel()
	tree := write(t, repository)
	ignored := []string{"charts", "overlays/dev", "deploy/values.yaml", "base/unused.yaml"}
	o := discover.Options{Tree: tree, Paths: []string{"."}, Ignore: func(_, name string, folder bool) (string, bool) {
		return "somebody says so", slices.Contains(ignored, name) && folder == !strings.HasSuffix(name, ".yaml")
	}}
	expect(t, []string{
		`kustomization overlays/prod "overlays/prod": ConfigMap prod/based in base/config.yaml`,
		`manifests . "": ConfigMap big in big.yaml, ConfigMap plain in deploy/a.yaml`,
		"skipped base/unused.yaml: somebody says so",
		"skipped charts: somebody says so",
		"skipped deploy/values.yaml: somebody says so",
		"skipped overlays/dev: somebody says so",
	}, discover.Read(o))
	// What is named is read, whatever a pattern says.
	o.Paths, ignored = []string{"big.yaml", "charts/db/demo"}, []string{"big.yaml", "charts/db/demo"}
	if got := told(discover.Read(o)); len(got) != 2 || !strings.Contains(got[1], "ConfigMap big") {
		t.Error(got)
	}
}

func TestAChartIsRenderedWithEachOfItsSets(t *testing.T) {
	t.Parallel()
	tree := write(t, repository+"-- prod.yaml --\nsize: 9Gi\n")
	o := discover.Options{
		Tree: tree, Charts: []string{"./charts/db/"}, Default: discover.Set{Namespace: "shop"},
		Sets: func(dir string) []discover.Set {
			if dir != "charts/db" {
				return nil
			}
			return []discover.Set{
				{Name: "prod", Values: []string{"prod.yaml"}, Release: "live"},
				{Name: "dr", Set: []string{"size=2Gi"}, Namespace: "dr"},
				{Name: "none", Values: []string{"none.yaml"}},
			}
		},
	}
	r := discover.Read(o)
	expect(t, []string{
		`chart charts/db "prod": ConfigMap sub in charts/db/charts/sub/templates/config.yaml, PersistentVolumeClaim live-data in charts/db/templates/claim.yaml`,
		`chart charts/db "dr": ConfigMap sub in charts/db/charts/sub/templates/config.yaml, PersistentVolumeClaim release-name-data in charts/db/templates/claim.yaml`,
		"problem none.yaml: open values: no such file or directory",
	}, r)
	if r.Worlds[0].Namespace != "shop" || r.Worlds[1].Namespace != "dr" {
		t.Errorf("namespaces %q and %q", r.Worlds[0].Namespace, r.Worlds[1].Namespace)
	}
}

func TestWhatIsNotThereIsAProblemUnlessTheTreeIsPartial(t *testing.T) {
	t.Parallel()
	o := discover.Options{Tree: write(t, repository), Paths: []string{"none", "none/*.yaml"}, Charts: []string{"nochart"}, Kustomizations: []string{"nokust"}}
	if got := discover.Read(o).Problems; len(got) != 4 {
		t.Error(got)
	}
	o.Partial = true
	expect(t, nil, discover.Read(o))
}

func TestWhatIsNamedAsAKustomizationIsBuilt(t *testing.T) {
	t.Parallel()
	o := discover.Options{Tree: write(t, repository), Kustomizations: []string{"base"}}
	expect(t, []string{`kustomization base "base": ConfigMap based in base/config.yaml`}, discover.Read(o))
	o.Kustomizations = []string{"deploy"}
	if got := discover.Read(o).Problems; len(got) != 1 || !strings.Contains(got[0].Error(), "kustomization") {
		t.Error(got)
	}
}
