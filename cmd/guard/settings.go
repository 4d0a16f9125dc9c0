package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/config"
	"github.com/data-guard/guard/engine/policy"
)

// settled is what is in force besides what the options say.
type settled struct {
	// origins are where flags have their values from: "--fail-on", "GUARD_FAIL_ON" or ".guard.yaml:3"; a flag with its
	// default is not among them.
	origins map[string]string
	// file is the configuration in force: with a base, the base's. head is that of the working directory; the same without a
	// base. Neither is nil.
	file, head *config.Config
	// known are the policies that configurations speak of; nil when there is no configuration.
	known []*policy.Policy
}

// settle fills in what the command line leaves open: from the environment, then from the configuration. The revision, if
// there is one, is to be closed.
func (f *evalFlags) settle(cmd *cobra.Command, args []string) (*engine.Revision, error) {
	var problems []error
	flags := cmd.Flags()
	named := len(args) > 0 || slices.ContainsFunc(look(), flags.Changed)
	var err error
	f.origins, err = fromEnvironment(flags, os.Environ(), named)
	problems = append(problems, err)
	f.Paths = append(slices.Clone(args), f.files...)
	if len(args) > 0 {
		f.origins["filename"] = "arguments"
	}
	problems = append(problems, f.check(cmd))
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	revision, err := f.openBase(cmd.Context())
	if err != nil {
		return nil, err
	}
	return revision, f.configure(flags)
}

// configure reads the configuration and obeys it.
func (f *evalFlags) configure(flags *pflag.FlagSet) error {
	if err := f.readFiles(); err != nil {
		return err
	}
	for _, s := range f.file.Settings() {
		flag := flags.Lookup(s.Flag)
		clusterAlone := s.Flag == "namespace" && f.wholeCluster()
		if flag == nil || f.origins[s.Flag] != "" || clusterAlone {
			continue
		}
		if err := obey(flag, s.Values); err != nil {
			return fmt.Errorf("%s: read configuration: %s: %w", s.Place, s.Flag, err)
		}
		f.origins[s.Flag] = engine.Line(s.Place)
	}
	f.Unknown = engine.Doubt(f.unknown)
	if !f.named() && !f.wholeCluster() {
		f.Paths = []string{"."}
		if len(f.file.Paths) > 0 {
			f.Paths = nil
			for _, path := range f.file.Paths {
				f.Paths = append(f.Paths, f.file.Below(path))
			}
			f.origins["filename"] = engine.Line(f.file.Place("/paths"))
		}
	}
	f.Configure(f.file, f.override())
	if len(f.ignore) > 0 {
		f.IgnoreAlso(f.ignore, f.said("ignore"))
	}
	return nil
}

func obey(flag *pflag.Flag, values []string) error {
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		return list.Replace(values)
	}
	return flag.Value.Set(values[0])
}

// said names what gave a flag its value.
func (s *settled) said(flag string) string {
	if origin := s.origins[flag]; origin != "" {
		return origin
	}
	return "--" + flag
}

// override are settings of charts that the command line or the environment has said for all of them.
func (f *evalFlags) override() engine.Override {
	own := func(flag string) bool {
		origin := f.origins[flag]
		return origin == "--"+flag || origin == variable(flag)
	}
	return engine.Override{
		Values:      f.chart != "" && slices.ContainsFunc([]string{"values", "set", "set-string", "set-file"}, own),
		Release:     own("release-name"),
		KubeVersion: own("kube-version"),
		APIVersions: own("api-versions"),
	}
}

// readFiles reads the configuration of the working directory and, with a base, that of the base, which is in force: a
// change does not set its own rules. A base that is a file or a snapshot is no tree that could have one.
func (f *evalFlags) readFiles() error {
	path, err := config.Find(".", "")
	if err != nil {
		return err
	}
	if f.head, err = f.read(path, path); err != nil {
		return err
	}
	f.file = f.head
	switch {
	case f.Revision != nil:
		disk, name, err := f.Revision.FindConfig()
		if err == nil {
			f.file, err = f.read(disk, name)
		}
		if err != nil {
			return fmt.Errorf("base %s: %w", f.Revision.Name, err)
		}
	case isFolder(f.Base):
		return f.readBase(path)
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readBase reads what is in force for a folder that is the state before. Its copy after the change is spoken for as well.
func (f *evalFlags) readBase(head string) error {
	path, err := config.Find(f.Base, "")
	if err != nil {
		return err
	}
	if f.file, err = f.read(path, path); err != nil {
		return err
	}
	if path == "" || filepath.Dir(path) != filepath.Clean(f.Base) {
		return nil
	}
	// The base has a file of its own, so each argument is taken for the same folder after the change.
	for _, after := range f.Paths {
		if isFolder(after) {
			if err := f.file.SpeakFor(after); err != nil {
				return err
			}
			if f.head, err = f.readHead(after, head); err != nil {
				return err
			}
		}
	}
	return nil
}

// readHead is the file of a folder that base is compared with; the working directory's when it has none.
func (f *evalFlags) readHead(folder, otherwise string) (*config.Config, error) {
	path, err := config.Find(folder, "")
	if err != nil {
		return nil, err
	}
	if path == "" {
		path = otherwise
	}
	return f.read(path, path)
}

// read is config.Read, and without a file the configuration that says nothing.
func (f *evalFlags) read(disk, name string) (*config.Config, error) {
	if disk == "" {
		return &config.Config{}, nil
	}
	if f.known == nil {
		var err error
		if f.known, err = engine.Policies(f.Policies); err != nil {
			return nil, err
		}
	}
	return config.Read(disk, name, f.known)
}
