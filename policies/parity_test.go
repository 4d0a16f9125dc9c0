package policies_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	templatesv1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	"github.com/open-policy-agent/opa/v1/ast"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/data-guard/guard/engine/eval"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// said is what both engines are compared by.
type said struct {
	Policy, Object, Message string
	Details                 any
}

// TestGatekeeperSaysTheSame runs every case through Gatekeeper's own engine: the generated template in the
// constraint framework's Rego driver, with Gatekeeper's validation target.
func TestGatekeeperSaysTheSame(t *testing.T) {
	t.Parallel()
	everyCase(t, newJudge, func(t *testing.T, j *judge, c policy.Case) {
		j.compare(t, ask(t, c, j.now))
	})
}

// judge asks guard and Gatekeeper the same.
type judge struct {
	*asker

	client *client.Client
}

func newJudge(t *testing.T, p *policy.Policy) *judge {
	t.Helper()
	c := gatekeeperClient(t)
	if _, err := c.AddTemplate(t.Context(), templateOf(t, p)); err != nil {
		t.Fatal(err)
	}
	return &judge{newAsker(t, p), c}
}

func (j *judge) compare(t *testing.T, q question) {
	t.Helper()
	id := j.policy.ID
	var ours []said
	for _, v := range j.evaluate(t, q) {
		ours = append(ours, said{id, q.Review.Subject().String(), v.Message, normal(t, v.Details.Raw)})
	}
	theirs := j.askGatekeeper(t, q)
	for _, list := range [][]said{ours, theirs} {
		slices.SortFunc(list, func(a, b said) int { return slices.Compare([]string{a.Message}, []string{b.Message}) })
	}
	if diff := cmp.Diff(theirs, ours, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("guard differs from Gatekeeper (-gatekeeper +guard)\n%s", diff)
	}
}

func (j *judge) askGatekeeper(t *testing.T, q question) []said {
	t.Helper()
	p := j.policy
	parameters := map[string]any{"unknown": "deny"}
	maps.Copy(parameters, q.Parameters)
	constraint := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1",
		"kind":       p.Kind(),
		"metadata":   map[string]any{"name": "case"},
		"spec":       map[string]any{"match": normal(t, p.MatchSource), "parameters": normal(t, parameters)},
	}}
	if _, err := j.client.AddConstraint(t.Context(), constraint); err != nil {
		t.Fatal(err)
	}
	if _, err := j.client.RemoveData(t.Context(), target.WipeData()); err != nil {
		t.Fatal(err)
	}
	for _, o := range q.Review.World.Objects {
		if _, err := j.client.AddData(t.Context(), unstructuredOf(t, o)); err != nil {
			t.Fatal(err)
		}
	}
	responses, err := j.client.Review(t.Context(), requestOf(t, q.Review), reviews.EnforcementPoint("guard.test"))
	if err != nil {
		t.Fatal(err)
	}
	var answers []said
	for _, r := range responses.Results() {
		details, ok := r.Metadata["details"]
		if !ok {
			t.Errorf("gatekeeper could not evaluate: %s", r.Msg)
		}
		answers = append(answers, said{p.ID, q.Review.Subject().String(), r.Msg, normal(t, details)})
	}
	return answers
}

func gatekeeperClient(t testing.TB) *client.Client {
	t.Helper()
	c, _ := gatekeeperEngine(t)
	return c
}

func gatekeeperEngine(t testing.TB) (*client.Client, *rego.Driver) {
	t.Helper()
	driver, err := rego.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewClient(client.Targets(&target.K8sValidationTarget{}), client.Driver(driver), client.EnforcementPoints("guard.test"))
	if err != nil {
		t.Fatal(err)
	}
	return c, driver
}

func templateOf(t testing.TB, p *policy.Policy) *templates.ConstraintTemplate {
	t.Helper()
	var versioned templatesv1.ConstraintTemplate
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(normal(t, gatekeeper.Template(p)).(map[string]any), &versioned); err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	if err := templatesv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	scheme.Default(&versioned)
	var internal templates.ConstraintTemplate
	if err := scheme.Convert(&versioned, &internal, context.Background()); err != nil {
		t.Fatal(err)
	}
	return &internal
}

// requestOf is the review as the webhook would get it, and a bare object for a state question, as audit does.
func requestOf(t testing.TB, r *review.Review) any {
	t.Helper()
	if r.Operation == review.State {
		return target.AugmentedUnstructured{Object: *unstructuredOf(t, r.Object), Namespace: nil}
	}
	subject := r.Subject()
	request := &admissionv1.AdmissionRequest{
		Kind:        apimeta.GroupVersionKind{Group: subject.Group, Version: subject.Version, Kind: subject.Kind},
		Name:        subject.Name,
		Namespace:   subject.Namespace,
		Operation:   admissionv1.Operation(r.Operation),
		SubResource: r.SubResource,
		UserInfo:    authenticationv1.UserInfo{Username: r.User, Groups: r.UserGroups},
	}
	if r.Object != nil {
		request.Object.Raw = raw(t, r.Object)
	}
	if r.Old != nil {
		request.OldObject.Raw = raw(t, r.Old)
	}
	if r.Options != nil {
		options, err := ast.JSON(r.Options)
		if err != nil {
			t.Fatal(err)
		}
		if request.Options.Raw, err = json.Marshal(options); err != nil {
			t.Fatal(err)
		}
	}
	return target.AugmentedReview{AdmissionRequest: request, IsAdmission: true}
}

func raw(t testing.TB, o *object.Object) []byte {
	t.Helper()
	plain, err := ast.JSON(o.Value)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unstructuredOf(t testing.TB, o *object.Object) *unstructured.Unstructured {
	t.Helper()
	u, err := eval.Unstructured(o)
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", o, err))
	}
	return u
}

// normal passes a value through JSON, so that numbers of both engines compare.
func normal(t testing.TB, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
