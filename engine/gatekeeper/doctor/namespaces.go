package doctor

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/data-guard/guard/engine/gatekeeper"
)

// ignoreLabel keeps a namespace from Gatekeeper's webhooks, by the selector that manifest and chart give them.
const ignoreLabel = "admission.gatekeeper.sh/ignore"

// exempt judges which namespaces the policy is not asked about, for each way to exempt them. Gatekeeper's own always
// is. One that holds claims is a gap; one that holds none is only noted.
func (j *judge) exempt(s *subject) []Gap {
	gaps := j.everywhere(s)
	if !s.namespaced {
		return gaps
	}
	if j.unread("namespaces") {
		gaps = append(gaps, Gap{"namespaces-unread", Unknown, "the namespaces could not be read: some may be exempt", nil})
	}
	if j.unread("configs") {
		gaps = append(gaps, Gap{"config-unread", Unknown, "Gatekeeper's Config could not be read: it may exempt namespaces", nil})
	}
	ways := []struct {
		code, message string
		exempts       func(corev1.Namespace) bool
		least         Effect
	}{
		{"namespace-label", "are exempt by label " + ignoreLabel, func(ns corev1.Namespace) bool { return labelled(ns) && j.unselected(s, ns) }, Narrows},
		{"namespace-selector", "are exempt by the webhook's namespaceSelector", func(ns corev1.Namespace) bool { return !labelled(ns) && j.unselected(s, ns) }, Narrows},
		{"namespace-config", "are exempt by Gatekeeper's Config", func(ns corev1.Namespace) bool { return len(s.needs) > 0 && anyMatches(j.excluded["webhook"], ns.Name) }, Narrows},
		{"namespace-constraint", "are exempt by the constraints' match", func(ns corev1.Namespace) bool { return unmatched(s, ns) }, Narrows},
		{"namespace-audit", "are left out of audit by Gatekeeper's Config", func(ns corev1.Namespace) bool { return anyMatches(j.excluded["audit"], ns.Name) }, auditEffect(s)},
		{"namespace-flag", "may be exempted by whoever may label them (flag --exempt-namespace of Gatekeeper)", func(ns corev1.Namespace) bool {
			return len(s.needs) > 0 && !labelled(ns) && anyMatches(j.program.mayIgnore, ns.Name)
		}, Note},
	}
	for _, way := range ways {
		var holding, empty []string
		for _, ns := range j.Namespaces {
			switch {
			case ns.Name == j.Namespace || !way.exempts(ns):
			case j.Claims[ns.Name] > 0 || j.unread("persistentvolumeclaims"):
				holding = append(holding, ns.Name)
			default:
				empty = append(empty, ns.Name)
			}
		}
		if len(holding) > 0 {
			what, effect := "namespaces with claims ", way.least
			if j.unread("persistentvolumeclaims") {
				what = "namespaces of which nobody says whether they hold claims "
			}
			gaps = append(gaps, Gap{way.code, effect, what + way.message, list(holding)})
		}
		if len(empty) > 0 {
			gaps = append(gaps, Gap{way.code, Note, "namespaces without claims " + way.message, list(empty)})
		}
	}
	return append(gaps, j.unchecked(s)...)
}

// everywhere is about a pattern that matches the namespace of what has none.
func (j *judge) everywhere(s *subject) []Gap {
	if s.global && len(s.needs) > 0 && anyMatches(j.excluded["webhook"], "") {
		return []Gap{{"config-everything", Narrows, "Gatekeeper's Config exempts all namespaces, and with them what lives in none", nil}}
	}
	return nil
}

func labelled(ns corev1.Namespace) bool {
	_, ok := ns.Labels[ignoreLabel]
	return ok
}

// unselected says that some request of the policy about the namespace is sent by no webhook, though one has a rule for it.
func (j *judge) unselected(s *subject, ns corev1.Namespace) bool {
	return slices.ContainsFunc(s.senders, func(senders []*hook) bool {
		return len(senders) > 0 && !slices.ContainsFunc(senders, func(h *hook) bool { return j.selected[h][ns.Name] })
	})
}

// unmatched says that no constraint of some severity is asked about the namespace.
func unmatched(s *subject, ns corev1.Namespace) bool {
	for _, severity := range s.Severities {
		covered, seen := false, false
		for i := range s.constraints {
			if c := &s.constraints[i]; c.covers(severity) {
				covered = true
				seen = seen || c.matches(ns.Name, ns.Labels)
			}
		}
		if covered && !seen {
			return true
		}
	}
	return false
}

// auditEffect: what audit does not list may still be refused at admission.
func auditEffect(s *subject) Effect {
	if s.AuditOnly != "" {
		return Narrows
	}
	return Note
}

// unchecked is about the webhook that keeps the label to the namespaces of the flag.
func (j *judge) unchecked(s *subject) []Gap {
	if len(s.needs) == 0 || len(j.hooks) == 0 {
		return nil
	}
	need := gatekeeper.Need{Kind: "Namespace", Resource: "namespaces", Operation: "UPDATE"}
	for _, c := range j.Webhooks {
		for _, w := range c.Webhooks {
			if h := (&hook{w, c.Name}); w.Name == labelCheck && h.fails() && h.sends(need, Served{}) {
				return nil
			}
		}
	}
	return []Gap{{"label-check", Note, "no webhook " + labelCheck + " that fails closed: whoever may label a namespace may exempt it by label " + ignoreLabel, nil}}
}
