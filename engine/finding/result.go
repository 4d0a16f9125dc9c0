package finding

import (
	"time"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/policy"
)

// Result is everything that a run has to tell.
type Result struct {
	// Verdict is what the change does to data; nil without a change.
	Verdict *Verdict
	// Base is what the change was compared with, as a report names it; "" without a change.
	Base string
	// Rules are changes of the rules themselves: they are shown, and count when they are merged.
	Rules []Problem
	// Findings count towards the exit code.
	Findings []Finding
	// Uncertain would be findings if what nobody showed is as bad as it may be.
	Uncertain []Finding
	// Suppressed are exempted.
	Suppressed []Finding
	// Problems are what guard could not do; any of them is exit code 2.
	Problems []Problem
	// Skipped documents are no Kubernetes objects.
	Skipped []Problem
	// Unused are policies that were not asked anything, with the reason.
	Unused []Unused
	Looked Looked
}

// Problem is something that could not be used, with its place as far as it has one.
type Problem struct {
	Place   object.Place
	Message string
}

// String is "place: message".
func (p Problem) String() string {
	if p.Place.File == "" {
		return p.Message
	}
	return p.Place.String() + ": " + p.Message
}

// Unused is a policy that had nothing to say, and why.
type Unused struct {
	Policy string `json:"policy"`
	Reason string `json:"reason"`
}

// Looked counts what a run has looked at.
type Looked struct {
	Files     int `json:"files"`
	Documents int `json:"documents"`
	Objects   int `json:"objects"`
	// ScopeAssumed are objects of kinds that nobody defined.
	ScopeAssumed int `json:"scopeAssumed"`
	Reviews      int `json:"reviews"`
	Policies     int `json:"policies"`
	Asked        int `json:"policiesAsked"`
	Skipped      int `json:"documentsSkipped"`
	// Cluster is nil for a run over files alone.
	Cluster *Cluster `json:"cluster,omitempty"`
}

// Cluster counts what a run has read from a cluster.
type Cluster struct {
	Context string `json:"context"`
	// Namespace is the one whose objects are judged; "" for all, or when the objects of files are.
	Namespace string `json:"namespace,omitempty"`
	Objects   int    `json:"objects"`
	// Kinds were read whole; Absent ones are wanted and not served.
	Kinds  int `json:"kinds"`
	Absent int `json:"kindsAbsent"`
	// Taken is when the snapshot was taken, in RFC 3339, in which files are judged; "" for a cluster that is there, and for
	// a snapshot that is judged itself, at that moment. Age is how long ago that was.
	Taken string        `json:"taken,omitempty"`
	Age   time.Duration `json:"-"`
}

// Worst is the number of findings at or above the severity.
func (r *Result) Worst(threshold policy.Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity.Rank() <= threshold.Rank() {
			n++
		}
	}
	return n
}

// Count is the number of findings of exactly that severity.
func (r *Result) Count(s policy.Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}
