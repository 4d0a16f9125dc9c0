package doctor

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	templatesv1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/data-guard/guard/engine/gatekeeper"
)

// template judges the policy's ConstraintTemplate: whether Gatekeeper took it in, and whether it is this guard's.
func (j *judge) template(s *subject) []Gap {
	name := strings.ToLower(s.Kind())
	i := slices.IndexFunc(j.Templates, func(t unstructured.Unstructured) bool { return t.GetName() == name })
	if i < 0 && j.unread("constrainttemplates") {
		return []Gap{{"template-unread", Unknown, "the templates could not be read", nil}}
	}
	if i < 0 {
		return []Gap{{"template-missing", Blocks, "ConstraintTemplate " + name + " does not exist", nil}}
	}
	var found, shipped templatesv1.ConstraintTemplate
	if err := decode(j.Templates[i].Object, &found); err != nil {
		return []Gap{{"template-unread", Unknown, fmt.Sprintf("read ConstraintTemplate %s: %v", name, err), nil}}
	}
	if err := decode(gatekeeper.Template(s.Policy), &shipped); err != nil {
		return []Gap{{"template-unread", Unknown, fmt.Sprintf("read guard's own template %s: %v", name, err), nil}}
	}
	gaps := j.ingested(&found)
	if !reflect.DeepEqual(regoOf(&found), regoOf(&shipped)) {
		gaps = append(gaps, Gap{"template-drift", Narrows, "the Rego of ConstraintTemplate " + name + " is not that of this guard", nil})
	}
	if unasked := unasked(&found, s.needs); len(unasked) > 0 {
		gaps = append(gaps, Gap{"template-operations", Narrows, "ConstraintTemplate " + name + " is not asked about these operations", unasked})
	}
	return gaps
}

// decode takes plain data as its type.
func decode(object map[string]any, into any) error {
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// ingested reads the status, which each of Gatekeeper's pods writes for itself.
func (j *judge) ingested(t *templatesv1.ConstraintTemplate) []Gap {
	var gaps []Gap
	var failed, behind []string
	for _, pod := range t.Status.ByPod {
		for _, e := range pod.Errors {
			failed = append(failed, strings.TrimSpace(pod.ID+" "+e.Code+": "+e.Message))
		}
		if pod.ObservedGeneration < t.Generation {
			behind = append(behind, pod.ID)
		}
	}
	what := "ConstraintTemplate " + t.Name
	switch {
	case len(failed) > 0:
		gaps = append(gaps, Gap{"template-error", Blocks, what + " was refused by Gatekeeper", list(failed)})
	case !t.Status.Created:
		gaps = append(gaps, Gap{"template-not-created", Blocks, what + " has no CustomResourceDefinition for its constraints yet", nil})
	case len(t.Status.ByPod) < max(j.program.pods, 1):
		gaps = append(gaps, Gap{"template-not-ingested", Narrows, fmt.Sprintf("%s was taken in by %d of %d pods", what, len(t.Status.ByPod), max(j.program.pods, 1)), nil})
	}
	if len(behind) > 0 {
		gaps = append(gaps, Gap{"template-not-ingested", Narrows, "the newest form of " + what + " was not taken in by these pods", list(behind)})
	}
	if t.DeletionTimestamp != nil {
		gaps = append(gaps, Gap{"template-going", Blocks, what + " is being deleted", nil})
	}
	return gaps
}

// rego is what a template lets Gatekeeper evaluate.
type rego struct {
	Engine  string   `json:"-"`
	Version string   `json:"version"`
	Rego    string   `json:"rego"`
	Libs    []string `json:"libs"`
}

// regoOf finds the Rego where a template may hold it: since Gatekeeper 3.13 in code, before that right in the target.
func regoOf(t *templatesv1.ConstraintTemplate) []rego {
	var all []rego
	for _, target := range t.Spec.Targets {
		if target.Rego != "" {
			all = append(all, rego{"Rego", "v0", target.Rego, list(target.Libs)})
		}
		for _, code := range target.Code {
			one := rego{Engine: code.Engine}
			if err := source(code, &one); err != nil {
				one.Rego = err.Error()
			}
			all = append(all, one)
		}
	}
	return all
}

// source fills in the source of code in Rego; code of another engine has other keys.
func source(code templatesv1.Code, into *rego) error {
	if code.Source == nil {
		return nil
	}
	text, err := json.Marshal(code.Source)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return err
	}
	into.Libs = list(into.Libs)
	return nil
}

// unasked are the operations that the template leaves out though the policy minds them; a template that names none is
// asked about all.
func unasked(t *templatesv1.ConstraintTemplate, needs []gatekeeper.Need) []string {
	var left []string
	for _, target := range t.Spec.Targets {
		if len(target.Operations) == 0 {
			continue
		}
		var operations []string
		for _, o := range target.Operations {
			operations = append(operations, string(o))
		}
		for _, n := range needs {
			if !either(operations, n.Operation) {
				left = append(left, n.Operation)
			}
		}
	}
	return list(left)
}
