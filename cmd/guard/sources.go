package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/config"
)

// sources are the flags about what is read, beside PATH.
type sources struct {
	files, kustomizations []string
	ignore                []string
	chart                 string
	baseExact             bool
}

func (f *evalFlags) defineSources(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.files, "filename", "f", nil, "file, folder, glob or - to read (repeatable; the same as PATH)")
	flags.StringArrayVarP(&f.kustomizations, "kustomize", "k", nil, "folder with a kustomization to build (repeatable)")
	flags.StringVar(&f.chart, "chart", "", "folder of a chart to render with --values and --set")
	flags.StringArrayVar(&f.Render.Values, "values", nil, "with --chart, file with values (repeatable)")
	flags.StringArrayVar(&f.Render.Set, "set", nil, "with --chart, a value: key=value (repeatable)")
	flags.StringArrayVar(&f.Render.SetString, "set-string", nil, "with --chart, a value that is a string: key=value (repeatable)")
	flags.StringArrayVar(&f.Render.SetFile, "set-file", nil, "with --chart, a value that is a file's text: key=path (repeatable)")
	flags.StringVar(&f.Render.Release, "release-name", "", "name of the release of charts (default release-name, as helm template has it)")
	flags.StringVar(&f.Render.KubeVersion, "kube-version", "", "Kubernetes version that charts are rendered for (default: Helm's)")
	flags.StringArrayVar(&f.Render.APIVersions, "api-versions", nil, "API that charts take for served: group/version or group/version/Kind (repeatable)")
	flags.StringArrayVar(&f.ignore, "ignore", nil, "files and folders that are not read when a folder above them is: a pattern with * and **, for folders alone with / at the end (repeatable)")
	flags.BoolVar(&f.AllowRemote, "allow-remote", false, "let kustomizations fetch remote bases, with git and over the network")
	flags.StringVar(&f.Base, "base", "", "state before the change: a git revision (the change since its merge base), a file, a folder or a snapshot")
	flags.BoolVar(&f.baseExact, "base-exact", false, "take the revision of --base itself, not its merge base with what is checked out")
}

// named says that the command line names something to read.
func (f *evalFlags) named() bool {
	return len(f.Paths)+len(f.kustomizations) > 0 || f.chart != ""
}

// wholeCluster says that a cluster or a snapshot is judged, and no manifests.
func (f *evalFlags) wholeCluster() bool { return (f.live || f.Snapshot != "") && !f.named() }

// checkSources refuses what makes no sense.
func (f *evalFlags) checkSources(problem func(format string, args ...any)) {
	if f.chart == "" && len(f.Render.Values)+len(f.Render.Set)+len(f.Render.SetString)+len(f.Render.SetFile) > 0 {
		problem("read arguments: --values and --set are about one chart; name it with --chart (charts that are found in PATH take theirs from .guard.yaml)")
	}
	if f.baseExact && f.Base == "" {
		problem("read arguments: --base-exact is about --base")
	}
	for _, glob := range f.ignore {
		if complaint := config.CheckPattern(glob); complaint != "" {
			problem("read %s: %q %s", f.said("ignore"), glob, complaint)
		}
	}
	f.Kustomizations = f.kustomizations
	if f.chart != "" {
		f.Charts = []string{f.chart}
	}
}

// openBase finds out what --base means: a path that is there, or else a git revision, which is to be closed.
func (f *evalFlags) openBase(ctx context.Context) (*engine.Revision, error) {
	if f.Base == "" {
		return nil, nil //nolint:nilnil // no base is no error
	}
	_, err := os.Lstat(f.Base)
	there := err == nil
	switch {
	case there && f.baseExact:
		return nil, fmt.Errorf("read base %s: it is a file or folder, and --base-exact is about a git revision", f.Base)
	case there && !filepath.IsAbs(f.Base) && f.Base == filepath.Base(f.Base) && engine.IsRevision(ctx, ".", f.Base):
		return nil, fmt.Errorf("read base %s: it is a file or folder and a git revision too; write ./%s or refs/heads/%s", f.Base, f.Base, f.Base)
	case there:
		return nil, nil //nolint:nilnil // a path needs no repository
	}
	revision, err := engine.OpenRevision(ctx, ".", f.Base, f.baseExact)
	if err != nil {
		return nil, err
	}
	f.Base, f.Revision = "", revision
	return revision, nil
}
