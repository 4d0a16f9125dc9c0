package parity

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	templatesv1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/frameworks/constraint/pkg/types"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// The enforcement points of Gatekeeper. Only the webhook's asks a template for nothing but its operations.
const (
	webhook = "validation.gatekeeper.sh"
	audit   = "audit.gatekeeper.sh"
)

// judge is Gatekeeper with one template of the bundle.
type judge struct {
	*client.Client

	kind  string
	match any
}

// newJudge makes Gatekeeper's client as its command does, without http.send as its chart does, and has it take the
// template and every constraint that the bundle ships for it.
func newJudge(t *testing.T, template *templatesv1.ConstraintTemplate) *judge {
	t.Helper()
	driver, err := rego.New(rego.Tracing(false), rego.DisableBuiltins("http.send"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewClient(client.Targets(&target.K8sValidationTarget{}), client.Driver(driver), client.EnforcementPoints(webhook, audit))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.AddTemplate(t.Context(), internal(t, template)); err != nil {
		t.Fatalf("add template %s: %v", template.Name, err)
	}
	j := &judge{Client: c, kind: template.Spec.CRD.Spec.Names.Kind}
	for _, constraint := range shipped(t, j.kind) {
		if _, err := c.AddConstraint(t.Context(), constraint); err != nil {
			t.Fatalf("add constraint %s: %v", constraint.GetName(), err)
		}
		if _, err := c.RemoveConstraint(t.Context(), constraint); err != nil {
			t.Fatalf("remove constraint %s: %v", constraint.GetName(), err)
		}
		j.match, _, err = unstructured.NestedFieldCopy(constraint.Object, "spec", "match")
		if err != nil {
			t.Fatal(err)
		}
	}
	if j.match == nil {
		t.Fatalf("the bundle has no constraint of kind %s with a match", j.kind)
	}
	return j
}

// readTemplate reads a template as strictly as the API server's validation: a field that this version does not know
// is an error.
func readTemplate(t *testing.T, file string) *templatesv1.ConstraintTemplate {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template templatesv1.ConstraintTemplate
	if err := yaml.UnmarshalStrict(text, &template); err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	return &template
}

func internal(t *testing.T, template *templatesv1.ConstraintTemplate) *templates.ConstraintTemplate {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := templatesv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	scheme.Default(template)
	var converted templates.ConstraintTemplate
	if err := scheme.Convert(template, &converted, context.Background()); err != nil {
		t.Fatal(err)
	}
	return &converted
}

// shipped are the whole constraints of that kind, wherever they are in the bundle.
func shipped(t *testing.T, kind string) []*unstructured.Unstructured {
	t.Helper()
	var constraints []*unstructured.Unstructured
	err := filepath.WalkDir(filepath.Join(root, "bundle", "gatekeeper"), func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, document := range separator.Split(string(text), -1) {
			o := &unstructured.Unstructured{}
			// A values or kustomization file is no object.
			if yaml.Unmarshal([]byte(document), &o.Object) != nil || o.GetKind() != kind {
				continue
			}
			if _, whole, _ := unstructured.NestedMap(o.Object, "spec", "match"); whole {
				constraints = append(constraints, o)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return constraints
}

// ask asks a case, in a cluster of which Gatekeeper has synced what the case shows.
func (j *judge) ask(t *testing.T, s *story) []*types.Result {
	t.Helper()
	parameters := map[string]any{"unknown": "deny"}
	maps.Copy(parameters, s.parameters)
	constraint := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1",
		"kind":       j.kind,
		"metadata":   map[string]any{"name": "case"},
		"spec":       map[string]any{"match": j.match, "parameters": parameters},
	}}
	if _, err := j.AddConstraint(t.Context(), normal(t, constraint)); err != nil {
		t.Fatal(err)
	}
	if _, err := j.RemoveData(t.Context(), target.WipeData()); err != nil {
		t.Fatal(err)
	}
	for _, o := range s.inventory {
		if o.GetName() == "" {
			continue
		}
		if _, err := j.AddData(t.Context(), o.DeepCopy()); err != nil {
			t.Fatal(err)
		}
	}
	point := webhook
	if s.request.Operation == "" {
		point = audit
	}
	responses, err := j.Review(t.Context(), review(t, s), reviews.EnforcementPoint(point))
	if err != nil {
		t.Fatal(err)
	}
	return responses.Results()
}

// review is the case as the webhook hands it on, and a bare object for a state question, as audit does.
func review(t *testing.T, s *story) any {
	t.Helper()
	if s.request.Operation == "" {
		return target.AugmentedUnstructured{Object: *s.new.DeepCopy()}
	}
	request := s.request.DeepCopy()
	subject := s.old
	if s.new != nil {
		subject = s.new
		request.Object.Raw = raw(t, s.new)
	}
	if s.old != nil {
		request.OldObject.Raw = raw(t, s.old)
	}
	gvk := subject.GroupVersionKind()
	request.Kind = metav1.GroupVersionKind{Group: gvk.Group, Version: gvk.Version, Kind: gvk.Kind}
	request.Name, request.Namespace = subject.GetName(), subject.GetNamespace()
	return target.AugmentedReview{AdmissionRequest: request, IsAdmission: true}
}

func raw(t *testing.T, o *unstructured.Unstructured) []byte {
	t.Helper()
	text, err := json.Marshal(o.Object)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// normal gives an object the types that the API server's JSON would give it.
func normal(t *testing.T, o *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	out := &unstructured.Unstructured{}
	if err := out.UnmarshalJSON(raw(t, o)); err != nil {
		t.Fatal(err)
	}
	return out
}
