// Package policy reads policies: METADATA, parameters schema and Rego, from a folder each. What is malformed
// is refused, all at once and with its place.
package policy

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	"github.com/open-policy-agent/opa/v1/ast"
)

// Severity grades what one ordinary operation may do to data.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities lists all severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// Rank is 0 for critical and grows as it gets milder; a word that is no severity ranks mildest.
func (s Severity) Rank() int {
	for i, known := range Severities() {
		if s == known {
			return i
		}
	}
	return len(Severities())
}

// Question is what a policy can be asked.
type Question string

// The questions: about an object as it stands, and about three requests. A policy about a state is asked at every
// CREATE anyway; AsksCreate is for one about what only the request shows, such as who sent it.
const (
	AsksState  Question = "state"
	AsksCreate Question = "create"
	AsksUpdate Question = "update"
	AsksDelete Question = "delete"
)

// Reference is a page that a policy's facts come from.
type Reference struct {
	Ref         string `yaml:"ref"`
	Description string `yaml:"description"`
}

// Library is a Rego module that policies import as data.lib.<Name>.
type Library struct {
	Name   string
	File   string
	Source []byte
	Module *ast.Module
}

// Policy is one lesson as data. It does not change after Load.
type Policy struct {
	// ID is the folder's name with dashes, and what exemptions name.
	ID string
	// Category is the way in which data dies: the name of the folder above.
	Category string
	Title    string
	// Description says what happens to the data, and why.
	Description string
	// Severities that a violation may carry; the first is the usual one.
	Severities []Severity
	// Incidents are folders of fixtures/incidents.
	Incidents   []string
	Remediation string
	References  []Reference
	// Match says which objects the policy is asked about, in Gatekeeper's terms; MatchSource is the same as written.
	Match       match.Match
	MatchSource map[string]any
	Asks        []Question
	// Reads are the "apiVersion/Kind" that the policy looks up in data.inventory.
	Reads []string
	// Subresources through which the objects of the policy's kinds can be changed as it minds: "status", "scale",
	// "finalize", "eviction". Each counts for the kinds that have it.
	Subresources []string
	// AuditOnly is the reason why the policy is not asked at admission; empty for a policy that is.
	AuditOnly string
	// Weakens says that the changes it is about take protection away and destroy nothing yet.
	Weakens bool
	// Supersedes are ids of policies that need not speak where this one does: of one harm to one object the more specific
	// finding is told. An id that is not loaded silences nothing.
	Supersedes []string
	// Exemptible policies can be switched off on an object by annotation.
	Exemptible bool
	// Schema is the OpenAPI schema of the parameters, the common ones included.
	Schema Schema
	// File is policy.rego's path, Source its bytes, Module the parsed form.
	File   string
	Source []byte
	Module *ast.Module
	// Libraries is the closure of what the policy imports, in the order of their names.
	Libraries []*Library
	// Cases holds cases/*.txtar; nil when the policy came without.
	Cases fs.FS
}

// Kind is the policy's kind in a cluster: Guard and the id in Pascal case.
func (p *Policy) Kind() string {
	var kind strings.Builder
	kind.WriteString("Guard")
	for word := range strings.SplitSeq(p.ID, "-") {
		kind.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return kind.String()
}

// Package is the Rego package of the policy, which is its folder's name.
func (p *Policy) Package() string { return strings.ReplaceAll(p.ID, "-", "_") }

// InCluster says whether a cluster has any use for the policy: admission asks it, or audit does. One that judges changes
// and is not asked at admission is about what only files show.
func (p *Policy) InCluster() bool { return p.AuditOnly == "" || p.Asked(AsksState) }

// ForCluster are those of the policies that a cluster has any use for.
func ForCluster(policies []*Policy) []*Policy {
	return slices.DeleteFunc(slices.Clone(policies), func(p *Policy) bool { return !p.InCluster() })
}

// Asked says whether the policy has an answer to the question.
func (p *Policy) Asked(q Question) bool {
	return slices.Contains(p.Asks, q)
}
