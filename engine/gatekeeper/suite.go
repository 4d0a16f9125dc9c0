package gatekeeper

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
	"github.com/data-guard/guard/engine/review"
)

// suite writes the policy's cases for gator verify, by path from the bundle's root. Cases whose objects carry times
// relative to now cannot be written down; left names them.
func suite(p *policy.Policy) (files map[string][]byte, left []string, err error) {
	cases, err := p.ReadCases()
	if err != nil {
		return nil, nil, err
	}
	w := &suiteWriter{policy: p, files: map[string][]byte{}, tests: map[string][]any{}}
	for _, c := range cases {
		// The instant shows nowhere: a case that has relative times is left out.
		q, err := policytest.Read(c, time.Unix(0, 0))
		if err != nil {
			return nil, nil, fmt.Errorf("write suite of policy %s: %w", p.ID, err)
		}
		if q.Relative {
			left = append(left, c.Name)
			continue
		}
		if err := w.add(c.Name, q); err != nil {
			return nil, nil, fmt.Errorf("write suite of policy %s: case %s: %w", p.ID, c.Name, err)
		}
	}
	return w.files, left, w.finish(left)
}

type suiteWriter struct {
	policy *policy.Policy
	files  map[string][]byte
	// tests are the cases by the name of their constraint's file.
	tests map[string][]any
}

func (w *suiteWriter) write(file, text string) {
	w.files[path.Join("gatekeeper/suites", w.policy.ID, file)] = fmt.Appendf(nil, header+"%s", path.Base(path.Dir(w.policy.File)), text)
}

func (w *suiteWriter) add(name string, q *policytest.Question) error {
	constraint := "constraint.yaml"
	parameters := map[string]any{"unknown": "deny"}
	if len(q.Parameters) > 0 {
		constraint = name + "-constraint.yaml"
		maps.Copy(parameters, q.Parameters)
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1",
		"kind":       w.policy.Kind(),
		"metadata":   map[string]any{"name": w.policy.ID},
		"spec":       map[string]any{"match": w.policy.MatchSource, "parameters": parameters},
	})
	if err != nil {
		return err
	}
	w.write(constraint, string(text))
	if text, err = question(q.Review); err != nil {
		return err
	}
	w.write(name+".yaml", string(text))
	entry := map[string]any{"name": name, "object": name + ".yaml", "assertions": assertions(q.Want)}
	if world := q.Review.World.Objects; len(world) > 0 {
		var docs []string
		for _, o := range world {
			value, err := plain(o)
			if err != nil {
				return err
			}
			text, err := yaml.Marshal(value)
			if err != nil {
				return err
			}
			docs = append(docs, string(text))
		}
		w.write(name+"-inventory.yaml", strings.Join(docs, "---\n"))
		entry["inventory"] = []any{name + "-inventory.yaml"}
	}
	w.tests[constraint] = append(w.tests[constraint], entry)
	return nil
}

func (w *suiteWriter) finish(left []string) error {
	var tests []any
	for _, constraint := range slices.Sorted(maps.Keys(w.tests)) {
		tests = append(tests, map[string]any{
			"name":       strings.TrimSuffix(constraint, ".yaml"),
			"template":   path.Join("../../templates", w.policy.ID+".yaml"),
			"constraint": constraint,
			"cases":      w.tests[constraint],
		})
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "test.gatekeeper.sh/v1alpha1",
		"kind":       "Suite",
		"metadata":   map[string]any{"name": w.policy.ID},
		"tests":      tests,
	})
	if err != nil {
		return err
	}
	head := ""
	if len(left) > 0 {
		head = "# Left out, since what they show depends on the time of day:\n# " + strings.Join(left, "\n# ") + "\n"
	}
	w.write("suite.yaml", head+string(text))
	return nil
}

// assertions count the violations, each message as often as the case wants it.
func assertions(want []policytest.Wanted) []any {
	if len(want) == 0 {
		return []any{map[string]any{"violations": "no"}}
	}
	all := []any{map[string]any{"violations": len(want)}}
	times := map[string]int{}
	for _, v := range want {
		times[v.Message]++
	}
	for _, message := range slices.Sorted(maps.Keys(times)) {
		all = append(all, map[string]any{"violations": times[message], "message": "^" + regexp.QuoteMeta(message) + "$"})
	}
	return all
}

// question is what gator is given: the object for a state question, as audit sees it, else the request.
func question(r *review.Review) ([]byte, error) {
	if r.Operation == review.State {
		value, err := plain(r.Object)
		if err != nil {
			return nil, err
		}
		return yaml.Marshal(value)
	}
	asked, err := admissionReview(r)
	if err != nil {
		return nil, err
	}
	return yaml.Marshal(asked)
}

// admissionReview is the question as an API server asks a webhook; r is no state question.
func admissionReview(r *review.Review) (map[string]any, error) {
	object, err := plain(r.Object)
	if err != nil {
		return nil, err
	}
	old, err := plain(r.Old)
	if err != nil {
		return nil, err
	}
	subject := r.Subject()
	request := map[string]any{
		"uid":       "case",
		"kind":      map[string]any{"group": subject.Group, "version": subject.Version, "kind": subject.Kind},
		"name":      subject.Name,
		"namespace": subject.Namespace,
		"operation": string(r.Operation),
		"userInfo":  map[string]any{"username": r.User, "groups": anys(r.UserGroups)},
		"object":    object,
		"oldObject": old,
	}
	if r.SubResource != "" {
		request["subResource"] = r.SubResource
	}
	if r.Options != nil {
		if request["options"], err = ast.JSON(r.Options); err != nil {
			return nil, err
		}
	}
	return map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}, nil
}

// plain is the object as maps and lists; null for none.
func plain(o *object.Object) (any, error) {
	if o == nil {
		return nil, nil //nolint:nilnil // null is what an AdmissionReview has there
	}
	return ast.JSON(o.Value)
}
