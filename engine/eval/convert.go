package eval

import (
	"encoding/json"
	"errors"
	"fmt"

	templatesv1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1"
	templatesv1beta1 "github.com/open-policy-agent/frameworks/constraint/pkg/apis/templates/v1beta1"
	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	"github.com/open-policy-agent/opa/v1/ast"
	admissionv1 "k8s.io/api/admission/v1"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/review"
)

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
