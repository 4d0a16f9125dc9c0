package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
)

// Schema describes a policy's parameters as a constraint's CRD does.
type Schema struct {
	// Source is the OpenAPI v3 schema as plain data, the common parameters included.
	Source map[string]any

	structural *schema.Structural
	internal   *apiextensions.JSONSchemaProps
}

// newSchema adds the common parameters and refuses what the API server would refuse in a CRD.
func newSchema(source map[string]any, p *Policy) (Schema, error) {
	if source == nil {
		return Schema{}, errors.New("missing; want at least {type: object, default: {}}")
	}
	full := maps.Clone(source)
	properties := map[string]any{}
	if own, ok := source["properties"].(map[string]any); ok {
		maps.Copy(properties, own)
	}
	for name, property := range commonParameters(p) {
		if _, taken := properties[name]; taken {
			return Schema{}, fmt.Errorf("%q is a parameter that every policy has", name)
		}
		properties[name] = property
	}
	full["properties"] = properties
	if _, ok := full["default"]; !ok || full["type"] != "object" {
		return Schema{}, errors.New("the root needs type: object and default: {}, or no default below it is applied")
	}

	text, err := json.Marshal(full)
	if err != nil {
		return Schema{}, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var v1 apiextensionsv1.JSONSchemaProps
	if err := decoder.Decode(&v1); err != nil {
		return Schema{}, err
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&v1, &internal, nil); err != nil {
		return Schema{}, err
	}
	structural, err := schema.NewStructural(&internal)
	if err != nil {
		return Schema{}, err
	}
	return Schema{Source: full, structural: structural, internal: &internal}, nil
}

// commonParameters are what every policy understands, through the libraries.
func commonParameters(p *Policy) map[string]any {
	var severities []any
	for _, s := range p.Severities {
		severities = append(severities, string(s))
	}
	// A claim and its user are created milliseconds apart, before Gatekeeper's cache follows: doubt about a
	// state must not refuse them. A deletion can wait, and audit refuses nothing.
	unknown := "ignore"
	if !p.Asked(AsksState) || p.AuditOnly != "" {
		unknown = "deny"
	}
	common := map[string]any{
		"severities": map[string]any{
			"description": "Report only violations of these severities.",
			"type":        "array",
			"items":       map[string]any{"type": "string", "enum": severities},
			"default":     severities,
		},
		"unknown": map[string]any{
			"description": "What to do when an object that is needed to decide was not shown: deny or ignore.",
			"type":        "string",
			"enum":        []any{"deny", "ignore"},
			"default":     unknown,
		},
	}
	if p.Exemptible {
		common["maxExemptionDays"] = map[string]any{
			"description": "How many days ahead the date of an exemption annotation may lie.",
			"type":        "integer",
			"minimum":     1,
			"default":     366,
		}
	}
	return common
}

// Names are the parameters, sorted.
func (s Schema) Names() []string {
	return slices.Sorted(maps.Keys(s.internal.Properties))
}

// Describe is what the schema says about the parameter of that name; "" when it says nothing.
func (s Schema) Describe(name string) string {
	return strings.TrimSpace(s.internal.Properties[name].Description)
}

// Complete fills in defaults and refuses values that the schema does not allow, as the API server does for a
// constraint. given may be nil and is not changed.
func (s Schema) Complete(given map[string]any) (map[string]any, error) {
	text, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	complete := map[string]any{}
	if given != nil {
		if err := json.Unmarshal(text, &complete); err != nil {
			return nil, err
		}
	}
	if unknown := pruning.PruneWithOptions(complete, s.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}); len(unknown) > 0 {
		return nil, fmt.Errorf("unknown parameter %s", strings.Join(unknown, ", "))
	}
	defaulting.Default(complete, s.structural)
	validator, _, err := validation.NewSchemaValidator(s.internal)
	if err != nil {
		return nil, err
	}
	if errs := validation.ValidateCustomResource(nil, complete, validator); len(errs) > 0 {
		return nil, errs.ToAggregate()
	}
	return complete, nil
}
