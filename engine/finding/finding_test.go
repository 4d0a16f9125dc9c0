package finding_test

import (
	"slices"
	"testing"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

func violation(t *testing.T, text, field string, severity policy.Severity) eval.Violation {
	t.Helper()
	r := source.Text("t.yaml", []byte(text))
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	return eval.Violation{
		Constraint: &eval.Constraint{Policy: &policy.Policy{ID: "p"}},
		Review:     &review.Review{Object: r.Worlds[0].Objects[0]},
		Message:    "m", Details: eval.Details{Field: field, Severity: severity},
	}
}

func TestTheFingerprintSurvivesEdits(t *testing.T) {
	t.Parallel()
	one := func(text, field string) string {
		return finding.From([]eval.Violation{violation(t, text, field, policy.High)})[0].Fingerprint
	}
	original := one("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: db, image: x}]}\n", "/spec/containers/0/image")
	moved := one("# moved\nmetadata: {name: a}\nkind: Pod\napiVersion: v1\nspec: {containers: [{name: new}, {name: db, image: y}]}\n", "/spec/containers/1/image")
	if original != moved {
		t.Error("a container before it, another order and another value change the fingerprint")
	}
	for name, other := range map[string]string{
		"another container": one("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: web, image: x}]}\n", "/spec/containers/0/image"),
		"another object":    one("apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: db, image: x}]}\n", "/spec/containers/0/image"),
		"another field":     one("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: db, image: x}]}\n", "/spec/containers/0"),
	} {
		if other == original {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
}

func TestOrderAndAdded(t *testing.T) {
	t.Parallel()
	pod := func(name string) string { return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\n" }
	low := violation(t, pod("a"), "", policy.Low)
	critical := violation(t, pod("b"), "", policy.Critical)
	found := finding.From([]eval.Violation{low, critical, low})
	if len(found) != 2 || found[0].Severity != policy.Critical || found[1].Object != (object.ID{Kind: "Pod", Name: "a"}) {
		t.Errorf("got %+v", found)
	}
	added := finding.Added(found, finding.From([]eval.Violation{low}), nil)
	if len(added) != 1 || added[0].Severity != policy.Critical {
		t.Errorf("added %+v", added)
	}
	better := finding.From([]eval.Violation{violation(t, pod("b"), "", policy.High)})
	if added := finding.Added(better, finding.From([]eval.Violation{critical}), nil); len(added) != 0 {
		t.Errorf("an improvement is added: %+v", added)
	}
	worse := finding.From([]eval.Violation{critical})
	if added := finding.Added(worse, finding.From([]eval.Violation{violation(t, pod("b"), "", policy.High)}), nil); len(added) != 1 {
		t.Errorf("a deterioration is not added")
	}
}

func TestWhatIsNoLongerExemptedIsNews(t *testing.T) {
	t.Parallel()
	stands := violation(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "", policy.High)
	exempted := stands
	exempted.Suppressed = true
	from := func(violations ...eval.Violation) []finding.Finding { return finding.From(violations) }
	for name, test := range map[string]struct {
		head, base []finding.Finding
		want       []finding.Finding
	}{
		"the exemption goes":          {from(stands), from(exempted), from(stands)},
		"the exemption stays":         {from(exempted), from(exempted), nil},
		"an exemption comes":          {from(exempted), from(stands), from(exempted)},
		"one of two was not exempted": {from(stands), from(stands, exempted), nil},
		"there was nothing to exempt": {from(exempted), nil, from(exempted)},
	} {
		added := finding.Added(test.head, test.base, nil)
		if !slices.EqualFunc(added, test.want, func(a, b finding.Finding) bool { return a.Suppressed == b.Suppressed }) {
			t.Errorf("%s: %+v", name, added)
		}
	}
}

func TestWhatOneWorldHadIsNewsInAnother(t *testing.T) {
	t.Parallel()
	of := func(in string) eval.Violation {
		v := violation(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "", policy.High)
		v.Review.In = in
		return v
	}
	for name, test := range map[string]struct {
		head, base []string
		// there are the worlds of head that have the object.
		there []string
		want  [][]string
	}{
		"the same world":               {[]string{"dev"}, []string{"dev"}, []string{"dev", "prod"}, nil},
		"another world":                {[]string{"prod"}, []string{"dev"}, []string{"dev", "prod"}, [][]string{{"prod"}}},
		"one world more":               {[]string{"dev", "prod"}, []string{"dev"}, []string{"dev", "prod"}, [][]string{{"dev", "prod"}}},
		"a world that is gone":         {[]string{"prod"}, []string{"dev"}, []string{"prod"}, nil},
		"manifests are a world":        {[]string{"prod"}, []string{""}, []string{"", "prod"}, [][]string{{"prod"}}},
		"manifests that are built now": {[]string{"prod"}, []string{""}, []string{"prod"}, nil},
	} {
		var head, base []eval.Violation
		var asked []*review.Review
		for _, in := range test.head {
			head = append(head, of(in))
		}
		for _, in := range test.base {
			base = append(base, of(in))
		}
		for _, in := range test.there {
			asked = append(asked, of(in).Review)
		}
		var got [][]string
		for _, f := range finding.Added(finding.From(head), finding.From(base), asked) {
			got = append(got, f.In)
		}
		if !slices.EqualFunc(got, test.want, slices.Equal) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestAFindingSilencesNothingInAnotherWorld(t *testing.T) {
	t.Parallel()
	of := func(id, in string, supersedes ...string) eval.Violation {
		v := violation(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "", policy.High)
		v.Constraint = &eval.Constraint{Policy: &policy.Policy{ID: id, Supersedes: supersedes}}
		v.Review.In = in
		return v
	}
	for name, test := range map[string]struct {
		violations []eval.Violation
		want       int
	}{
		"the same world":   {[]eval.Violation{of("special", "dev", "plain"), of("plain", "dev")}, 1},
		"another world":    {[]eval.Violation{of("special", "dev", "plain"), of("plain", "prod")}, 2},
		"one world of two": {[]eval.Violation{of("special", "dev", "plain"), of("plain", "dev"), of("plain", "prod")}, 2},
		"two of two":       {[]eval.Violation{of("special", "dev", "plain"), of("special", "prod", "plain"), of("plain", "dev"), of("plain", "prod")}, 1},
	} {
		if got := finding.Superseded(finding.From(test.violations)); len(got) != test.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestOfOneHarmTheMoreSpecificIsTold(t *testing.T) {
	t.Parallel()
	of := func(name, id string, supersedes ...string) eval.Violation {
		v := violation(t, "apiVersion: v1\nkind: Pod\nmetadata: {"+name+"}\n", "/"+id, policy.High)
		v.Constraint = &eval.Constraint{Policy: &policy.Policy{ID: id, Supersedes: supersedes}}
		v.Message = id
		return v
	}
	exempted := func(v eval.Violation) eval.Violation { v.Suppressed = true; return v }
	unsure := func(v eval.Violation) eval.Violation { v.Details.Unknown = []string{"x"}; return v }
	const a, b = "name: a", "name: b"
	for name, test := range map[string]struct {
		violations []eval.Violation
		want       []string
	}{
		"the same object":                  {[]eval.Violation{of(a, "special", "plain"), of(a, "plain"), of(a, "other")}, []string{"other", "special"}},
		"another object":                   {[]eval.Violation{of(a, "special", "plain"), of(b, "plain")}, []string{"plain", "special"}},
		"a chain":                          {[]eval.Violation{of(a, "one", "two"), of(a, "two", "three"), of(a, "three")}, []string{"one"}},
		"an exempted one silences nothing": {[]eval.Violation{exempted(of(a, "special", "plain")), of(a, "plain")}, []string{"plain", "special"}},
		"an exempted one is listed":        {[]eval.Violation{of(a, "special", "plain"), exempted(of(a, "plain"))}, []string{"plain", "special"}},
		"doubt silences no certainty":      {[]eval.Violation{unsure(of(a, "special", "plain")), of(a, "plain")}, []string{"plain", "special"}},
		"doubt silences doubt":             {[]eval.Violation{unsure(of(a, "special", "plain")), unsure(of(a, "plain"))}, []string{"special"}},
		"certainty silences doubt":         {[]eval.Violation{of(a, "special", "plain"), unsure(of(a, "plain"))}, []string{"special"}},
		"nobody knows which is which":      {[]eval.Violation{of("generateName: a", "special", "plain"), of("generateName: a", "plain")}, []string{"plain", "special"}},
	} {
		var got []string
		for _, f := range finding.Superseded(finding.From(test.violations)) {
			got = append(got, f.Message)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestDoubtCountsForChangesOnly(t *testing.T) {
	t.Parallel()
	state := finding.Finding{Unknown: []string{"x"}}
	change := finding.Finding{Unknown: []string{"x"}, Operation: review.Delete}
	if !state.Uncertain() || change.Uncertain() || (&finding.Finding{}).Uncertain() {
		t.Error("doubt is not what it should be")
	}
}
