package report

import (
	"encoding/json"
	"io"

	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/review"
)

// Version is that of guard's JSON. It changes when a key changes its meaning or goes; new keys do not change it.
const Version = "guard/v1alpha1"

type jsonReport struct {
	Version    string           `json:"version"`
	Base       string           `json:"base,omitempty"`
	Verdict    *finding.Verdict `json:"verdict,omitempty"`
	Rules      []jsonProblem    `json:"rules,omitempty"`
	Findings   []jsonFinding    `json:"findings"`
	Uncertain  []jsonFinding    `json:"uncertain"`
	Suppressed []jsonFinding    `json:"suppressed"`
	Problems   []jsonProblem    `json:"problems"`
	Skipped    []jsonProblem    `json:"skipped"`
	Unused     []finding.Unused `json:"unused"`
	Looked     finding.Looked   `json:"looked"`
}

type jsonFinding struct {
	Policy      string           `json:"policy"`
	Title       string           `json:"title"`
	Severity    policy.Severity  `json:"severity"`
	Object      jsonObject       `json:"object"`
	Operation   review.Operation `json:"operation,omitempty"`
	Message     string           `json:"message"`
	Field       string           `json:"field"`
	Place       object.Place     `json:"place"`
	Remediation string           `json:"remediation"`
	Incidents   []string         `json:"incidents,omitempty"`
	Fix         json.RawMessage  `json:"fix,omitempty"`
	Unknown     []string         `json:"unknown,omitempty"`
	Related     []string         `json:"related,omitempty"`
	Exemption   string           `json:"exemption,omitempty"`
	In          []string         `json:"in,omitempty"`
	Counterpart string           `json:"counterpart,omitempty"`
	Fingerprint string           `json:"fingerprint"`
}

type jsonObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

type jsonProblem struct {
	Place   *object.Place `json:"place,omitempty"`
	Message string        `json:"message"`
}

// Encode writes a value as every command of guard writes JSON: indented, and "<" as it is.
func Encode(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// JSON prints everything that the result holds; lists that are empty are [], never absent.
func JSON(w io.Writer, r *finding.Result) error {
	unused := r.Unused
	if unused == nil {
		unused = []finding.Unused{}
	}
	return Encode(w, jsonReport{
		Version:    Version,
		Base:       r.Base,
		Verdict:    r.Verdict,
		Rules:      jsonProblems(r.Rules),
		Findings:   jsonFindings(r.Findings),
		Uncertain:  jsonFindings(r.Uncertain),
		Suppressed: jsonFindings(r.Suppressed),
		Problems:   jsonProblems(r.Problems),
		Skipped:    jsonProblems(r.Skipped),
		Unused:     unused,
		Looked:     r.Looked,
	})
}

func jsonFindings(findings []finding.Finding) []jsonFinding {
	list := make([]jsonFinding, 0, len(findings))
	for _, f := range findings {
		list = append(list, jsonFinding{
			Policy: f.Policy.ID, Title: f.Policy.Title, Severity: f.Severity,
			Object:    jsonObject{f.APIVersion, f.Object.Kind, f.Object.Namespace, f.Object.Name},
			Operation: f.Operation, Message: f.Message, Field: f.Field, Place: f.Place,
			Remediation: f.Policy.Remediation, Incidents: f.Policy.Incidents, Fix: f.Fix, Unknown: f.Unknown,
			Related: f.Related, Exemption: f.Exemption, In: f.In, Counterpart: f.Counterpart, Fingerprint: f.Fingerprint,
		})
	}
	return list
}

func jsonProblems(problems []finding.Problem) []jsonProblem {
	list := make([]jsonProblem, 0, len(problems))
	for _, p := range problems {
		jp := jsonProblem{Message: p.Message}
		if p.Place.File != "" {
			place := p.Place
			place.Source = ""
			jp.Place = &place
		}
		list = append(list, jp)
	}
	return list
}
