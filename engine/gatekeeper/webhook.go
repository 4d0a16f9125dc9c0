package gatekeeper

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/data-guard/guard/engine/policy"
)

// The ValidatingWebhookConfiguration that Gatekeeper's manifest and chart install, and the webhook in it that asks
// constraints (gatekeeper v3.23 charts/gatekeeper/templates).
const (
	WebhookConfiguration = "gatekeeper-validating-webhook-configuration"
	Webhook              = "validation.gatekeeper.sh"
)

// WebhookTimeout is how many seconds the API server waits for an answer. It bounds how long a request hangs, and then is
// refused, while Gatekeeper hangs; Gatekeeper's own default of 3 s is passed now and then by a busy node.
const WebhookTimeout = 10

// matchCondition is CEL that a request has to meet to be sent.
type matchCondition struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

// matchConditions keep requests away from a webhook that fails closed, so that an outage of Gatekeeper stops neither
// nodes nor what already runs. Each leaves out only what every policy lets pass. CEL that errs refuses the request,
// hence the has().
func matchConditions() []matchCondition {
	condition := func(name string, clauses ...string) matchCondition {
		return matchCondition{name, "!(" + strings.Join(clauses, " && ") + ")"}
	}
	return []matchCondition{
		// NodeRestriction and the node authorizer hold a kubelet to its own node and the pods on it.
		condition("not-from-kubelets",
			"has(request.userInfo.groups)", "'system:nodes' in request.userInfo.groups"),
		// The workload was asked about; lib/meta controlled_by_workload knows the same kinds. An approval or exemption on
		// such an object is still asked about.
		condition("not-the-pods-of-a-workload",
			"request.operation in ['CREATE', 'UPDATE']",
			"request.resource.resource in ['pods', 'replicasets', 'jobs']",
			"(!has(request.subResource) || request.subResource == '')",
			"has(object.metadata.ownerReferences)",
			"object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller && o.kind in "+
				"['CloneSet', 'CronJob', 'DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'ReplicationController', 'Rollout', 'StatefulSet'])",
			"!(has(object.metadata.annotations) && object.metadata.annotations.exists(k, k.startsWith('data-guard.dev/')))"),
		// Controllers write status all the time, and through it anyone can change metadata: only that matters.
		condition("not-a-status-that-leaves-metadata-alone",
			"has(request.subResource)", "request.subResource == 'status'", "request.operation == 'UPDATE'",
			unchanged("finalizers"), unchanged("ownerReferences"), unchanged("annotations"), unchanged("labels")),
		// Taints of nodes, which must go on while Gatekeeper's own node is lost.
		condition("not-the-node-controllers-updates",
			"request.resource.resource == 'nodes'",
			"request.operation == 'UPDATE'",
			"request.userInfo.username in ['system:kube-controller-manager', 'system:serviceaccount:kube-system:node-controller']"),
	}
}

// MatchConditions are the conditions that the bundle gives to the webhook, their CEL by name.
func MatchConditions() map[string]string {
	conditions := map[string]string{}
	for _, condition := range matchConditions() {
		conditions[condition.Name] = condition.Expression
	}
	return conditions
}

// unchanged is CEL for a field of metadata that is the same on both sides of an UPDATE, absence included.
func unchanged(field string) string {
	return strings.ReplaceAll("(has(object.metadata.F) ? has(oldObject.metadata.F) && object.metadata.F == oldObject.metadata.F : !has(oldObject.metadata.F))", "F", field)
}

// WebhookRules are the rules of a ValidatingWebhookConfiguration as plain data: exactly the requests that the policies
// need. A rule for a resource or subresource that the cluster does not serve matches nothing.
func WebhookRules(policies []*policy.Policy) []any {
	operations := map[[2]string]map[string]bool{}
	for _, p := range policies {
		for _, need := range Needs(p) {
			resource := need.Resource
			if need.Subresource != "" {
				resource += "/" + need.Subresource
			}
			key := [2]string{need.Group, resource}
			if operations[key] == nil {
				operations[key] = map[string]bool{}
			}
			operations[key][need.Operation] = true
		}
	}
	type rule struct{ group, operations string }
	resources := map[rule][]string{}
	for key, ops := range operations {
		r := rule{key[0], strings.Join(slices.Sorted(maps.Keys(ops)), " ")}
		resources[r] = append(resources[r], key[1])
	}
	var rules []any
	for _, r := range slices.SortedFunc(maps.Keys(resources), func(a, b rule) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.operations, b.operations))
	}) {
		rules = append(rules, map[string]any{
			"apiGroups":   []any{r.group},
			"apiVersions": []any{"*"},
			"operations":  anys(strings.Fields(r.operations)),
			"resources":   anys(slices.Sorted(slices.Values(resources[r]))),
			"scope":       "*",
		})
	}
	return rules
}

// webhookPatch is a strategic merge patch for Gatekeeper's ValidatingWebhookConfiguration: the list of webhooks merges
// by name, rules are replaced.
func webhookPatch(policies []*policy.Policy) map[string]any {
	return map[string]any{"webhooks": []any{map[string]any{
		"name":            Webhook,
		"failurePolicy":   "Fail",
		"timeoutSeconds":  WebhookTimeout,
		"matchConditions": matchConditions(),
		"rules":           WebhookRules(policies),
	}}}
}

// breakGlass is the patch that lets requests pass while Gatekeeper cannot answer.
func breakGlass() map[string]any {
	return map[string]any{"webhooks": []any{map[string]any{"name": Webhook, "failurePolicy": "Ignore"}}}
}

// webhookValues are the same as values of Gatekeeper's chart.
func webhookValues(policies []*policy.Policy) map[string]any {
	return map[string]any{
		"enableDeleteOperations":                    true,
		"validatingWebhookFailurePolicy":            "Fail",
		"validatingWebhookTimeoutSeconds":           WebhookTimeout,
		"validatingWebhookMatchConditions":          matchConditions(),
		"validatingWebhookCustomRules":              WebhookRules(policies),
		"validatingWebhookCheckIgnoreFailurePolicy": "Fail",
	}
}

// undo is the patch back to what Gatekeeper's manifest installs (gatekeeper v3.23 deploy/gatekeeper.yaml), less the
// subresources in its list that no constraint of this bundle reads.
func undo() map[string]any {
	var conditions []any
	for _, condition := range matchConditions() {
		conditions = append(conditions, map[string]any{"name": condition.Name, "$patch": "delete"})
	}
	return map[string]any{"webhooks": []any{map[string]any{
		"name":            Webhook,
		"failurePolicy":   "Ignore",
		"timeoutSeconds":  3,
		"matchConditions": conditions,
		"rules": []any{map[string]any{
			"apiGroups":   []any{"*"},
			"apiVersions": []any{"*"},
			"operations":  []any{"CREATE", "UPDATE"},
			"resources":   []any{"*"},
			"scope":       "*",
		}},
	}}}
}
