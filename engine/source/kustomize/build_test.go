package kustomize_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/source/kustomize"
)

const claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"

func TestProblems(t *testing.T) {
	for _, tt := range []struct{ name, files, want string }{
		{"missing folder", "-- other/x --\n", "k: open kustomization: no such file or directory\n"},
		{"no kustomization", "-- k/x.yaml --\n", "k: open kustomization k: there is no kustomization.yaml in it\n"},
		{
			"two kustomizations", "-- k/kustomization.yaml --\n-- k/Kustomization --\n",
			"k: open kustomization k: it holds several kustomization files: kustomization.yaml and Kustomization\n",
		},
		{"empty", "-- k/kustomization.yaml --\n", "k/kustomization.yaml: build kustomization: kustomization.yaml is empty\n"},
		{
			"all that is missing", "-- k/kustomization.yaml --\nresources:\n  - a.yaml\n  - ../b\ncomponents: [c]\nconfigMapGenerator:\n  - name: x\n    files: [key=d]\n    envs: [e]\npatches:\n  - path: f\n",
			"k/kustomization.yaml:2:5: open a.yaml: no such file or directory\n" +
				"k/kustomization.yaml:3:5: open ../b: no such file or directory\n" +
				"k/kustomization.yaml:4:14: open c: no such file or directory\n" +
				"k/kustomization.yaml:7:13: open d: no such file or directory\n" +
				"k/kustomization.yaml:8:12: open e: no such file or directory\n" +
				"k/kustomization.yaml:10:5: open f: no such file or directory\n",
		},
		{"unknown field", "-- k/kustomization.yaml --\nresources: []\nresource: [a]\n", "k/kustomization.yaml:2:1: read kustomization: kustomize knows no field \"resource\"\n"},
		{"wrong type", "-- k/kustomization.yaml --\nnamePrefix: a\nresources: a\n", "k/kustomization.yaml:2:1: read kustomization: resources must be a list, got a string\n"},
		{"kustomization does not parse", "-- k/kustomization.yaml --\nresources:\n  - a\n b: [\n", "k/kustomization.yaml:2: parse YAML: did not find expected key\n"},
		{"resource does not parse", "-- k/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [x.yaml]\n-- b/x.yaml --\napiVersion: v1\nkind: [\n", "b/x.yaml:2: parse YAML: did not find expected node content\n"},
		{
			"twice", "-- k/kustomization.yaml --\nresources: [a.yaml, b.yaml]\n-- k/a.yaml --\n" + claim + "-- k/b.yaml --\n" + claim,
			"k/kustomization.yaml: build kustomization: accumulating resources: merging resources from 'b.yaml': may not add resource with an already registered id: PersistentVolumeClaim.v1.[noGrp]/data.[noNs]\n",
		},
		{"circle", "-- k/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [../k]\n", "b/kustomization.yaml:1:13: build kustomization: k builds on itself\n"},
		{"itself", "-- k/kustomization.yaml --\nresources: [.]\n", "k/kustomization.yaml:1:13: build kustomization: k builds on itself\n"},
		{"file outside", "-- k/kustomization.yaml --\nresources: [../a.yaml]\n-- a.yaml --\n" + claim, "k/kustomization.yaml:1:13: open ../a.yaml: a file must be in or below the kustomization's folder\n"},
		{"component is a file", "-- k/kustomization.yaml --\ncomponents: [a.yaml]\n-- k/a.yaml --\n", "k/kustomization.yaml:1:14: open a.yaml: a component is a folder\n"},
		{"patch is a folder", "-- k/kustomization.yaml --\npatches: [{path: a}]\n-- k/a/x --\n", "k/kustomization.yaml:1:12: open a: want a file, this is a folder\n"},
		{
			"patch of nothing", "-- k/kustomization.yaml --\nresources: [a.yaml]\npatchesStrategicMerge: [b.yaml]\n-- k/a.yaml --\n" + claim + "-- k/b.yaml --\n" + strings.ReplaceAll(claim, ": data", ": other"),
			"k/kustomization.yaml: build kustomization: no matches for Id PersistentVolumeClaim.v1.[noGrp]/other.[noNs]; failed to find unique target for patch PersistentVolumeClaim.v1.[noGrp]/other.[noNs]\n",
		},
		{
			"helm", "-- k/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nnamePrefix: a\nhelmCharts:\n  - name: minecraft\n",
			"b/kustomization.yaml:2:1: build kustomization: helmCharts needs helm, which is not started; give guard the rendered chart\n",
		},
		{
			"plugins", "-- k/kustomization.yaml --\ngenerators: [run.yaml]\ntransformers:\n  - |-\n    apiVersion: v1\n    kind: Box\n    metadata:\n      name: box\n      annotations:\n        config.kubernetes.io/function: |\n          container: {image: box}\nvalidators:\n  - |-\n    apiVersion: builtin\n    kind: HelmChartInflationGenerator\n    metadata: {name: x}\n-- k/run.yaml --\n# what it does\napiVersion: someteam.example.com/v1\nkind: Run\nmetadata: {name: run}\n",
			"k/kustomization.yaml:3:5: build kustomization: transformers names the plugin Box, which would be a program or a container and is not started\n" +
				"k/kustomization.yaml:12:5: build kustomization: validators names the plugin HelmChartInflationGenerator, which needs helm; it is not started\n" +
				"k/run.yaml:2:1: build kustomization: generators names the plugin Run, which would be a program or a container and is not started\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read := kustomize.Build(kustomize.Kustomization{Tree: tree(t, tt.files), Path: "k"})
			if diff := cmp.Diff(tt.want, words(read.Problems)); diff != "" {
				t.Error(diff)
			}
			if read.Objects() > 0 {
				t.Errorf("got %d objects beside a problem", read.Objects())
			}
		})
	}
}

// TestSecretsAreNotTold makes kustomize complain about generators of Secrets, which it prints with all that is in them.
func TestSecretsAreNotTold(t *testing.T) {
	for _, generator := range []string{
		"secretGenerator:\n  - name: x\n    literals: [canary-1]\n",
		"secretGenerator:\n  - {name: x, literals: [a=canary-1]}\n  - {name: x, literals: [b=canary-2]}\n",
		"secretGenerator:\n  - {name: x, envs: [env]}\n",
		"secretGenerator:\n  - {name: x, options: {disableNameSuffixHash: true}, literals: [a=canary-1]}\nresources: [a.yaml]\n",
	} {
		files := tree(t, "-- k/kustomization.yaml --\n"+generator+"-- k/env --\n# one\na=canary-1 \xff\n-- k/a.yaml --\napiVersion: v1\nkind: Secret\nmetadata: {name: x}\n")
		said := words(kustomize.Build(kustomize.Kustomization{Tree: files, Path: "k"}).Problems)
		if said == "" || strings.Contains(said, "canary") || strings.Contains(said, "0xc") {
			t.Errorf("%s: got %q", generator, said)
		}
	}
}

// TestOddInput feeds kustomizations that nobody would write: a problem or a world, and never a panic.
func TestOddInput(t *testing.T) {
	for i, text := range []string{
		"null\n", "[]\n", "- a\n", "resources: [null]\n", "resources: ['']\n", "resources: [\"a\\nb\"]\n", "resources: [{}]\n", "\x00", "\xff\xfe",
		"patches: [{patch: '['}]\nresources: [a.yaml]\n", "patches: [{patch: '[]'}]\nresources: [a.yaml]\n", "patches: [{}]\nresources: [a.yaml]\n",
		"patches: [{target: {kind: '('}, patch: '[{\"op\": \"add\"}]'}]\nresources: [a.yaml]\n", "patchesStrategicMerge: ['']\nresources: [a.yaml]\n",
		"replacements: [{}]\nresources: [a.yaml]\n", "vars: [{}]\nresources: [a.yaml]\n", "configMapGenerator: [{}]\n", "secretGenerator: [{literals: [a]}]\n",
		"transformers: ['{}']\nresources: [a.yaml]\n", "transformers: ['{apiVersion: builtin, kind: Nothing, metadata: {name: x}}']\nresources: [a.yaml]\n",
		"openapi: {path: a.yaml}\nresources: [a.yaml]\n", "crds: [a.yaml]\nresources: [a.yaml]\n", "configurations: [a.yaml]\nresources: [a.yaml]\n",
		"sortOptions: {order: none}\nresources: [a.yaml]\n", "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [a.yaml]\n",
		"a: &a [*a]\n", "resources: &r [a.yaml]\nbases: *r\n", "images: [{name: '['}]\nresources: [a.yaml]\n", "replicas: [{name: data, count: -1}]\nresources: [a.yaml]\n",
	} {
		files := tree(t, "-- k/a.yaml --\n"+claim)
		if err := os.WriteFile(filepath.Join(files.Root, "k/kustomization.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "k"})
		if read.Objects() == 0 && len(read.Problems) == 0 && !strings.Contains(text, "transformers: ['{}']") {
			t.Errorf("%d: %q gives neither an object nor a problem", i, text)
		}
		for _, world := range read.Worlds {
			_ = dump(world)
		}
		if said := words(read.Problems); strings.Contains(said, files.Root) {
			t.Errorf("%q: a problem names a path of the disk: %s", text, said)
		}
	}
}

func TestLinks(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte(claim), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outside, "kustomization.yaml"), []byte("resources: [secret.yaml]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := tree(t, "-- k/kustomization.yaml --\nresources:\n  - a.yaml\n  - folder\n  - inside.yaml\nconfigMapGenerator:\n  - name: x\n    files: [token]\n-- k/real/inside.yaml --\n"+claim+"-- .git/HEAD --\n")
	for link, target := range map[string]string{
		"a.yaml": filepath.Join(outside, "secret.yaml"), "folder": outside, "token": "/etc/hostname", "inside.yaml": "real/inside.yaml",
	} {
		if err := os.Symlink(target, filepath.Join(files.Root, "k", link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		k    kustomize.Kustomization
		says string
	}{
		{kustomize.Kustomization{Tree: files, Path: "k"}, "it lies outside of the tree"},
		{kustomize.Kustomization{Path: filepath.Join(files.Root, "k")}, "a link leads outside of "},
	} {
		read := kustomize.Build(tt.k)
		if len(read.Problems) != 3 || strings.Count(words(read.Problems), tt.says) != 3 {
			t.Errorf("want three problems that say %q, got\n%s", tt.says, words(read.Problems))
		}
	}
}

func TestNamesFollowTheWorkingDirectory(t *testing.T) {
	files, _ := archive(t, "overlay")
	for _, tt := range []struct{ dir, path, want string }{
		{"", "prod", "base/class.yaml:1:1"},
		{"prod", ".", "../base/class.yaml:1:1"},
		{"base", "../prod", "class.yaml:1:1"},
		{"base", filepath.Join(files.Root, "prod"), filepath.Join(files.Root, "base/class.yaml") + ":1:1"},
	} {
		t.Chdir(filepath.Join(files.Root, tt.dir))
		read := kustomize.Build(kustomize.Kustomization{Path: tt.path})
		if len(read.Problems) > 0 {
			t.Fatal(words(read.Problems))
		}
		if got := read.Worlds[0].Objects[0].Origin.Start().String(); got != tt.want {
			t.Errorf("%s in %s: got %s, want %s", tt.path, tt.dir, got, tt.want)
		}
	}
}

// TestSameBytes builds at the same time what keeps globals in kustomize.
func TestSameBytes(t *testing.T) {
	files, want := archive(t, "generators")
	other, _ := archive(t, "overlay")
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { kustomize.Build(kustomize.Kustomization{Tree: other, Path: "prod"}) })
		wait.Go(func() {
			read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "prod"})
			if diff := cmp.Diff(want, dump(read.Worlds[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
	wait.Wait()
}

// TestPlacesAtTheSameTime asks one build for its places from several sides.
func TestPlacesAtTheSameTime(t *testing.T) {
	files, want := archive(t, "overlay")
	read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "prod"})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if diff := cmp.Diff(want, dump(read.Worlds[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
	wait.Wait()
}

func TestOrder(t *testing.T) {
	files := "-- k/a.yaml --\n" + claim + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: z}\n---\n" + strings.ReplaceAll(claim, ": data", ": a") + "-- k/kustomization.yaml --\nresources: [a.yaml]\n"
	for options, want := range map[string]string{
		"":                               "[Namespace z PersistentVolumeClaim a PersistentVolumeClaim data]",
		"sortOptions: {order: legacy}\n": "[Namespace z PersistentVolumeClaim a PersistentVolumeClaim data]",
		"sortOptions: {order: fifo}\n":   "[PersistentVolumeClaim data Namespace z PersistentVolumeClaim a]",
	} {
		read := kustomize.Build(kustomize.Kustomization{Tree: tree(t, files+options), Path: "k"})
		if got := fmt.Sprint(read.Worlds[0].Objects); got != want {
			t.Errorf("%q: got %s, want %s: %s", options, got, want, words(read.Problems))
		}
	}
}

func TestWorld(t *testing.T) {
	files, _ := archive(t, "overlay")
	read := kustomize.Build(kustomize.Kustomization{Tree: files, Path: "prod"})
	if w := read.Worlds[0]; len(read.Worlds) != 1 || w.Name != "prod" || w.Namespace != "prod" || w.Stable != nil {
		t.Errorf("got %d worlds, name %q, namespace %q, stable %v", len(read.Worlds), w.Name, w.Namespace, w.Stable)
	}
	if read.Files != 6 || read.Documents != 3 {
		t.Errorf("got %d files and %d documents, want 6 and 3", read.Files, read.Documents)
	}
}

func TestStableNamesPairWhatContentRenames(t *testing.T) {
	text := "-- k/kustomization.yaml --\nnameSuffix: -v1\nconfigMapGenerator: [{name: x-data, literals: [a=%s]}]\nresources: [a.yaml]\n-- k/a.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: own-bdkf84md8h}\ndata: {a: b}\n"
	names := map[string]bool{}
	for _, value := range []string{"1", "2"} {
		read := kustomize.Build(kustomize.Kustomization{Tree: tree(t, fmt.Sprintf(text, value)), Path: "k"})
		world := read.Worlds[0]
		if len(world.Objects) != 2 || len(world.Stable) != 1 {
			t.Fatalf("got %v, stable %v: %s", world.Objects, world.Stable, words(read.Problems))
		}
		for o, stable := range world.Stable {
			names[o.Name] = true
			if stable != "x-data-v1" {
				t.Errorf("%s: got %s", o, stable)
			}
		}
	}
	if len(names) != 2 {
		t.Errorf("the two contents have the same name: %v", names)
	}
}

func TestUserAsksForOrigins(t *testing.T) {
	read := kustomize.Build(kustomize.Kustomization{Tree: tree(t, "-- k/kustomization.yaml --\nresources: [a.yaml]\nbuildMetadata: [originAnnotations]\n-- k/a.yaml --\n"+claim), Path: "k"})
	if got := read.Worlds[0].Objects[0].Annotations["config.kubernetes.io/origin"]; got != "path: a.yaml\n" {
		t.Errorf("got %q", got)
	}
}
