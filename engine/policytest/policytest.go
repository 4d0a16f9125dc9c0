// Package policytest turns a policy's cases into questions, for the tests that ask them in guard's engine and in
// Gatekeeper's, for the suites in the bundle, and for the requests that a real API server is sent.
package policytest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

// Question is a case, ready to be asked.
type Question struct {
	// Review asks it; its world holds what the case shows and what stands before the request.
	Review *review.Review
	// Shown are the objects of inventory.yaml, with the namespaces that they have in the review's world.
	Shown []*object.Object
	// Parameters are those of parameters.yaml; nil where the case has none.
	Parameters map[string]any
	// Want is what the policy says, in the order of the case.
	Want []Wanted
	// Relative says that the case has times that depend on now.
	Relative bool
	// Shorten puts the placeholders back into a text with the times that they stood for.
	Shorten func(string) string
}

// Wanted is what a case says of a violation.
type Wanted struct {
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
	Options map[string]any `json:"options,omitempty"`
}

// Read makes the question of a case. Times such as {{now+1h}} (RFC 3339) and {{today-1d}} (a date) are written out
// against now, in UTC. What is malformed is an error, all of it at once.
func Read(c policy.Case, now time.Time) (*Question, error) {
	q := &Question{}
	expand, shorten := times(now, strings.Join(slices.Sorted(maps.Values(c.Files)), ""))
	q.Shorten, q.Relative = shorten, relative.MatchString(c.Files["old.yaml"]+c.Files["new.yaml"]+c.Files["inventory.yaml"])
	var problems []error
	var req request
	for name, into := range map[string]any{"parameters.yaml": &q.Parameters, "want": &q.Want, "request.yaml": &req} {
		if err := yaml.UnmarshalStrict([]byte(expand(c.Files[name])), into); err != nil {
			problems = append(problems, fmt.Errorf("read %s of case %s: %w", name, c.Name, err))
		}
	}
	sides := map[string][]*object.Object{}
	for _, name := range []string{"old.yaml", "new.yaml", "inventory.yaml"} {
		objects, err := read(name, expand(c.Files[name]))
		if err == nil && len(objects) > 1 && name != "inventory.yaml" {
			err = fmt.Errorf("%s holds %d objects, want 1", name, len(objects))
		}
		problems = append(problems, err)
		sides[name] = objects
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	q.Review = &review.Review{Operation: req.Operation, SubResource: req.SubResource, User: req.UserInfo.Username, UserGroups: req.UserInfo.Groups}
	if req.Options != nil {
		options, err := ast.InterfaceToValue(req.Options)
		if err != nil {
			return nil, fmt.Errorf("convert options of case %s: %w", c.Name, err)
		}
		q.Review.Options = options
	}
	return q, q.place(c.Name, first(sides["old.yaml"]), first(sides["new.yaml"]), sides["inventory.yaml"])
}

// place puts the objects into a world and gives them the namespaces that they have there.
func (q *Question) place(name string, before, after *object.Object, shown []*object.Object) error {
	world := slices.Clone(shown)
	switch {
	case before != nil && after != nil:
		q.Review.Operation = review.Update
		world = append(world, before)
	case before != nil:
		q.Review.Operation = review.Delete
		world = append(world, before)
	case after == nil:
		return fmt.Errorf("case %s has neither old.yaml nor new.yaml", name)
	case q.Review.Operation != review.Create:
		world = append(world, after)
	}
	q.Review.World = inventory.New(world, "")
	q.Review.Old, q.Review.Object = q.stored(before), q.stored(after)
	for _, o := range shown {
		q.Shown = append(q.Shown, q.stored(o))
	}
	return nil
}

// stored is the object with the namespace that its world gives it.
func (q *Question) stored(o *object.Object) *object.Object {
	if o == nil {
		return nil
	}
	var beside []*object.Object
	for _, other := range q.Review.World.Objects {
		if other.Kind == "CustomResourceDefinition" {
			beside = append(beside, other)
		}
	}
	alone := inventory.New(append(beside, o), "")
	return alone.Objects[len(alone.Objects)-1]
}

func read(name, text string) ([]*object.Object, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	r := source.Text(name, []byte(text))
	var problems []error
	for _, p := range r.Problems {
		problems = append(problems, p)
	}
	for _, s := range r.Skipped {
		problems = append(problems, fmt.Errorf("%s: %s", s.Place, s.Reason))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return r.Worlds[0].Objects, nil
}

func first(objects []*object.Object) *object.Object {
	if len(objects) == 0 {
		return nil
	}
	return objects[0]
}

var relative = regexp.MustCompile(`\{\{(now|today)([+-])(\d+)([smhd])\}\}`)

// Expand writes the relative times of a text out, as Read does.
func Expand(now time.Time, text string) string {
	expand, _ := times(now, text)
	return expand(text)
}

// times returns functions that write relative times out, and put the placeholders of text back.
func times(now time.Time, text string) (expand, shorten func(string) string) {
	var pairs, back []string
	for _, m := range relative.FindAllStringSubmatch(text, -1) {
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[4]]
		var n int
		if _, err := fmt.Sscan(m[2]+m[3], &n); err != nil {
			continue
		}
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
