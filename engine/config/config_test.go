package config_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/data-guard/guard/engine/config"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/policies"
)

var known = sync.OnceValue(func() []*policy.Policy {
	all, _, err := policy.Load(policies.FS)
	if err != nil {
		panic(err)
	}
	return all
})

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Parse(".guard.yaml", []byte(text), known())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseReadsEveryKey(t *testing.T) {
	t.Parallel()
	c := parse(t, `
paths: [deploy, "charts/*/"]
ignore: ["**/testdata/**", scratch/]
fail-on: medium
unknown: fail
namespace: shop
kube-version: 1.30
api-versions: [monitoring.coreos.com/v1]
charts:
  - path: charts/db
    release-name: db
    namespace: prod
    values:
      - name: prod
        files: [charts/db/values-prod.yaml]
        set: [replicas=3, "list={a,b}"]
      - name: dr
        release-name: db-dr
        namespace: dr
        kube-version: "1.29"
        api-versions: []
        set-string: [version=12]
  - path: charts/queue
policies:
  pv-reclaim-recycle:
    enabled: false
  protect-pvc-delete:
    severity: high
    parameters:
      cascadeActors: [system:serviceaccount:db:operator]
      maxExemptionDays: 30
`)
	want := &config.Config{
		File: ".guard.yaml", Paths: []string{"deploy", "charts/*/"}, Ignore: []string{"**/testdata/**", "scratch/"},
		FailOn: "medium", Unknown: "fail", Namespace: "shop", KubeVersion: "1.30", APIVersions: []string{"monitoring.coreos.com/v1"},
		Charts: []config.Chart{
			{Path: "charts/db", Install: config.Install{ReleaseName: "db", Namespace: "prod"}, Values: []config.ValueSet{
				{Name: "prod", Files: []string{"charts/db/values-prod.yaml"}, Set: []string{"replicas=3", "list={a,b}"}},
				{Name: "dr", Install: config.Install{ReleaseName: "db-dr", Namespace: "dr", KubeVersion: "1.29"}, SetString: []string{"version=12"}},
			}},
			{Path: "charts/queue"},
		},
		Policies: map[string]config.Policy{
			"pv-reclaim-recycle": {Off: true},
			"protect-pvc-delete": {Severity: policy.High, Parameters: map[string]any{
				"cascadeActors": []any{"system:serviceaccount:db:operator"}, "maxExemptionDays": 30,
			}},
		},
	}
	if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Error(diff)
	}
	for pointer, line := range map[string]int{
		"/fail-on": 4, "/ignore/1": 3, "/charts/0/values/1/namespace": 19, "/policies/pv-reclaim-recycle/enabled": 26,
		"/policies/protect-pvc-delete/parameters/cascadeActors/0": 30, "/unheard-of": 0,
	} {
		if got := c.Place(pointer).Line; got != line {
			t.Errorf("%s stands in line %d, want %d", pointer, got, line)
		}
	}
	if diff := cmp.Diff(map[string]string{"pv-reclaim-recycle": ".guard.yaml:26"}, c.Off()); diff != "" {
		t.Error(diff)
	}
}

func TestRendersFillInWhatTheChartAndTheFileSay(t *testing.T) {
	t.Parallel()
	c := parse(t, `
kube-version: "1.31"
charts:
  - path: db
    release-name: db
    namespace: prod
    values:
      - {name: prod, files: [prod.yaml]}
      - {name: dr, namespace: dr, kube-version: "1.29", api-versions: [a.example.com/v1]}
  - path: queue
`)
	var got []string
	for _, r := range c.Renders() {
		got = append(got, fmt.Sprintf("%d %s %q %s %s %s %v %v", r.Place.Line, r.Chart, r.Name, r.ReleaseName, r.Namespace, r.KubeVersion, r.APIVersions, r.Files))
	}
	if diff := cmp.Diff([]string{
		`8 db "prod" db prod 1.31 [] [prod.yaml]`,
		`9 db "dr" db dr 1.29 [a.example.com/v1] []`,
		`10 queue ""   1.31 [] []`,
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFileWithoutAValueSaysNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "---\n", "# nothing yet\n", "null\n", "{}\n", "\ufeff"} {
		c := parse(t, text)
		if c.Settings() != nil || c.Renders() != nil || len(c.Off()) > 0 || c.Paths != nil {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

// TestParseRefuses wants each complaint at its place, and all of them.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range refusals() {
		_, err := config.Parse("f", []byte(text), known())
		if err == nil {
			t.Errorf("%s\nis taken", text)
			continue
		}
		if diff := cmp.Diff(want, strings.ReplaceAll(err.Error(), "read configuration: ", "")); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	}
}

func refusals() map[string]string {
	return map[string]string{
		"[]":                      "f:1:1: the file: want keys with values, not a list",
		"text":                    `f:1:1: the file: want keys with values, not str "text"`,
		"a: [":                    "f:1:1: did not find expected node content",
		"paths: []\n---\n{}":      "f:2:1: a second document begins; want one",
		"paths: []\n\tx: 1":       "f:2:1: found character that cannot start any token",
		"fail_on: high":           `f:1:1: the file: unknown key "fail_on"; did you mean fail-on?`,
		"failOn: high":            `f:1:1: the file: unknown key "failOn"; did you mean fail-on?`,
		"colour: red":             `f:1:1: the file: unknown key "colour"; want paths, ignore, charts, policies, fail-on, unknown, namespace, kube-version or api-versions`,
		"paths: [a]\npaths: [b]":  `f:2:1: the file: key "paths" stands in line 1 already`,
		"1: a":                    "f:1:1: the file: a key is the number 1; keys are text, and a merge key is not followed",
		"paths: deploy":           `f:1:8: paths: want a list, not str "deploy"`,
		"paths:":                  `f:1:7: paths: want a list, not nothing`,
		"paths: [1, [a], null]":   "f:1:9: paths: want a text, not the number 1; write \"1\" in quotes if it is one\nf:1:12: paths: want a text, not a list\nf:1:17: paths: there is no value",
		"paths: [a, a]":           `f:1:12: paths: "a" stands there already`,
		"paths: [/etc]":           `f:1:9: paths: "/etc" is absolute; want a path relative to the file's folder`,
		"paths: [../b]":           `f:1:9: paths: "../b" may leave the file's folder; want a path below it`,
		"paths: [a//b, ./c, '-']": "f:1:9: paths: \"a//b\" is not written plainly; want \"a/b\"\nf:1:15: paths: \"./c\" is not written plainly; want \"c\"\nf:1:20: paths: \"-\" is standard input, which only the command line names",
		"ignore: ['!a', /a, 'a[', ../a]": "f:1:10: ignore: \"!a\" begins with !; a pattern takes nothing back\n" +
			"f:1:16: ignore: \"/a\" is no pattern: it is matched from the folder on, so leave out what stands before the first name\n" +
			"f:1:20: ignore: \"a[\" is no pattern: a bracket, a brace or an escape is not closed\n" +
			"f:1:26: ignore: \"../a\" may leave the folder; want a pattern below it",
		"fail-on: hihg":          `f:1:10: fail-on: "hihg" is unknown; want never, critical, high, medium, low or info`,
		"fail-on: [high]":        `f:1:10: fail-on: want a text, not a list`,
		"unknown: sometimes":     `f:1:10: unknown: "sometimes" is unknown; want ignore, report or fail`,
		"namespace: A_b":         `f:1:12: namespace: "A_b" is no name that a namespace can have`,
		"kube-version: new":      `f:1:15: kube-version: "new" is no version of Kubernetes; want one like 1.31`,
		"api-versions: [v1/pod]": `f:1:16: api-versions: "v1/pod" is no API version; want GROUP/VERSION or GROUP/VERSION/KIND`,
		"allow-remote: true":     "f:1:1: allow-remote: no file can turn on network access, remote bases or plugins: only who runs guard can, where there is a flag for it",
		"kubeconfig: x":          "f:1:1: kubeconfig: no file can say it: who runs guard gives --kubeconfig or GUARD_KUBECONFIG",
		"request_timeout: 1m":    "f:1:1: request_timeout: no file can say it: who runs guard gives --request-timeout or GUARD_REQUEST_TIMEOUT",
		"exclude: [a]":           "f:1:1: exclude: a file switches a policy off with policies: {ID: {enabled: false}}",
		"severities: {}":         "f:1:1: severities: they stand with their policy: policies: {ID: {severity: ...}}",
		"values: []":             "f:1:1: values: it stands with its chart: charts: [{path: CHART, release-name: NAME, values: [{name: SET, files: [...], set: [...]}]}]",
		"charts: [{}]":           "f:1:10: charts: path is missing: the folder of the chart",
		"charts: [{path: 1, kubeVersion: 1}]": "f:1:17: path: want a text, not the number 1; write \"1\" in quotes if it is one\n" +
			`f:1:20: charts: unknown key "kubeVersion"; did you mean kube-version?`,
		"charts:\n- path: a\n- path: a": "f:3:3: charts: \"a\" stands there already; give it several sets of values instead",
		"charts: [{path: a, values: [{name: a}, {name: a}, {files: [/b]}, {name: a/b, set: [a]}]}]": "f:1:40: values: a set \"a\" stands there already\n" +
			"f:1:51: values: name is missing: what the report calls this set\n" +
			"f:1:60: files: \"/b\" is absolute; want a path relative to the file's folder\n" +
			"f:1:73: name: \"a/b\" is no name of a set; want at most 63 letters, digits, - _ and .\n" +
			"f:1:84: set: \"a\" is no assignment; want KEY=VALUE, as after --set",
		"charts: [{path: a, release-name: A}]":                                   `f:1:34: release-name: "A" is no name that a release can have`,
		"policies: [pv-reclaim-recycle]":                                         "f:1:11: policies: want keys with values, not a list",
		"policies: {pv-reclaim-recyle: {}}":                                      "f:1:12: policies: there is no policy \"pv-reclaim-recyle\"; did you mean pv-reclaim-recycle?",
		"policies: {x: {}}":                                                      "f:1:12: policies: there is no policy \"x\"; guard list shows them",
		"policies: {pv-reclaim-recycle: false}":                                  `f:1:32: pv-reclaim-recycle: want keys with values, not bool "false"; {enabled: false} switches it off`,
		"policies: {pv-reclaim-recycle: {enabled: off}}":                         `f:1:42: enabled: want true or false, not str "off"`,
		"policies: {pv-reclaim-recycle: {severity: worse}}":                      `f:1:43: severity: "worse" is unknown; want critical, high, medium, low or info`,
		"policies: {pv-reclaim-recycle: {param: {}}}":                            `f:1:33: pv-reclaim-recycle: unknown key "param"; want enabled, severity or parameters`,
		"policies: {pv-reclaim-recycle: {parameters: {x: 1}}}":                   "f:1:46: parameters: policy pv-reclaim-recycle has no parameter \"x\"; it has allowedVolumes, maxExemptionDays, severities and unknown",
		"policies: {pv-reclaim-recycle: {parameters: {a: .inf}}}":                "f:1:46: parameters: policy pv-reclaim-recycle has no parameter \"a\"; it has allowedVolumes, maxExemptionDays, severities and unknown",
		"policies: {pv-reclaim-recycle: {parameters: {allowedVolumes: [.inf]}}}": `f:1:63: allowedVolumes: ".inf" is no value that JSON has`,
		"policies: {pv-reclaim-recycle: {parameters: {allowedVolumes: a, maxExemptionDays: 0}}}": "f:1:46: parameters: policy pv-reclaim-recycle refuses allowedVolumes: allowedVolumes: Invalid value: \"string\": allowedVolumes in body must be of type array: \"string\"\n" +
			"f:1:65: parameters: policy pv-reclaim-recycle refuses maxExemptionDays: maxExemptionDays: Invalid value: 0: maxExemptionDays in body should be greater than or equal to 1",
	}
}

// TestAliasesAreFollowedWithinReason takes what a person writes with anchors, and neither a loop nor a bomb.
func TestAliasesAreFollowedWithinReason(t *testing.T) {
	t.Parallel()
	c := parse(t, "charts: [{path: a, values: &v [{name: prod, files: &f [prod.yaml]}]}, {path: b, values: *v}]")
	if len(c.Renders()) != 2 || c.Renders()[1].Files[0] != "prod.yaml" {
		t.Errorf("%+v", c.Renders())
	}
	var bomb strings.Builder
	bomb.WriteString("policies: {pv-reclaim-recycle: {parameters: {allowedVolumes: [&a0 [x]")
	for i := range 40 {
		fmt.Fprintf(&bomb, ", &a%d [%s]", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	for text, want := range map[string]string{
		bomb.String() + "]}}}": "there are more than 100000 values",
		"policies: {pv-reclaim-recycle: {parameters: {allowedVolumes: &a [*a]}}}": "values lie more than 100 deep in one another",
	} {
		if _, err := config.Parse("f", []byte(text), known()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v", text, err)
		}
	}
}

func TestIgnores(t *testing.T) {
	t.Parallel()
	c := parse(t, `ignore: ["**/testdata/**", "ci/*.yaml", scratch/, old]`)
	for file, want := range map[string]bool{
		"testdata/a.yaml": true, "a/testdata/b/c.yaml": true, "a/testdata.yaml": false,
		"ci/a.yaml": true, "ci/b/a.yaml": false, "deploy/ci/a.yaml": false,
		"scratch": false, "scratch/a.yaml": true, "a/scratch/a.yaml": false,
		"old": true, "old/a/b.yaml": true, "older/a.yaml": false, ".": false,
	} {
		if _, got := c.Ignores(".", file, false); got != want {
			t.Errorf("ignores %s: %v, want %v", file, got, want)
		}
	}
	for folder, want := range map[string]bool{"a/testdata": true, "scratch": true, "old": true, "ci": false, ".": false} {
		if _, got := c.Ignores(".", folder, true); got != want {
			t.Errorf("ignores folder %s: %v, want %v", folder, got, want)
		}
	}
	for root, want := range map[string]bool{".": true, "old": false, "old/a": false, "a": true} {
		if _, got := c.Ignores(root, "old/a/b.yaml", false); got != want {
			t.Errorf("below %s: %v, want %v", root, got, want)
		}
	}
	if place, _ := c.Ignores(".", "scratch", true); place.String() != ".guard.yaml:1:41" {
		t.Error(place)
	}
}
