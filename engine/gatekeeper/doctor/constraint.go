package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/match"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

// constraint is one of guard's as the cluster has it.
type constraint struct {
	metav1.ObjectMeta `json:"metadata"`

	Spec struct {
		EnforcementAction string         `json:"enforcementAction"`
		Scoped            []scopedAction `json:"scopedEnforcementActions"`
		Match             match.Match    `json:"match"`
		Parameters        map[string]any `json:"parameters"`
	} `json:"spec"`
	Status struct {
		ByPod []podStatus `json:"byPod"`
	} `json:"status"`
	// malformed is why it could not be read; nothing else is known then but its name.
	malformed error
}

type scopedAction struct {
	Action string `json:"action"`
	Points []struct {
		Name string `json:"name"`
	} `json:"enforcementPoints"`
}

type podStatus struct {
	ID                 string `json:"id"`
	Enforced           bool   `json:"enforced"`
	ObservedGeneration int64  `json:"observedGeneration"`
	Errors             []struct {
		Message string `json:"message"`
	} `json:"errors"`
}

func constraintsOf(in *Installation, p *policy.Policy) []constraint {
	var found []constraint
	for _, o := range in.Constraints {
		if o.GetKind() != p.Kind() {
			continue
		}
		var c constraint
		if err := decode(o.Object, &c); err != nil {
			c = constraint{malformed: err}
			c.Name = o.GetName()
		}
		found = append(found, c)
	}
	return found
}

// strength orders the enforcement actions that Gatekeeper knows; another one does nothing.
func strength(action string) int {
	return slices.Index([]string{"", "dryrun", "warn", "deny"}, action)
}

// action is what the constraint does at an enforcement point: deny where nothing is said.
func (c *constraint) action(point string) string {
	switch c.Spec.EnforcementAction {
	case "":
		return "deny"
	case "scoped":
		var strongest string
		for _, scoped := range c.Spec.Scoped {
			for _, p := range scoped.Points {
				if (p.Name == point || p.Name == "*") && strength(scoped.Action) > strength(strongest) {
					strongest = scoped.Action
				}
			}
		}
		return strongest
	default:
		if strength(c.Spec.EnforcementAction) < 0 {
			return ""
		}
		return c.Spec.EnforcementAction
	}
}

// covers says whether the constraint reports violations of the severity: of each where nothing is said.
func (c *constraint) covers(s policy.Severity) bool {
	severities, said := c.Spec.Parameters["severities"].([]any)
	return c.malformed == nil && (!said || slices.Contains(severities, any(string(s))))
}

// enforced judges which constraints there are, what they do, and whether each pod of Gatekeeper knows. It notes the
// strongest action of each severity.
func (j *judge) enforced(s *subject, actions map[policy.Severity]string) []Gap {
	if len(s.constraints) == 0 {
		if j.unread(strings.ToLower(s.Kind())) {
			return []Gap{{"constraint-unread", Unknown, "the constraints of kind " + s.Kind() + " could not be read", nil}}
		}
		return []Gap{{"constraint-missing", Blocks, "there is no constraint of kind " + s.Kind(), nil}}
	}
	point := gatekeeper.Webhook // its name is that of the enforcement point too
	if s.AuditOnly != "" {
		point = "audit.gatekeeper.sh"
	}
	var missing, weak []string
	for _, severity := range s.Severities {
		covered, strongest := s.strongest(severity, point)
		actions[severity] = strongest
		want := j.Expect(severity)
		if s.AuditOnly != "" {
			want = "dryrun"
		}
		switch {
		case !covered:
			missing = append(missing, string(severity))
		case strength(strongest) < strength(want):
			weak = append(weak, fmt.Sprintf("%s: %s, expected %s", severity, orNothing(strongest), want))
		}
	}
	effect := Narrows
	if len(missing)+len(weak) == len(s.Severities) {
		effect = Blocks
	}
	var gaps []Gap
	if len(missing) > 0 {
		gaps = append(gaps, Gap{"constraint-missing", effect, "no constraint of kind " + s.Kind() + " asks for these severities", missing})
	}
	if len(weak) > 0 {
		gaps = append(gaps, Gap{"constraint-action", effect, "constraints do less than is expected", weak})
	}
	return slices.Concat(gaps, j.known(s))
}

// strongest is what the constraints for the severity do together at the enforcement point; covered says that there is any.
func (s *subject) strongest(severity policy.Severity, point string) (covered bool, action string) {
	for i := range s.constraints {
		if c := &s.constraints[i]; c.covers(severity) {
			covered = true
			if a := c.action(point); strength(a) > strength(action) {
				action = a
			}
		}
	}
	return covered, action
}

func orNothing(action string) string {
	if action == "" {
		return "nothing"
	}
	return action
}

// known reads the status of the constraints, which each of Gatekeeper's pods writes for itself.
func (j *judge) known(s *subject) []Gap {
	var unenforced, broken []string
	for i := range s.constraints {
		c := &s.constraints[i]
		switch by, of := c.enforcedBy(j.program.pods); {
		case c.malformed != nil:
			broken = append(broken, fmt.Sprintf("%s (%v)", c.Name, c.malformed))
		case c.DeletionTimestamp != nil:
			unenforced = append(unenforced, c.Name+" (being deleted)")
		case by < of:
			unenforced = append(unenforced, strings.Join(append([]string{fmt.Sprintf("%s (by %d of %d)", c.Name, by, of)}, c.errors()...), " "))
		}
	}
	var gaps []Gap
	if len(broken) > 0 {
		gaps = append(gaps, Gap{"constraint-unread", Unknown, "these constraints cannot be read", list(broken)})
	}
	if len(unenforced) > 0 {
		gaps = append(gaps, Gap{"constraint-not-enforced", Narrows, "not every pod of Gatekeeper enforces these constraints", list(unenforced)})
	}
	return gaps
}

// enforcedBy counts the pods that enforce the constraint as it stands, of those that there are: as many as report, and
// at least as many as the Deployments have ready, or one.
func (c *constraint) enforcedBy(pods int) (by, of int) {
	for _, pod := range c.Status.ByPod {
		if pod.Enforced && pod.ObservedGeneration >= c.Generation && len(pod.Errors) == 0 {
			by++
		}
	}
	return by, max(pods, len(c.Status.ByPod), 1)
}

func (c *constraint) errors() []string {
	var errors []string
	for _, pod := range c.Status.ByPod {
		for _, e := range pod.Errors {
			errors = append(errors, e.Message)
		}
	}
	return list(errors)
}
