package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/data-guard/guard/engine/gatekeeper"
)

// The webhook of Gatekeeper's manifest and chart that keeps the label by which namespaces are ignored to those of its
// flags, and the path at which it judges requests (gatekeeper v3.23 pkg/webhook).
const (
	labelCheck = "check-ignore-label.gatekeeper.sh"
	admitPath  = "/v1/admit"
)

// A request waits until the constraints about it have answered one after the other. slowestAnswer is what the 99th
// percentile of each may take with 10,000 objects in the inventory; usualTimeout is Gatekeeper's own default.
const (
	slowestAnswer = 100 * time.Millisecond
	usualTimeout  = 3 * time.Second
)

// hook is a webhook through which Gatekeeper judges requests.
type hook struct {
	admissionv1.ValidatingWebhook
	// configuration is the object that holds it.
	configuration string
}

func (h *hook) String() string { return h.Name + " in " + h.configuration }

// hooksOf finds Gatekeeper's webhooks by name, and those beside them that send to the same place.
func hooksOf(in *Installation) []hook {
	var hooks []hook
	for _, c := range in.Webhooks {
		for _, w := range c.Webhooks {
			service, url := w.ClientConfig.Service, w.ClientConfig.URL
			same := service != nil && service.Namespace == in.Namespace && service.Path != nil && *service.Path == admitPath ||
				url != nil && strings.HasSuffix(*url, admitPath)
			if w.Name == gatekeeper.Webhook || same {
				hooks = append(hooks, hook{w, c.Name})
			}
		}
	}
	return hooks
}

// fails says that requests are refused while Gatekeeper does not answer, as they are where nothing else is said.
func (h *hook) fails() bool { return h.FailurePolicy == nil || *h.FailurePolicy == admissionv1.Fail }

// timeout is 10 seconds where nothing else is said.
func (h *hook) timeout() time.Duration {
	if h.TimeoutSeconds == nil {
		return 10 * time.Second
	}
	return time.Duration(*h.TimeoutSeconds) * time.Second
}

// sends says whether one of the webhook's rules matches the request, as the API server does
// (apiserver v0.36 pkg/admission/plugin/webhook/predicates/rules).
func (h *hook) sends(n gatekeeper.Need, s Served) bool {
	return slices.ContainsFunc(h.Rules, func(r admissionv1.RuleWithOperations) bool {
		return either(r.Operations, admissionv1.OperationType(n.Operation)) && either(r.APIGroups, n.Group) &&
			slices.ContainsFunc(r.Resources, func(pattern string) bool { return matchesResource(pattern, n) }) &&
			inScope(r.Scope, n, s) && h.sendsVersions(r.APIVersions, s.Versions)
	})
}

func either[S ~string](list []S, one S) bool {
	return slices.Contains(list, one) || slices.Contains(list, "*")
}

func matchesResource(pattern string, n gatekeeper.Need) bool {
	resource, subresource, _ := strings.Cut(pattern, "/")
	return (resource == "*" || resource == n.Resource) && (subresource == "*" || subresource == n.Subresource)
}

// inScope takes a Namespace for cluster-scoped, as it is.
func inScope(scope *admissionv1.ScopeType, n gatekeeper.Need, s Served) bool {
	switch {
	case scope == nil || *scope == admissionv1.AllScopes:
		return true
	case n.Resource == "*":
		return false
	default:
		return s.Namespaced == (*scope == admissionv1.NamespacedScope)
	}
}

// sendsVersions: with matchPolicy Exact a request in a version that no rule names passes unseen; else the API server
// converts it.
func (h *hook) sendsVersions(rule, served []string) bool {
	if slices.Contains(rule, "*") || len(served) == 0 {
		return true
	}
	inRule := func(version string) bool { return slices.Contains(rule, version) }
	if h.MatchPolicy != nil && *h.MatchPolicy == admissionv1.Exact {
		return !slices.ContainsFunc(served, func(version string) bool { return !inRule(version) })
	}
	return slices.ContainsFunc(served, inRule)
}

// sent judges whether the requests that the policy minds reach Gatekeeper.
func (j *judge) sent(s *subject) []Gap {
	if len(s.needs) == 0 {
		return nil
	}
	if len(j.hooks) == 0 {
		if j.unread("validatingwebhookconfigurations") {
			return []Gap{{"webhook-unread", Unknown, "the webhooks could not be read", nil}}
		}
		return []Gap{{"webhook-missing", Blocks, "no webhook " + gatekeeper.Webhook + " is configured: no request reaches Gatekeeper", nil}}
	}
	var gaps []Gap
	var unsent, open []string
	for i, n := range s.needs {
		switch {
		case len(s.senders[i]) == 0:
			unsent = append(unsent, request(n))
		case !slices.ContainsFunc(s.senders[i], (*hook).fails):
			open = append(open, request(n))
		}
	}
	if len(unsent) > 0 {
		effect := Narrows
		if len(unsent) == len(s.needs) {
			effect = Blocks
		}
		gaps = append(gaps, Gap{"webhook-rules", effect, "the webhook does not send these requests", unsent})
	}
	if len(open) > 0 {
		gaps = append(gaps, Gap{"webhook-fail-open", Narrows, "failurePolicy is Ignore: while Gatekeeper does not answer, these requests pass", open})
	}
	for _, h := range s.hooks() {
		gaps = slices.Concat(gaps, j.slow(s, h), narrowed(h), j.reachable(h), j.certificate(h))
	}
	return gaps
}

// hooks are the webhooks that send anything of what the policy minds, each once.
func (s *subject) hooks() []*hook {
	var hooks []*hook
	for _, senders := range s.senders {
		for _, h := range senders {
			if !slices.Contains(hooks, h) {
				hooks = append(hooks, h)
			}
		}
	}
	return hooks
}

func request(n gatekeeper.Need) string {
	resource := n.Resource
	if n.Subresource != "" {
		resource += "/" + n.Subresource
	}
	if n.Group != "" {
		resource += "." + n.Group
	}
	return n.Operation + " " + resource
}

// slow compares the timeout with what the constraints about one request may take together.
func (j *judge) slow(s *subject, h *hook) []Gap {
	var most int
	for i, n := range s.needs {
		if slices.Contains(s.senders[i], h) {
			most = max(most, j.constraintsAbout[n])
		}
	}
	want := max(usualTimeout, (time.Duration(most) * slowestAnswer).Round(time.Second))
	if h.timeout() >= want {
		return nil
	}
	effect, then := Narrows, "later it passes unjudged"
	if h.fails() {
		effect, then = Note, "later it is refused unjudged"
	}
	return []Gap{{"webhook-timeout", effect, fmt.Sprintf("webhook %s waits %s for an answer, and %d constraints about one request may take %s each: want at least %s; %s",
		h, h.timeout(), most, slowestAnswer, want, then), nil}}
}

// narrowed is about what keeps single objects from the webhook; for namespaces see exempt.
func narrowed(h *hook) []Gap {
	var gaps []Gap
	if selector := h.ObjectSelector; selector != nil && len(selector.MatchLabels)+len(selector.MatchExpressions) > 0 {
		gaps = append(gaps, Gap{
			"webhook-object-selector", Narrows, "webhook " + h.String() + " sends only objects with these labels",
			[]string{metav1.FormatLabelSelector(selector)},
		})
	}
	var conditions []string
	for _, c := range h.MatchConditions {
		if gatekeeper.MatchConditions()[c.Name] != c.Expression {
			conditions = append(conditions, c.Name+" ("+c.Expression+")")
		}
	}
	if len(conditions) > 0 {
		slices.Sort(conditions)
		gaps = append(gaps, Gap{"webhook-match-conditions", Narrows, "webhook " + h.String() + " sends only requests that meet these conditions, which guard does not ship", conditions})
	}
	return gaps
}
