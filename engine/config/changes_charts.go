package config

import (
	"slices"
	"strings"
)

// rows are the sets of values of a chart, with what the chart says for all of them; a chart without sets is one with
// the name "".
type rows struct {
	sets   []ValueSet
	places []where
	place  where
}

func (c *Config) rows(path string, base bool) *rows {
	for i, chart := range c.Charts {
		if chart.Path != path {
			continue
		}
		at := pointer("charts", itoa(i))
		r := &rows{place: found(c.Place(at), base)}
		for j, set := range chart.Values {
			set.Install = set.or(chart.Install)
			r.sets, r.places = append(r.sets, set), append(r.places, found(c.Place(at+pointer("values", itoa(j))), base))
		}
		if len(r.sets) == 0 {
			r.sets, r.places = []ValueSet{{Install: chart.Install}}, []where{r.place}
		}
		return r
	}
	return nil
}

// find is the set of that name; -1 without one.
func (r *rows) find(name string) int {
	return slices.IndexFunc(r.sets, func(v ValueSet) bool { return v.Name == name })
}

func (r *rows) defaults() bool { return r.sets[0].Name == "" }

// names of the sets, for a sentence.
func (r *rows) names() string {
	var names []string
	for _, set := range r.sets {
		names = append(names, set.Name)
	}
	return enumerate(names, "and")
}

func (d *difference) charts() {
	var paths []string
	for _, c := range slices.Concat(d.head.Charts, d.base.Charts) {
		if !slices.Contains(paths, c.Path) {
			paths = append(paths, c.Path)
		}
	}
	for _, path := range paths {
		base, head := d.base.rows(path, true), d.head.rows(path, false)
		none := &rows{sets: []ValueSet{{}}, places: []where{{}}}
		switch {
		case base == nil:
			none.place, none.places[0] = head.place, head.place
			d.chart(path, none, head)
		case head == nil:
			none.place, none.places[0] = base.place, base.place
			d.chart(path, base, none)
		default:
			d.chart(path, base, head)
		}
	}
}

func (d *difference) chart(path string, base, head *rows) {
	switch {
	case base.defaults() && !head.defaults():
		d.add(Either, head.place, "chart %s is rendered with the values of %s and no longer with its defaults", path, head.names())
		return
	case !base.defaults() && head.defaults():
		d.add(Loosens, head.place, "chart %s is rendered with its defaults alone and no longer with the values of %s", path, base.names())
		return
	}
	for i, set := range base.sets {
		j := head.find(set.Name)
		if j < 0 {
			d.add(Loosens, base.places[i], "chart %s is no longer rendered with the values of %s", path, set.Name)
			continue
		}
		d.row(path, set, head.sets[j], head.places[j])
	}
	for j, set := range head.sets {
		if base.find(set.Name) < 0 {
			d.add(Tightens, head.places[j], "chart %s is rendered with the values of %s as well", path, set.Name)
		}
	}
}

// row compares a set of values with itself. What other values mean is in the chart.
func (d *difference) row(path string, base, head ValueSet, place where) {
	var changes []string
	differs := func(what, before, after string) {
		if before != after {
			changes = append(changes, what+" from "+orNone(before)+" to "+orNone(after))
		}
	}
	differs("files", list(base.Files), list(head.Files))
	differs("set", list(base.Set), list(head.Set))
	differs("set-string", list(base.SetString), list(head.SetString))
	differs("release-name", base.ReleaseName, head.ReleaseName)
	differs("namespace", base.Namespace, head.Namespace)
	differs("kube-version", base.KubeVersion, head.KubeVersion)
	differs("api-versions", list(base.APIVersions), list(head.APIVersions))
	if len(changes) == 0 {
		return
	}
	with := ""
	if head.Name != "" {
		with = " with the values of " + head.Name
	}
	d.add(Either, place, "chart %s%s is rendered otherwise: %s", path, with, strings.Join(changes, "; "))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
