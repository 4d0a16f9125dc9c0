package policies_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
	"github.com/data-guard/guard/policies"
)

func load(t testing.TB) []*policy.Policy {
	t.Helper()
	loaded, _, err := policy.Load(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// question is a case, ready to be asked.
type question struct {
	review     *review.Review
	parameters map[string]any
	want       []wanted
	// expand replaces relative times; shorten puts them back.
	expand, shorten func(string) string
}

// wanted is what a case says of a violation.
type wanted struct {
	Message  string   `json:"msg"`
	Field    string   `json:"field"`
	Severity string   `json:"severity"`
	Unknown  []string `json:"unknown,omitempty"`
}

type request struct {
	Operation   review.Operation `json:"operation,omitempty"`
	SubResource string           `json:"subResource,omitempty"`
	UserInfo    struct {
		Username string   `json:"username,omitempty"`
		Groups   []string `json:"groups,omitempty"`
	} `json:"userInfo"`
}

var relative = regexp.MustCompile(`\{\{(now|today)([+-])(\d+)([smhd])\}\}`)

// times returns functions that write relative times out, and put the placeholders of text back.
func times(now time.Time, text string) (expand, shorten func(string) string) {
	var pairs, back []string
	for _, m := range relative.FindAllStringSubmatch(text, -1) {
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[4]]
		var n int
		_, _ = fmt.Sscan(m[2]+m[3], &n)
		at := now.Add(time.Duration(n) * unit).UTC()
		value := at.Format(time.RFC3339)
		if m[1] == "today" {
			value = at.Format(time.DateOnly)
		}
		pairs = append(pairs, m[0], value)
		back = append(back, value, m[0])
	}
	return strings.NewReplacer(pairs...).Replace, strings.NewReplacer(back...).Replace
}

func ask(t *testing.T, c policy.Case, now time.Time) question {
	t.Helper()
	var all strings.Builder
	for _, name := range slices.Sorted(mapKeys(c.Files)) {
		all.WriteString(c.Files[name])
	}
	q := question{}
	q.expand, q.shorten = times(now, all.String())
	read := func(name string) []*object.Object {
		text, ok := c.Files[name]
		if !ok {
			return nil
		}
		r := source.Text(name, []byte(q.expand(text)))
		for _, p := range r.Problems {
			t.Fatal(p)
		}
		for _, s := range r.Skipped {
			t.Fatalf("%s: %s", s.Place, s.Reason)
		}
		return r.Worlds[0].Objects
	}
	one := func(name string) *object.Object {
		objects := read(name)
		if len(objects) > 1 {
			t.Fatalf("%s holds %d objects, want 1", name, len(objects))
		}
		if len(objects) == 0 {
			return nil
		}
		return objects[0]
	}
	decode(t, q.expand(c.Files["parameters.yaml"]), &q.parameters)
	decode(t, q.expand(c.Files["want"]), &q.want)
	var req request
	decode(t, c.Files["request.yaml"], &req)

	oldObject, newObject := one("old.yaml"), one("new.yaml")
	r := &review.Review{Operation: req.Operation, SubResource: req.SubResource, User: req.UserInfo.Username, UserGroups: req.UserInfo.Groups}
	shown := read("inventory.yaml")
	switch {
	case oldObject != nil && newObject != nil:
		r.Operation = review.Update
		shown = append(shown, oldObject)
	case oldObject != nil:
		r.Operation = review.Delete
		shown = append(shown, oldObject)
	case newObject != nil && r.Operation != review.Create:
		shown = append(shown, newObject)
	case newObject == nil:
		t.Fatal("the case has neither old.yaml nor new.yaml")
	}
	r.World = inventory.New(shown, "")
	r.Old, r.Object = stored(r.World, oldObject), stored(r.World, newObject)
	q.review = r
	return q
}

// stored is the object with the namespace that its world gives it.
func stored(world *inventory.Inventory, o *object.Object) *object.Object {
	if o == nil {
		return nil
	}
	alone := inventory.New(append(definitions(world), o), "")
	return alone.Objects[len(alone.Objects)-1]
}

func definitions(world *inventory.Inventory) []*object.Object {
	var crds []*object.Object
	for _, o := range world.Objects {
		if o.Kind == "CustomResourceDefinition" {
			crds = append(crds, o)
		}
	}
	return crds
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// everyCase runs check for each case of each policy, as the subtest <id>/<case>. What of a policy takes long to
// make, prepare makes once.
func everyCase[T any](t *testing.T, prepare func(t *testing.T, p *policy.Policy) T, check func(t *testing.T, prepared T, c policy.Case)) {
	t.Helper()
	for _, p := range load(t) {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			cases, err := p.ReadCases()
			if err != nil {
				t.Fatal(err)
			}
			prepared := prepare(t, p)
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) { check(t, prepared, c) })
			}
		})
	}
}

func updating() bool { return os.Getenv("GUARD_UPDATE") == "1" }
