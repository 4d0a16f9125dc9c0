package engine

import (
	"path"
	"path/filepath"
	"slices"

	"github.com/data-guard/guard/engine/config"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/source/discover"
)

// Override says what of the charts' settings in a configuration does not count, since Options has it from elsewhere.
type Override struct{ Values, Release, KubeVersion, APIVersions bool }

// IgnoreAlso passes over what patterns mean that are relative to the working directory; why says who gave them.
func (o *Options) IgnoreAlso(patterns []string, why string) {
	before, also := o.Ignore, &config.Config{Ignore: patterns}
	o.Ignore = func(root, name string, folder bool) (string, bool) {
		if _, ignored := also.Ignores(root, name, folder); ignored {
			return why + " ignores it", true
		}
		if before == nil {
			return "", false
		}
		return before(root, name, folder)
	}
}

// Configure takes over what a configuration says of policies, of charts and of what is ignored. Paths and what flags can
// say too is left to the caller, who knows what else was said.
func (o *Options) Configure(c *config.Config, not Override) {
	o.Off = c.Off()
	o.Severities, o.Parameters = map[string]policy.Severity{}, map[string]map[string]any{}
	for id, p := range c.Policies {
		if p.Severity != "" {
			o.Severities[id] = p.Severity
		}
		if p.Parameters != nil {
			o.Parameters[id] = p.Parameters
		}
	}
	o.Ignore = func(root, name string, folder bool) (string, bool) {
		place, ignored := c.Ignores(root, name, folder)
		if ignored {
			return Line(place) + " ignores it", true
		}
		return "", !folder && slices.Contains(config.Names(), path.Base(name))
	}
	named := map[string]bool{}
	for _, chart := range o.Charts {
		named[filepath.Clean(chart)] = true
	}
	o.Sets = func(chart string) []discover.Set {
		if not.Values && named[filepath.Clean(chart)] {
			return nil
		}
		var sets []discover.Set
		for _, r := range c.RendersOf(chart) {
			sets = append(sets, set(c, r, not))
		}
		return sets
	}
}

// Line is "file:line" of a place.
func Line(place object.Place) string {
	place.Column = 0
	return place.String()
}

func set(c *config.Config, r config.Render, not Override) discover.Set {
	s := discover.Set{Name: r.Name, Namespace: r.Namespace, Set: r.Set, SetString: r.SetString}
	for _, file := range r.Files {
		s.Values = append(s.Values, c.Below(file))
	}
	if !not.Release {
		s.Release = r.ReleaseName
	}
	if !not.KubeVersion {
		s.KubeVersion = r.KubeVersion
	}
	if !not.APIVersions {
		s.APIVersions = r.APIVersions
	}
	return s
}

// FindConfig looks for the configuration that the revision has for the folder of OpenRevision: where it is on disk, and how
// one would name it from that folder. Both are "" when there is none.
func (r *Revision) FindConfig() (disk, name string, err error) {
	folder := r.tree.Disk(".")
	disk, err = config.Find(folder, r.dir)
	if err != nil || disk == "" {
		return "", "", err
	}
	name, err = filepath.Rel(folder, disk)
	return disk, name, err
}
