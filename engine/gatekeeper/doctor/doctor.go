// Package doctor says of each policy whether it can fire in a cluster's Gatekeeper, and if not, why. Reading the
// cluster and judging what was read are apart: Judge is a pure function.
package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/data-guard/guard/engine/policy"
)

// Answer is whether a policy can fire.
type Answer string

// The answers. Partly: some of what the policy minds gets past it.
const (
	Yes        Answer = "yes"
	Partly     Answer = "partly"
	No         Answer = "no"
	CannotTell Answer = "cannot tell"
)

// Effect is what a fact does to a policy.
type Effect string

// The effects. A note changes nothing by itself.
const (
	Blocks  Effect = "blocks"
	Narrows Effect = "narrows"
	Unknown Effect = "unknown"
	Note    Effect = "note"
)

// Gap is a fact that keeps a policy from firing, or that whoever relies on it should know.
type Gap struct {
	// Code names the kind of gap; it does not change between releases.
	Code   string `json:"code"`
	Effect Effect `json:"effect"`
	// Message is one sentence without its objects.
	Message string `json:"message"`
	// Objects are what the message is about: requests, namespaces, constraints; sorted.
	Objects []string `json:"objects,omitempty"`
}

// Verdict is about one policy.
type Verdict struct {
	Policy  string `json:"policy"`
	CanFire Answer `json:"canFire"`
	// Actions is what its constraints do at the webhook, the strongest for each severity; "" where none does anything.
	Actions map[policy.Severity]string `json:"actions"`
	Gaps    []Gap                      `json:"gaps"`
}

// Report is about all policies, sorted as they were given.
type Report struct {
	// Version is Gatekeeper's, "unknown" when it cannot be seen.
	Version  string    `json:"gatekeeperVersion"`
	Policies []Verdict `json:"policies"`
	Unread   []Unread  `json:"unread"`
}

// Question is what to judge an installation by.
type Question struct {
	Policies []*policy.Policy
	// Expect is what a constraint of each severity should at least do: deny, warn or dryrun.
	Expect func(policy.Severity) string
	Now    time.Time
}

// Judge asks whether each of the policies can fire. It reads nothing and the same facts give the same report.
func Judge(in *Installation, q Question) *Report {
	j := newJudge(in, q)
	report := &Report{Version: j.program.String(), Policies: []Verdict{}, Unread: append([]Unread{}, j.Unread...)}
	for _, p := range q.Policies {
		v := Verdict{Policy: p.ID, Actions: map[policy.Severity]string{}}
		s := j.subject(p)
		v.Gaps = slices.Concat([]Gap{}, j.here(s), j.template(s), j.enforced(s, v.Actions), j.matched(s), j.sent(s), j.exempt(s), j.sees(s), approvers(s))
		v.CanFire = answer(v.Gaps)
		report.Policies = append(report.Policies, v)
	}
	return report
}

// Could says that everything was read that an answer needs.
func (r *Report) Could() bool {
	return len(r.Unread) == 0 && r.Count(CannotTell) == 0
}

// Count is how many policies have the answer.
func (r *Report) Count(a Answer) int {
	n := 0
	for _, v := range r.Policies {
		if v.CanFire == a {
			n++
		}
	}
	return n
}

// answer takes the worst: what certainly cannot fire does not become uncertain by what is not known besides.
func answer(gaps []Gap) Answer {
	has := func(e Effect) bool { return slices.ContainsFunc(gaps, func(g Gap) bool { return g.Effect == e }) }
	switch {
	case has(Blocks):
		return No
	case has(Unknown):
		return CannotTell
	case has(Narrows):
		return Partly
	default:
		return Yes
	}
}

// String is the sentence with its objects, the first of them when there are many.
func (g Gap) String() string {
	const shown = 6
	switch n := len(g.Objects); {
	case n == 0:
		return g.Message
	case n > shown+1:
		return fmt.Sprintf("%s: %s and %d more", g.Message, strings.Join(g.Objects[:shown], ", "), n-shown)
	default:
		return g.Message + ": " + strings.Join(g.Objects, ", ")
	}
}
