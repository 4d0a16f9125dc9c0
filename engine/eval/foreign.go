package eval

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	templatesv1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1"
	templatesv1beta1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1beta1"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/frameworks/constraint/pkg/types"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	"github.com/open-policy-agent/opa/v1/ast"
	admissionv1 "k8s.io/api/admission/v1"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/data-guard/guard/engine/inventory"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
	"github.com/data-guard/guard/engine/source"
)

// enforcementPoint is what guard is to a constraint whose enforcement action is scoped.
const enforcementPoint = "guard.data-guard.dev"

const (
	templateGroup   = "templates.gatekeeper.sh"
	constraintGroup = "constraints.gatekeeper.sh"
)

// Foreign runs other people's ConstraintTemplates, in the constraint framework's own client: slower than guard's
// evaluator and exactly what they were written for.
type Foreign struct {
	templates   []*object.Object
	constraints []*object.Object
	// policies stand for the templates in reports, by kind.
	policies map[string]*policy.Policy
	// transitions holds the kinds whose Rego looks at the operation: only those are asked about requests.
	transitions map[string]bool
}

// NewForeign takes the ConstraintTemplates and constraints out of what was read; other objects are left alone. A
// constraint of one of guard's policies is handed to own, completed by that policy's schema. Templates that are not
// Rego (of several engines guard takes the Rego one), and constraints without a template, are errors, all named at once.
func NewForeign(worlds []source.World, known []*policy.Policy, own func(*policy.Policy, *Constraint)) (*Foreign, error) {
	f := &Foreign{policies: map[string]*policy.Policy{}, transitions: map[string]bool{}}
	var problems []error
	for _, w := range worlds {
		for _, o := range w.Objects {
			var err error
			switch o.Group {
			case templateGroup:
				err = f.addTemplate(o, known)
			case constraintGroup:
				err = f.addConstraint(o, known, own)
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", o.Origin.Start(), err))
			}
		}
	}
	for _, c := range f.constraints {
		if f.policies[c.Kind] == nil {
			problems = append(problems, fmt.Errorf("%s: load constraint %s: there is no ConstraintTemplate of kind %s", c.Origin.Start(), c.Name, c.Kind))
		}
	}
	return f, errors.Join(problems...)
}

// Len is the number of foreign templates.
func (f *Foreign) Len() int { return len(f.templates) }

func (f *Foreign) addTemplate(o *object.Object, known []*policy.Policy) error {
	if o.Kind != "ConstraintTemplate" {
		return nil
	}
	t, err := convert(o)
	if err != nil {
		return fmt.Errorf("load ConstraintTemplate %s: %w", o.Name, err)
	}
	kind := t.Spec.CRD.Spec.Names.Kind
	if slices.ContainsFunc(known, func(p *policy.Policy) bool { return p.Kind() == kind }) {
		return nil
	}
	text, _ := json.Marshal(t.Spec.Targets) //nolint:errchkjson // it came from JSON
	for _, tt := range t.Spec.Targets {
		var engines []string
		for _, code := range tt.Code {
			engines = append(engines, code.Engine)
		}
		if tt.Rego == "" && !slices.Contains(engines, "Rego") {
			return fmt.Errorf("load ConstraintTemplate %s: engine %s; guard runs Rego only", o.Name, strings.Join(engines, ", "))
		}
	}
	if strings.Contains(string(text), "external_data") {
		return fmt.Errorf("load ConstraintTemplate %s: it calls external_data, which guard does not", o.Name)
	}
	title := o.Annotations["metadata.gatekeeper.sh/title"]
	f.templates = append(f.templates, o)
	f.transitions[kind] = strings.Contains(string(text), "operation") || strings.Contains(string(text), "oldObject")
	f.policies[kind] = &policy.Policy{
		ID: kind, Category: "foreign", Title: cmp.Or(title, kind), Description: o.Annotations["description"],
		Severities: []policy.Severity{policy.High}, Asks: []policy.Question{policy.AsksState}, File: o.Origin.Start().String(),
	}
	return nil
}

// addConstraint also reads the enforcement action: the nearest thing that a constraint has to a severity.
func (f *Foreign) addConstraint(o *object.Object, known []*policy.Policy, own func(*policy.Policy, *Constraint)) error {
	for _, p := range known {
		if p.Kind() != o.Kind {
			continue
		}
		var spec struct {
			Spec struct {
				Match      match.Match    `json:"match"`
				Parameters map[string]any `json:"parameters"`
			} `json:"spec"`
		}
		if err := decode(o, &spec); err != nil {
			return fmt.Errorf("load constraint %s: %w", o.Name, err)
		}
		c, err := NewConstraint(o.Name, p, spec.Spec.Match, spec.Spec.Parameters)
		if err != nil {
			return err
		}
		own(p, c)
		return nil
	}
	f.constraints = append(f.constraints, o)
	return nil
}

// Run asks every review of the templates, world by world. Nothing is asked when there are none.
func (f *Foreign) Run(ctx context.Context, questions []*review.Review) (*Answers, error) {
	answers := &Answers{Asked: map[string]bool{}}
	if len(f.templates) == 0 {
		return answers, nil
	}
	clients := map[*inventory.Inventory]*client.Client{}
	for _, r := range questions {
		c := clients[r.World]
		if c == nil {
			var err error
			if c, err = f.client(ctx, r.World); err != nil {
				return nil, err
			}
			clients[r.World] = c
		}
		request, err := admission(r)
		if err != nil {
			return nil, err
		}
		responses, err := c.Review(ctx, request, reviews.EnforcementPoint(enforcementPoint))
		if err != nil {
			answers.NotJudged = append(answers.NotJudged, NotJudged{&Constraint{Policy: &policy.Policy{ID: "foreign templates"}}, r, err.Error()})
			continue
		}
		results := responses.Results()
		slices.SortFunc(results, func(a, b *types.Result) int {
			return cmp.Or(cmp.Compare(a.Constraint.GetKind(), b.Constraint.GetKind()), cmp.Compare(a.Constraint.GetName(), b.Constraint.GetName()), cmp.Compare(a.Msg, b.Msg))
		})
		for _, result := range results {
			f.add(answers, result, r)
		}
	}
	for kind := range f.policies {
		answers.Asked[kind] = true
	}
	return answers, nil
}

func (f *Foreign) add(answers *Answers, result *types.Result, r *review.Review) {
	kind := result.Constraint.GetKind()
	if r.Operation != review.State && !f.transitions[kind] {
		return
	}
	c := &Constraint{Name: result.Constraint.GetName(), Policy: f.policies[kind]}
	details, judged := result.Metadata["details"]
	if !judged {
		answers.NotJudged = append(answers.NotJudged, NotJudged{c, r, result.Msg})
		return
	}
	answers.Violations = append(answers.Violations, Violation{
		Constraint: c, Review: r, Message: result.Msg, Details: Details{Severity: severity(result.EnforcementAction), Raw: details},
	})
}

func severity(action string) policy.Severity {
	switch action {
	case "deny", "scoped":
		return policy.High
	case "warn":
		return policy.Medium
	default:
		return policy.Info
	}
}

func (f *Foreign) client(ctx context.Context, world *inventory.Inventory) (*client.Client, error) {
	driver, err := rego.New()
	if err != nil {
		return nil, fmt.Errorf("start the constraint framework: %w", err)
	}
	c, err := client.NewClient(client.Targets(&target.K8sValidationTarget{}), client.Driver(driver), client.EnforcementPoints(enforcementPoint))
	if err != nil {
		return nil, fmt.Errorf("start the constraint framework: %w", err)
	}
	for _, o := range f.templates {
		t, err := convert(o)
		if err == nil {
			_, err = c.AddTemplate(ctx, t)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: load ConstraintTemplate %s: %w", o.Origin.Start(), o.Name, err)
		}
	}
	for _, o := range f.constraints {
		u, err := Unstructured(o)
		if err == nil {
			_, err = c.AddConstraint(ctx, u)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: load constraint %s: %w", o.Origin.Start(), o.Name, err)
		}
	}
	for _, o := range world.Objects {
		if o.Name == "" {
			continue
		}
		u, err := Unstructured(o)
		if err == nil {
			_, err = c.AddData(ctx, u)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: hand %s to the constraint framework: %w", o.Origin.Start(), o, err)
		}
	}
	return c, nil
}

// convert reads a template of any served version as the framework's internal one, defaults filled in.
func convert(o *object.Object) (*templates.ConstraintTemplate, error) {
	u, err := Unstructured(o)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(templatesv1.AddToScheme(scheme), templatesv1beta1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	versioned, err := scheme.New(u.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, versioned); err != nil {
		return nil, err
	}
	scheme.Default(versioned)
	internal := &templates.ConstraintTemplate{}
	return internal, scheme.Convert(versioned, internal, nil)
}

// admission is the review as Gatekeeper's target takes it: a bare object for a state question, as in audit.
func admission(r *review.Review) (any, error) {
	if r.Operation == review.State {
		u, err := Unstructured(r.Object)
		if err != nil {
			return nil, err
		}
		return target.AugmentedUnstructured{Object: *u}, nil
	}
	subject := r.Subject()
	request := &admissionv1.AdmissionRequest{
		Kind:      apimeta.GroupVersionKind{Group: subject.Group, Version: subject.Version, Kind: subject.Kind},
		Name:      subject.Name,
		Namespace: subject.Namespace,
		Operation: admissionv1.Operation(r.Operation),
	}
	var err error
	if r.Object != nil {
		request.Object.Raw, err = plain(r.Object)
	}
	if r.Old != nil && err == nil {
		request.OldObject.Raw, err = plain(r.Old)
	}
	if err != nil {
		return nil, err
	}
	return target.AugmentedReview{AdmissionRequest: request, IsAdmission: true}, nil
}

// Unstructured is the object as Kubernetes' own libraries take it.
func Unstructured(o *object.Object) (*unstructured.Unstructured, error) {
	text, err := plain(o)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	return u, u.UnmarshalJSON(text)
}

func decode(o *object.Object, into any) error {
	text, err := plain(o)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func plain(o *object.Object) ([]byte, error) {
	value, err := ast.JSON(o.Value)
	if err != nil {
		return nil, fmt.Errorf("convert %s: %w", o, err)
	}
	return json.Marshal(value)
}
