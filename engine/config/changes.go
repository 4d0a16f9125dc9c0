package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

// Effect is what a change to the file does to what is told of everything else.
type Effect string

// The effects, the one to look at first before the others.
const (
	// Loosens: less is looked at, less is reported, or less of it fails a run.
	Loosens Effect = "loosens"
	// Either: it depends on the objects.
	Either   Effect = "either"
	Tightens Effect = "tightens"
)

// Change is one thing that head's file settles otherwise than base's.
type Change struct {
	Effect Effect
	// Message says what, in terms of what guard does.
	Message string
	// Place is in head's file, and of what only base says, in base's; Base says that it is there.
	Place object.Place
	Base  bool
}

// What is in force where neither a file nor anybody else says.
const (
	defaultFailOn  = string(policy.High)
	defaultUnknown = "report"
)

// Changes are those from base to head, what loosens first; nil when both settle the same, whatever they are written like.
// A nil Config is a file that is not there; known are the policies that they were parsed with.
func Changes(base, head *Config, known []*policy.Policy) []Change {
	d := &difference{base: cmp.Or(base, &Config{}), head: cmp.Or(head, &Config{})}
	d.ordered("fail-on", d.base.FailOn, d.head.FailOn, defaultFailOn, thresholds())
	d.ordered("unknown", d.base.Unknown, d.head.Unknown, defaultUnknown, doubts())
	for _, p := range known {
		d.policy(p)
	}
	d.ignored()
	d.paths()
	d.either(pointer("namespace"), "namespace of objects that name none", d.base.Namespace, d.head.Namespace)
	d.either(pointer("kube-version"), "kube-version of charts", d.base.KubeVersion, d.head.KubeVersion)
	d.either(pointer("api-versions"), "api-versions of charts", list(d.base.APIVersions), list(d.head.APIVersions))
	d.charts()
	slices.SortStableFunc(d.changes, func(a, b Change) int { return cmp.Compare(rank(a.Effect), rank(b.Effect)) })
	return d.changes
}

func rank(e Effect) int { return slices.Index([]Effect{Loosens, Either, Tightens}, e) }

// difference collects what differs between two files.
type difference struct {
	base, head *Config
	changes    []Change
}

// where is a place in head's file, or in base's.
type where struct {
	object.Place

	base bool
}

// before and after are where a pointer leads in the two files; zero when it leads nowhere.
func (d *difference) before(pointer string) where { return found(d.base.Place(pointer), true) }
func (d *difference) after(pointer string) where  { return found(d.head.Place(pointer), false) }

func found(place object.Place, base bool) where {
	if place == (object.Place{}) {
		return where{}
	}
	return where{place, base}
}

func (d *difference) add(e Effect, at where, format string, args ...any) {
	d.changes = append(d.changes, Change{e, fmt.Sprintf(format, args...), at.Place, at.base})
}

// at is where head says what a pointer names, or where base did.
func (d *difference) at(pointer string) where { return cmp.Or(d.after(pointer), d.before(pointer)) }

// ordered compares words of which a later one is stricter.
func (d *difference) ordered(key, before, after, otherwise string, words []string) {
	before, after = cmp.Or(before, otherwise), cmp.Or(after, otherwise)
	switch from, to := slices.Index(words, before), slices.Index(words, after); {
	case to < from:
		d.add(Loosens, d.at(pointer(key)), "%s goes from %s to %s", key, before, after)
	case to > from:
		d.add(Tightens, d.at(pointer(key)), "%s goes from %s to %s", key, before, after)
	}
}

func (d *difference) either(at, what, before, after string) {
	if before != after {
		d.add(Either, d.at(at), "%s goes from %s to %s", what, cmp.Or(before, "none"), cmp.Or(after, "none"))
	}
}

func (d *difference) ignored() {
	for i, glob := range d.head.Ignore {
		if !slices.Contains(d.base.Ignore, glob) {
			d.add(Loosens, d.after(pointer("ignore", itoa(i))), "ignore gains %s: what it matches is no longer looked at", glob)
		}
	}
	for i, glob := range d.base.Ignore {
		if !slices.Contains(d.head.Ignore, glob) {
			d.add(Tightens, d.before(pointer("ignore", itoa(i))), "ignore loses %s: what it matches is looked at again", glob)
		}
	}
}

// whole is what is looked at when a file has no paths.
const whole = "."

func (d *difference) paths() {
	base, head := d.base.Paths, d.head.Paths
	if len(base) == 0 {
		base = []string{whole}
	}
	if len(head) == 0 {
		head = []string{whole}
	}
	for i, path := range base {
		switch place := cmp.Or(d.after(pointer("paths")), d.before(pointer("paths", itoa(i)))); {
		case covered(path, head):
		case path == whole:
			d.add(Loosens, place, "without arguments, only %s is looked at and no longer all of the folder", strings.Join(head, ", "))
		default:
			d.add(Loosens, place, "path %s is no longer looked at", path)
		}
	}
	for i, path := range head {
		switch place := cmp.Or(d.after(pointer("paths", itoa(i))), d.before(pointer("paths"))); {
		case covered(path, base):
		case path == whole:
			d.add(Tightens, place, "without arguments, all of the folder is looked at")
		default:
			d.add(Tightens, place, "path %s is looked at", path)
		}
	}
}

// covered says that a path is one of paths or below one; what a glob covers is not guessed.
func covered(path string, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		bare := strings.TrimSuffix(p, "/")
		return bare == whole || bare == strings.TrimSuffix(path, "/") || !strings.ContainsAny(bare, "*?[{") && strings.HasPrefix(path, bare+"/")
	})
}

func (d *difference) policy(p *policy.Policy) {
	before, after := d.base.Policies[p.ID], d.head.Policies[p.ID]
	at := pointer("policies", p.ID)
	switch {
	case before.Off && after.Off:
		return
	case after.Off:
		d.add(Loosens, d.at(at+pointer("enabled")), "policy %s is switched off", p.ID)
		return
	case before.Off:
		d.add(Tightens, d.at(at+pointer("enabled")), "policy %s is switched on again", p.ID)
	}
	d.severity(p, at+pointer("severity"), before.Severity, after.Severity)
	d.parameters(p, at+pointer("parameters"), before.Parameters, after.Parameters)
}

// severity loosens when one of the policy's findings gets a milder one, whatever the others get.
func (d *difference) severity(p *policy.Policy, at string, before, after policy.Severity) {
	effect := Effect("")
	for _, own := range p.Severities {
		from, to := cmp.Or(before, own).Rank(), cmp.Or(after, own).Rank()
		switch {
		case to > from:
			effect = Loosens
		case to < from:
			effect = cmp.Or(effect, Tightens)
		}
	}
	if effect != "" {
		d.add(effect, d.at(at), "severity of %s goes from %s to %s", p.ID, severities(p, before), severities(p, after))
	}
}

// severities are those that a policy's findings have.
func severities(p *policy.Policy, said policy.Severity) string {
	if said != "" {
		return string(said)
	}
	words := make([]string, 0, len(p.Severities))
	for _, s := range p.Severities {
		words = append(words, string(s))
	}
	return enumerate(words, "or")
}

func (d *difference) parameters(p *policy.Policy, at string, before, after map[string]any) {
	from, to := complete(p, before), complete(p, after)
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if a, b := text(from[name]), text(to[name]); a != b {
			d.add(direction(name, from[name], to[name]), cmp.Or(d.at(at+pointer(name)), d.at(at)), "parameter %s of %s %s", name, p.ID, told(from[name], to[name]))
		}
	}
}
