package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/engine/source/helm"
)

const (
	chartYAML = "apiVersion: v2\nname: app\nversion: 1.0.0\n"
	configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Chart.Name }}\n"
)

// TestLinks: a link out of the chart's folder is not followed, wherever it stands; one inside is, as Helm does.
func TestLinks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "secret"), "apiVersion: v1\nkind: Secret\nmetadata: {name: secret}\n")
	write(t, filepath.Join(root, "outside/a.yaml"), "a: 1\n")
	write(t, filepath.Join(root, "work/chart/Chart.yaml"), chartYAML)
	write(t, filepath.Join(root, "work/chart/files/real.yaml"), configMap)
	write(t, filepath.Join(root, "work/chart/.helmignore"), "ignored.yaml\n")
	link := func(to, from string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, from)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(root, from)); err != nil {
			t.Fatal(err)
		}
	}
	render := func(c helm.Chart) string {
		c.Tree = source.Tree{Root: filepath.Join(root, "work")}
		return told(helm.Render(c), false)
	}
	link("../files/real.yaml", "work/chart/templates/inside.yaml")
	link("../../../secret", "work/chart/ignored.yaml")
	got := render(helm.Chart{Path: "chart"})
	if !strings.Contains(got, "object v1 ConfigMap app at chart/templates/inside.yaml:1:1") || strings.Contains(got, "problem") {
		t.Error(got)
	}
	up := helm.Render(helm.Chart{Tree: source.Tree{Root: filepath.Join(root, "work/chart/files")}, Path: ".."})
	if got := told(up, false); !strings.Contains(got, "object v1 ConfigMap app at ../templates/inside.yaml:1:1") {
		t.Error(got)
	}
	link("../../../secret", "work/chart/templates/secret.yaml")
	link("../../../outside", "work/chart/charts/sub")
	link(filepath.Join(root, "secret"), "work/chart/README.md")
	link("..", "work/chart/templates/loop")
	link("nowhere", "work/chart/dangling")
	link("../secret", "work/values.yaml")
	link("../outside", "work/linked")
	want := "problem chart/README.md: a link leads out of the chart's folder and is not followed\n" +
		"problem chart/charts/sub: a link leads out of the chart's folder and is not followed\n" +
		"problem chart/dangling: open: no such file or directory\n" +
		"problem chart/templates/loop: read folder: a link leads back to a folder that it is in\n" +
		"problem chart/templates/secret.yaml: a link leads out of the chart's folder and is not followed\n" +
		"problem values.yaml: open values: a link leads out of the working directory and is not followed\n" +
		"0 files, 0 documents, 0 empty\n"
	if got := render(helm.Chart{Path: "chart", Values: []string{"values.yaml"}}); got != want {
		t.Errorf("got %s want %s", got, want)
	}
	if got := render(helm.Chart{Path: "linked"}); !strings.HasPrefix(got, "problem linked: open chart: a link leads out of") {
		t.Error(got)
	}
	if got := render(helm.Chart{Path: "absent"}); !strings.HasPrefix(got, "problem absent: open chart: no such file or directory\n") {
		t.Error(got)
	}
	if got := render(helm.Chart{Path: "chart", Values: []string{"../outside/a.yaml"}}); strings.Contains(got, "problem ../outside") {
		t.Error("a values file that the user named outside was refused: " + got)
	}
}

func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	archive := tar.NewWriter(zip)
	for name, text := range files {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestArchives(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	crd := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b.c}\n"
	inner := pack(t, map[string]string{"inner/Chart.yaml": strings.Replace(chartYAML, "app", "inner", 1), "inner/templates/a.yaml": configMap})
	sub := pack(t, map[string]string{
		"sub/Chart.yaml": strings.Replace(chartYAML, "app", "sub", 1), "sub/templates/a.yaml": configMap, "sub/crds/a.yaml": crd,
		"sub/charts/inner-1.0.0.tgz": inner,
	})
	write(t, filepath.Join(root, "app/Chart.yaml"), chartYAML)
	write(t, filepath.Join(root, "app/charts/sub-1.0.0.tgz"), sub)
	write(t, filepath.Join(root, "app/charts/_off.tgz"), "no archive")
	write(t, filepath.Join(root, "sub-1.0.0.tgz"), sub)
	write(t, filepath.Join(root, "bad/Chart.yaml"), chartYAML)
	write(t, filepath.Join(root, "bad/charts/bad.tgz"), "no archive")
	write(t, filepath.Join(root, "bad/charts/evil.tgz"), pack(t, map[string]string{"evil/../../x": "x"}))
	write(t, filepath.Join(root, "text.tgz"), "no archive")
	for path, want := range map[string]string{
		"app": "world app in default\n" +
			"object apiextensions.k8s.io/v1 CustomResourceDefinition a.b.c at app/charts/sub-1.0.0.tgz/crds/a.yaml:1:1\n" +
			"object v1 ConfigMap inner at app/charts/sub-1.0.0.tgz/charts/inner-1.0.0.tgz/templates/a.yaml:1:1 of default/release-name\n" +
			"object v1 ConfigMap sub at app/charts/sub-1.0.0.tgz/templates/a.yaml:1:1 of default/release-name\n" +
			"3 files, 3 documents, 0 empty\n",
		"sub-1.0.0.tgz": "world sub-1.0.0.tgz in default\n" +
			"object apiextensions.k8s.io/v1 CustomResourceDefinition a.b.c at sub-1.0.0.tgz/crds/a.yaml:1:1\n" +
			"object v1 ConfigMap inner at sub-1.0.0.tgz/charts/inner-1.0.0.tgz/templates/a.yaml:1:1 of default/release-name\n" +
			"object v1 ConfigMap sub at sub-1.0.0.tgz/templates/a.yaml:1:1 of default/release-name\n" +
			"3 files, 3 documents, 0 empty\n",
		"bad": "problem bad/charts/bad.tgz: open: gzip: invalid header\n" +
			"problem bad/charts/evil.tgz: open: chart illegally references parent directory\n0 files, 0 documents, 0 empty\n",
		"text.tgz": "problem text.tgz: open chart: unpack text.tgz: gzip: invalid header\n0 files, 0 documents, 0 empty\n",
	} {
		if got := told(helm.Render(helm.Chart{Tree: source.Tree{Root: root}, Path: path}), false); got != want {
			t.Errorf("%s: got %s want %s", path, got, want)
		}
	}
}

// TestQuiet: Helm logs to the process's loggers; they are silent while charts render, several at once too, and as before then.
func TestQuiet(t *testing.T) { //nolint:paralleltest // the loggers are the process's
	root := t.TempDir()
	write(t, filepath.Join(root, "app/Chart.yaml"), chartYAML)
	write(t, filepath.Join(root, "app/requirements.yaml"), "dependencies: []\n")
	write(t, filepath.Join(root, "app/values.yaml"), "a: {b: 1}\n")
	write(t, filepath.Join(root, "app/templates/a.yaml"), configMap)
	var out bytes.Buffer
	before := slog.Default()
	log.SetOutput(&out)
	defer log.SetOutput(os.Stderr)
	var renders sync.WaitGroup
	for range 4 {
		renders.Go(func() {
			if r := helm.Render(helm.Chart{Tree: source.Tree{Root: root}, Path: "app", Set: []string{"a=1"}}); r.Objects() != 1 {
				t.Error(r.Problems)
			}
		})
	}
	renders.Wait()
	if out.Len() > 0 {
		t.Error(out.String())
	}
	log.Print("after")
	slog.Info("too")
	if text := out.String(); !strings.Contains(text, "after") || !strings.Contains(text, "too") || slog.Default() != before {
		t.Errorf("the loggers are not what they were: %q", text)
	}
}

// TestDefaultKubeVersion: the default follows the client-go that guard is built with, as Helm's does.
func TestDefaultKubeVersion(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`k8s\.io/client-go v0\.(\d+)\.`).FindSubmatch(mod)
	if match == nil || helm.DefaultKubeVersion != "v1."+string(match[1])+".0" {
		t.Errorf("go.mod has %q, the default is %s", match, helm.DefaultKubeVersion)
	}
}

func TestIsChart(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "app/Chart.yaml"), chartYAML)
	if !helm.IsChart(filepath.Join(root, "app")) || helm.IsChart(root) || helm.IsChart(filepath.Join(root, "absent")) {
		t.Error("a chart's folder is one with Chart.yaml in it")
	}
}
