package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/data-guard/guard/engine/config"
)

const (
	prefix = "GUARD_"
	// updateTests is set for guard's own tests, which run commands in their own process.
	updateTests = "GUARD_UPDATE"
)

// serviceLink is a variable that Kubernetes gives to the pods of a namespace with a Service named guard or guard-something
// (k8s.io/kubernetes pkg/kubelet/envvars): nobody has set it for guard.
var serviceLink = regexp.MustCompile(`^GUARD(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// variable is the environment's name for a flag.
func variable(flag string) string {
	return prefix + strings.ReplaceAll(strings.ToUpper(flag), "-", "_")
}

// whole are flags of lists whose values have commas of their own, which Helm reads: their variable is one value.
func whole(flag string) bool { return slices.Contains([]string{"set", "set-string", "set-file"}, flag) }

// look are flags that say what is looked at: who names anything on the command line has said all of it.
func look() []string {
	return []string{"filename", "kustomize", "chart", "values", "set", "set-string", "set-file"}
}

// fromEnvironment sets flags that the command line leaves open, from variables NAME=VALUE, and returns where each flag has
// its value from; flags with their defaults are left out. A variable that is empty says nothing. One of the prefix that
// is no flag is an error: what someone meant to say must not go unheard.
func fromEnvironment(flags *pflag.FlagSet, environment []string, named bool) (map[string]string, error) {
	origins := map[string]string{}
	var names []string
	values := map[string]string{}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			origins[f.Name] = "--" + f.Name
		}
		if f.Name != "help" {
			names = append(names, variable(f.Name))
		}
	})
	var problems []error
	for _, line := range slices.Sorted(slices.Values(environment)) {
		name, value, _ := strings.Cut(line, "=")
		switch {
		case !strings.HasPrefix(name, prefix) || value == "" || name == updateTests || serviceLink.MatchString(name):
		case !slices.Contains(names, name):
			problems = append(problems, fmt.Errorf("read environment: %s is no setting%s", name, meant(name, names)))
		default:
			values[name] = value
		}
	}
	flags.VisitAll(func(f *pflag.Flag) {
		value := values[variable(f.Name)]
		if value == "" || f.Changed || named && slices.Contains(look(), f.Name) {
			return
		}
		if err := set(f, value); err != nil {
			problems = append(problems, fmt.Errorf("read environment: %s %q: %w", variable(f.Name), value, err))
			return
		}
		origins[f.Name] = variable(f.Name)
	})
	return origins, errors.Join(problems...)
}

func meant(name string, names []string) string {
	if n := config.Nearest(strings.TrimPrefix(name, prefix), trimmed(names)); n != "" {
		return "; did you mean " + prefix + n + "?"
	}
	return "; guard eval --help has the flags, whose names these are in capitals and with _ for -"
}

func trimmed(names []string) []string {
	short := make([]string, 0, len(names))
	for _, name := range names {
		short = append(short, strings.TrimPrefix(name, prefix))
	}
	return short
}

// set gives a flag its value without telling pflag, to which a changed flag is one of the command line.
func set(f *pflag.Flag, value string) error {
	list, ok := f.Value.(pflag.SliceValue)
	switch {
	case !ok:
		return f.Value.Set(value)
	case whole(f.Name):
		return list.Replace([]string{value})
	}
	items := split(value)
	if slices.Contains(items, "") {
		return errors.New("an item between commas is empty")
	}
	return list.Replace(items)
}

// split leaves the commas of a glob's alternatives alone: a/{b,c} is one item.
func split(value string) []string {
	depth := 0
	var list []string
	start := 0
	for i, r := range value {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case r == ',' && depth <= 0:
			list = append(list, strings.TrimSpace(value[start:i]))
			start = i + 1
		}
	}
	return append(list, strings.TrimSpace(value[start:]))
}
