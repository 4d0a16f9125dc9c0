// Package config reads .guard.yaml: what a team has settled about judging its repository. It is data, and none of it
// reaches out: a file cannot turn on network access, remote bases, plugins or further policies, which are code.
package config

import (
	"strings"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

// Never is the fail-on that nothing reaches.
const Never = "never"

// Config is what one file says. The zero Config is what a tree without a file has: it says nothing. Paths are below
// the file's folder, with slashes and relative to it.
type Config struct {
	// File is the name that the text was parsed under; "" when there is none.
	File string
	// Paths are files, folders and globs to look at when nobody names any; with none, that is the working directory.
	Paths []string
	// Ignore are doublestar patterns of what is passed over in folders.
	Ignore []string
	// Charts are those that need more than their defaults, no path twice.
	Charts []Chart
	// Policies are those about which the file says something, by id.
	Policies map[string]Policy
	// FailOn is a severity or Never, Unknown one of "report", "fail" and "ignore"; "" when the file does not say.
	FailOn, Unknown string
	// Namespace is that of objects that name none; "" when the file does not say.
	Namespace string
	// KubeVersion and APIVersions are what charts are told about the cluster, unless they say otherwise; "" and nil when
	// the file does not say.
	KubeVersion string
	APIVersions []string

	places map[string]object.Place
	// from is the working directory, and roots are the folders that paths of the file are relative to, both absolute and
	// without links; nothing for a Config that was not read from a folder.
	from  string
	roots []string
}

// Policy is what the file says about one policy.
type Policy struct {
	// Off says that it is not asked.
	Off bool
	// Severity is what all of its findings get; "" leaves each its own.
	Severity policy.Severity
	// Parameters are those given, as JSON has them; with the policy's defaults its schema allows them. nil when none is.
	Parameters map[string]any
}

// Place is where the file says what an RFC 6901 pointer from its root names ("/fail-on", "/ignore/0",
// "/policies/pv-reclaim-recycle/severity"): the line of the key, or of the item of a list. It is zero when the file
// says nothing about it.
func (c *Config) Place(pointer string) object.Place { return c.places[pointer] }

// Setting is something that a flag of the same name can say as well.
type Setting struct {
	Flag   string
	Values []string
	Place  object.Place
}

// Settings are those of the file's keys that are flags of guard eval too, in a fixed order.
func (c *Config) Settings() []Setting {
	var settings []Setting
	add := func(flag string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			settings = append(settings, Setting{flag, values, c.Place(pointer(flag))})
		}
	}
	add("fail-on", c.FailOn)
	add("unknown", c.Unknown)
	add("namespace", c.Namespace)
	add("kube-version", c.KubeVersion)
	add("api-versions", c.APIVersions...)
	return settings
}

// pointer is the RFC 6901 pointer that the steps make.
func pointer(steps ...string) string {
	var out strings.Builder
	for _, step := range steps {
		out.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return out.String()
}
