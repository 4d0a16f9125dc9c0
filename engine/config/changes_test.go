package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/config"
)

// both parses two files; "" is one that is not there.
func both(t *testing.T, base, head string) (b, h *config.Config) {
	t.Helper()
	parse := func(name, text string) *config.Config {
		if text == "" {
			return nil
		}
		c, err := config.Parse(name, []byte(text), known())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return parse("base", base), parse("head", head)
}

func TestChangesTellWhatGuardDoesOtherwise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base, head string
		want       []string
	}{
		"nothing":                    {"", "", nil},
		"an empty file":              {"", "{}", nil},
		"what was the default":       {"", "fail-on: high\nunknown: report\npaths: [.]\npolicies: {pv-reclaim-recycle: {enabled: true, parameters: {allowedVolumes: []}}}", nil},
		"another order and notation": {"ignore: [a, b]\npaths: [a, b]", "paths: [b, a]\nignore:\n- b\n- a", nil},
		"a higher threshold":         {"", "fail-on: critical", []string{"loosens head:1:1 fail-on goes from high to critical"}},
		"a threshold that is gone":   {"fail-on: never", "", []string{"tightens base:1:1 fail-on goes from never to high"}},
		"doubt":                      {"unknown: fail", "\nunknown: ignore", []string{"loosens head:2:1 unknown goes from fail to ignore"}},
		"a policy off": {
			"policies: {pv-reclaim-recycle: {severity: low}}", "policies: {pv-reclaim-recycle: {enabled: false, severity: info}}",
			[]string{"loosens head:1:33 policy pv-reclaim-recycle is switched off"},
		},
		"a policy on": {
			"policies: {pv-reclaim-recycle: {enabled: false}}", "policies: {pv-reclaim-recycle: {severity: low}}",
			[]string{
				"loosens head:1:33 severity of pv-reclaim-recycle goes from critical or medium to low",
				"tightens base:1:33 policy pv-reclaim-recycle is switched on again",
			},
		},
		"a policy off in both": {"policies: {pv-reclaim-recycle: {enabled: false}}", "policies: {pv-reclaim-recycle: {enabled: false, severity: low}}", nil},
		"a severity between": {
			"", "policies: {pv-reclaim-recycle: {severity: high}}",
			[]string{"loosens head:1:33 severity of pv-reclaim-recycle goes from critical or medium to high"},
		},
		"a severity that is gone": {
			"policies: {pv-reclaim-recycle: {severity: low}}", "",
			[]string{"tightens base:1:33 severity of pv-reclaim-recycle goes from low to critical or medium"},
		},
		"parameters": {
			"policies: {pv-reclaim-recycle: {parameters: {allowedVolumes: [a, b]}}}",
			"policies: {pv-reclaim-recycle: {parameters: {allowedVolumes: [b, c], unknown: ignore, severities: [critical], maxExemptionDays: 400}}}",
			[]string{
				"loosens head:1:111 parameter maxExemptionDays of pv-reclaim-recycle goes from 366 to 400",
				`loosens head:1:87 parameter severities of pv-reclaim-recycle loses "medium"`,
				`loosens head:1:70 parameter unknown of pv-reclaim-recycle goes from "deny" to "ignore"`,
				`either head:1:46 parameter allowedVolumes of pv-reclaim-recycle gains "c" and loses "a"`,
			},
		},
		"parameters that are gone": {
			"policies: {pv-reclaim-recycle: {parameters: {unknown: ignore, severities: [critical], maxExemptionDays: 400}}}", "",
			[]string{
				"tightens base:1:87 parameter maxExemptionDays of pv-reclaim-recycle goes from 400 to 366",
				`tightens base:1:63 parameter severities of pv-reclaim-recycle gains "medium"`,
				`tightens base:1:46 parameter unknown of pv-reclaim-recycle goes from "ignore" to "deny"`,
			},
		},
		"ignore": {
			"ignore: [a, b]", "ignore: [b, '**/db/**']",
			[]string{
				"loosens head:1:13 ignore gains **/db/**: what it matches is no longer looked at",
				"tightens base:1:10 ignore loses a: what it matches is looked at again",
			},
		},
		"paths": {
			"paths: [a, b/c, d]", "paths: [a/b, b, e]",
			[]string{
				"loosens head:1:1 path a is no longer looked at", "loosens head:1:1 path d is no longer looked at",
				"tightens head:1:14 path b is looked at", "tightens head:1:17 path e is looked at",
			},
		},
		"paths where there were none": {"", "paths: [a, b]", []string{"loosens head:1:1 without arguments, only a, b is looked at and no longer all of the folder"}},
		"no paths where there were":   {"paths: [a]", "", []string{"tightens base:1:1 without arguments, all of the folder is looked at"}},
		"what charts are told": {
			"", "namespace: a\nkube-version: 1.30\napi-versions: [a.example.com/v1]",
			[]string{
				"either head:1:1 namespace of objects that name none goes from none to a",
				"either head:2:1 kube-version of charts goes from none to 1.30",
				"either head:3:1 api-versions of charts goes from none to a.example.com/v1",
			},
		},
		"sets of values": {
			"charts: [{path: a, namespace: n, values: [{name: prod, files: [p.yaml]}, {name: dr}, {name: same, namespace: n}]}]",
			"charts: [{path: a, values: [{name: prod, namespace: n, files: [q.yaml], set: [a=b]}, {name: dev}, {name: same, namespace: n}]}]",
			[]string{
				"loosens base:1:74 chart a is no longer rendered with the values of dr",
				"either head:1:29 chart a with the values of prod is rendered otherwise: files from p.yaml to q.yaml; set from none to a=b",
				"tightens head:1:86 chart a is rendered with the values of dev as well",
			},
		},
		"a chart's matrix that is gone": {
			"charts: [{path: a, values: [{name: prod}, {name: dr}]}]", "",
			[]string{"loosens base:1:10 chart a is rendered with its defaults alone and no longer with the values of prod and dr"},
		},
		"a chart's first matrix": {
			"charts: [{path: a}]", "charts: [{path: a, values: [{name: prod}]}]",
			[]string{"either head:1:10 chart a is rendered with the values of prod and no longer with its defaults"},
		},
		"a chart's release": {
			"", "charts: [{path: a, release-name: db}, {path: b}]",
			[]string{"either head:1:10 chart a is rendered otherwise: release-name from none to db"},
		},
	} {
		base, head := both(t, c.base, c.head)
		var got []string
		for _, change := range config.Changes(base, head, known()) {
			if change.Base != (change.Place.File == "base") {
				t.Errorf("%s: %+v", name, change)
			}
			got = append(got, fmt.Sprintf("%s %s %s", change.Effect, change.Place, change.Message))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// TestEveryChangeHasItsReverse holds the two directions to each other: what loosens one way tightens the other, and
// nothing is told one way only.
func TestEveryChangeHasItsReverse(t *testing.T) {
	t.Parallel()
	files := []string{
		"", "fail-on: never", "unknown: fail\nfail-on: low", "ignore: [a]", "paths: [a]", "paths: [a, b]", "namespace: a",
		"policies: {pv-reclaim-recycle: {enabled: false}}", "policies: {pv-reclaim-recycle: {severity: info}}",
		"policies: {pv-reclaim-recycle: {parameters: {unknown: ignore}}}", "charts: [{path: a}]", "charts: [{path: a, values: [{name: b, set: [c=d]}]}]",
		"charts: [{path: a, values: [{name: b}, {name: c}]}]",
	}
	for _, a := range files {
		for _, b := range files {
			base, head := both(t, a, b)
			there, back := config.Changes(base, head, known()), config.Changes(head, base, known())
			if (len(there) == 0) != (len(back) == 0) {
				t.Errorf("%q to %q: %v, back %v", a, b, there, back)
			}
			for _, c := range there {
				if c.Place.Line == 0 || strings.Contains(c.Message, "\n") {
					t.Errorf("%q to %q: %+v", a, b, c)
				}
			}
		}
	}
}
