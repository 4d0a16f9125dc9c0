package policy_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/data-guard/guard/engine/policy"
)

const good = `# METADATA
# title: t
# description: d
# custom:
#   severities: [high, low]
#   remediation: r
#   match: {kinds: [{apiGroups: [""], kinds: [ConfigMap]}]}
#   asks: [delete]
#   parameters: {type: object, default: {}}
package some_thing

violation contains {"msg": "x", "details": {}} if input.review.object.x
`

func load(text string) ([]*policy.Policy, error) {
	loaded, _, err := policy.Load(fstest.MapFS{"way/some_thing/policy.rego": {Data: []byte(text)}})
	return loaded, err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	loaded, err := load(good)
	if err != nil {
		t.Fatal(err)
	}
	p := loaded[0]
	if p.ID != "some-thing" || p.Kind() != "GuardSomeThing" || p.Package() != "some_thing" || p.Category != "way" || !p.Exemptible {
		t.Errorf("got %+v", p)
	}
	got, err := p.Schema.Complete(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"severities": []any{"high", "low"}, "unknown": "deny", "maxExemptionDays": int64(366)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got)\n%s", diff)
	}
}

// Doubt about a state must not refuse a request, and nothing else should hide it.
func TestDoubtIsIgnoredOnlyWhereAdmissionIsAskedAboutStates(t *testing.T) {
	t.Parallel()
	for asks, want := range map[string]string{
		"asks: [delete]":        "deny",
		"asks: [state]":         "ignore",
		"asks: [state, delete]": "ignore",
		"asks: [state]\n#   admission: false\n#   admissionReason: slow": "deny",
	} {
		loaded, err := load(strings.Replace(good, "asks: [delete]", asks, 1))
		if err != nil {
			t.Fatal(err)
		}
		parameters, err := loaded[0].Schema.Complete(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := parameters["unknown"]; got != want {
			t.Errorf("%s: unknown is %v by default, want %s", asks, got, want)
		}
	}
}

func TestPoliciesThatSilenceEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	supersedes := map[string]string{"one": "two", "two": "three", "three": "one", "other": "one, gone"}
	files := fstest.MapFS{}
	for id, ids := range supersedes {
		text := strings.Replace(strings.Replace(good, "some_thing", id, 1), "[delete]", "[delete]\n#   supersedes: ["+ids+"]", 1)
		files["way/"+id+"/policy.rego"] = &fstest.MapFile{Data: []byte(text)}
	}
	_, _, err := policy.Load(files)
	want := "way/one/policy.rego:1: read METADATA: supersedes: one would silence itself by way of two\n" +
		"way/three/policy.rego:1: read METADATA: supersedes: three would silence itself by way of one\n" +
		"way/two/policy.rego:1: read METADATA: supersedes: two would silence itself by way of three"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	delete(files, "way/three/policy.rego")
	if _, _, err := policy.Load(files); err != nil {
		t.Errorf("a line is no circle: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, new, want string }{
		{"no METADATA", "# METADATA\n", "# metadata\n", "way/some_thing/policy.rego:1: read METADATA: there is no METADATA block above the package"},
		{"a missing title", "# title: t\n", "", "way/some_thing/policy.rego:2: read METADATA: title is missing"},
		{"an unknown severity", "[high, low]", "[high, worst]", `way/some_thing/policy.rego:5: read METADATA: severities: "worst" is unknown or stands twice`},
		{"an unknown question", "[delete]", "[scale]", `way/some_thing/policy.rego:8: read METADATA: asks: "scale" is none of state, create, update, delete`},
		{"create beside state", "[delete]", "[state, create]", `way/some_thing/policy.rego:8: read METADATA: asks: create stands beside state, which every CREATE is asked anyway`},
		{"an unknown match", "{kinds:", "{kind:", "way/some_thing/policy.rego:7: read METADATA: match: json: unknown field \"kind\""},
		{"a wrong read", "[delete]", "[delete]\n#   reads: [PersistentVolume]", `way/some_thing/policy.rego:9: read METADATA: reads: "PersistentVolume" is not apiVersion/Kind`},
		{"audit only without a reason", "[delete]", "[delete]\n#   admission: false", `way/some_thing/policy.rego:9: read METADATA: admission: false needs admissionReason`},
		{"weakens without a change", "[delete]", "[state]\n#   weakens: true", `way/some_thing/policy.rego:9: read METADATA: weakens stands without a change that is asked about: create, update or delete`},
		{"supersedes itself", "[delete]", "[delete]\n#   supersedes: [some-thing]", `way/some_thing/policy.rego:9: read METADATA: supersedes: "some-thing" is the policy itself or stands twice`},
		{"a reason for nothing", "[delete]", "[delete]\n#   admissionReason: slow", `way/some_thing/policy.rego:9: read METADATA: admissionReason stands without admission: false`},
		{"an unknown subresource", "[delete]", "[delete]\n#   subresources: [log]", `way/some_thing/policy.rego:9: read METADATA: subresources: "log" is none of status, scale, finalize, eviction or stands twice`},
		{"no default at the root", ", default: {}}", "}", "way/some_thing/policy.rego:9: read METADATA: parameters: the root needs type: object and default: {}, or no default below it is applied"},
		{"a common parameter", "default: {}}", "default: {}, properties: {unknown: {type: string}}}", `way/some_thing/policy.rego:9: read METADATA: parameters: "unknown" is a parameter that every policy has`},
		{"broken YAML", "title: t", "title: [t", "way/some_thing/policy.rego:2: read METADATA: "},
		{"another package", "package some_thing", "package other", "way/some_thing/policy.rego:10: read policy: package other in folder some_thing: they must be the same"},
		{"no violation", "violation contains", "_violation contains", "way/some_thing/policy.rego:10: check Rego: there is no rule violation"},
		{"broken Rego", "violation contains", "violation containz", "way/some_thing/policy.rego:12: parse Rego: "},
		{"import rego.v1", "\nviolation", "\nimport rego.v1\n\nviolation", "way/some_thing/policy.rego:12: check Rego: import rego.v1; only data.lib.<name> can be imported, and without an alias"},
	} {
		_, err := load(strings.Replace(good, test.old, test.new, 1))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, err, test.want)
		}
	}
}
