# METADATA
# title: Nothing takes the guards away unseen
# description: |
#   A deletion that no webhook sends, that passes while Gatekeeper is down, or that comes from a namespace which is
#   exempt, is refused by no policy, and nobody notices until data is gone. The same holds for a constraint that no
#   longer denies. Webhook configurations are shown to no webhook, and Gatekeeper's Config lives in a namespace that its
#   webhook leaves out: of them audit and CI tell, and who may change them is a matter of RBAC.
# related_resources:
#   - ref: https://open-policy-agent.github.io/gatekeeper/website/docs/customize-admission/
#     description: Gatekeeper's webhook sends no DELETE, and lets pass what it could not ask, unless told otherwise
#   - ref: https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/
#     description: the ways to exempt a namespace
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
#     description: rules, selectors, match conditions and failure policy of a webhook
# custom:
#   severities: [high, medium, low]
#   incidents: [federated-namespace-deletion]
#   remediation: |
#     Patch the webhook as bundle/gatekeeper/README.md has it, take the exemption away, or put the constraint back:
#     kubectl apply --server-side -k bundle/gatekeeper/overlays/recommended
#     guard doctor says of each policy whether it can fire. To take a guard away on purpose, say so first, in a request
#     of its own, on the constraint or template: kubectl annotate KIND NAME
#     data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds:
#       - {apiGroups: [admissionregistration.k8s.io], kinds: [ValidatingWebhookConfiguration]}
#       - {apiGroups: [constraints.gatekeeper.sh], kinds: ["*"]}
#       - {apiGroups: [templates.gatekeeper.sh], kinds: [ConstraintTemplate]}
#       - {apiGroups: [config.gatekeeper.sh], kinds: [Config]}
#       - {apiGroups: [""], kinds: [Namespace]}
#   asks: [state, update, delete]
#   subresources: [status, finalize]
#   reads: [v1/Namespace, v1/PersistentVolumeClaim]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       administrators:
#         description: Exact names of users that may take guards away without saying so before.
#         type: array
#         items: {type: string}
#         default: []
#       exemptNamespaces:
#         description: Names of namespaces that may be exempt though they hold claims.
#         type: array
#         items: {type: string}
#         default: [gatekeeper-system]
#       matchConditions:
#         description: |
#           Names of the match conditions by which Gatekeeper's webhook may let requests pass: those that guard ships.
#         type: array
#         items: {type: string}
#         default:
#           - not-from-kubelets
#           - not-the-pods-of-a-workload
#           - not-a-status-that-leaves-metadata-alone
#           - not-the-node-controllers-updates
#       rollOutDays:
#         description: How many days a constraint that guards deletions may watch before it refuses.
#         type: integer
#         minimum: 0
#         default: 30
package guard_webhook_fail_open

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.clock
import data.lib.enforcement
import data.lib.fate
import data.lib.meta
import data.lib.selector
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("guard-webhook-fail-open", _problems(asked.object), {p | some p in _problems(asked.before)})
}

violation contains v if {
	some v in verdict.update("guard-webhook-fail-open", _weakened(asked.update))
}

violation contains v if {
	some v in verdict.delete("guard-webhook-fail-open", _removed(asked.delete))
}

_problems(obj) := ((_open(obj) | _configured(obj)) | _ignored(obj)) | _watching(obj)

# The webhook of Gatekeeper that asks constraints; its name is fixed (gatekeeper v3.23 charts/gatekeeper/templates).
_open(configuration) := {object.union(gap, {
	"msg": sprintf("%s %s", [meta.name(configuration), gap.msg]),
	"field": meta.pointer(["webhooks", i, gap.field]),
}) |
	# Only sooner: nothing else that the policy matches has webhooks.
	configuration.kind == "ValidatingWebhookConfiguration"
	some i, hook in configuration.webhooks
	hook.name == "validation.gatekeeper.sh"
	some gap in _gaps(hook)
}

_gaps(hook) := union({_unsent(hook), _failing(hook), _selected(hook), _conditional(hook), _exempt(hook)})

_unsent(hook) := {{
	"msg": sprintf("sends Gatekeeper no deletion of %s: no policy can refuse one", [text.joined(unsent)]),
	"field": "rules",
	"severity": "high",
} |
	unsent := [resource | some resource in ["namespaces", "persistentvolumeclaims"]; not _sends(hook, resource)]
	count(unsent) > 0
}

_sends(hook, resource) if {
	some rule in hook.rules
	some operation in rule.operations
	operation in {"*", "DELETE"}
	some group in rule.apiGroups
	group in {"", "*"}
	some pattern in rule.resources
	pattern in {resource, sprintf("%s/*", [resource]), "*", "*/*"}
	not rule.scope == _other_scope[resource]
}

_other_scope := {"namespaces": "Namespaced", "persistentvolumeclaims": "Cluster"}

_failing(hook) := {{
	"msg": "lets every request pass while Gatekeeper does not answer, deletions included (failurePolicy Ignore)",
	"field": "failurePolicy",
	"severity": "high",
} |
	hook.failurePolicy == "Ignore"
}

_selected(hook) := {{
	"msg": "sends Gatekeeper only objects with certain labels: all others can be deleted unasked (objectSelector)",
	"field": "objectSelector",
	"severity": "high",
} |
	not selector.everything(object.get(hook, "objectSelector", null))
}

_conditional(hook) := {{
	"msg": sprintf("lets requests pass Gatekeeper by a match condition that guard does not know: %s", [text.joined(names)]),
	"field": "matchConditions",
	"severity": "medium",
} |
	names := sort({condition.name | some condition in hook.matchConditions; not condition.name in input.parameters.matchConditions})
	count(names) > 0
}

_exempt(hook) := {object.union(problem, {"field": "namespaceSelector", "severity": "high"}) |
	wanted := object.get(hook, "namespaceSelector", null)
	names := sort({name | some name in _holding; not _labelled(_namespace(name)); not selector.matches(wanted, _labels(name))})
	unshown := [meta.key("v1", "Namespace", "", name) | some name in names; not data.inventory.cluster.v1.Namespace[name]]
	some problem in (_spared(names, unshown) | _blind([1 | not _stock(wanted)]))
}

# Gatekeeper's own selector: its label, and namespaces that may be exempt.
_stock(wanted) if {
	every requirement in selector.requirements(wanted) { _harmless(requirement) }
}

_harmless(requirement) if {
	requirement.key == "admission.gatekeeper.sh/ignore"
	requirement.operator == "DoesNotExist"
}

_harmless(requirement) if {
	requirement.key == "kubernetes.io/metadata.name"
	requirement.operator == "NotIn"
	every name in requirement.values { name in input.parameters.exemptNamespaces }
}

# Gatekeeper heeds a Config of no other name (gatekeeper v3.23 pkg/keys).
_configured(config) := {object.union(problem, {
	"msg": sprintf("%s %s", [meta.name(config), problem.msg]),
	"field": meta.pointer(["spec", "match", i, "excludedNamespaces"]),
	"severity": "high",
}) |
	# Only sooner: the match of a constraint is no list.
	config.kind == "Config"
	config.metadata.name == "config"
	some i, entry in config.spec.match
	some process in entry.processes
	process in {"*", "webhook"}
	patterns := {pattern | some pattern in entry.excludedNamespaces; is_string(pattern); not pattern in input.parameters.exemptNamespaces}
	names := sort({name | some name in _holding; some pattern in patterns; selector.covers(pattern, name)})
	some problem in (_spared(names, []) | _blind(patterns))
}

_spared(names, unshown) := {{"msg": sprintf("keeps Gatekeeper from judging what is in %s", [_spaces(names)])}} if {
	count(names) > count(unshown)
} else := {{"msg": sprintf("may keep Gatekeeper from judging what is in %s", [_spaces(names)]), "unknown": unshown}} if {
	count(names) > 0
} else := set()

_spaces(names) := sprintf("namespace %s, which holds claims", names) if {
	count(names) == 1
} else := sprintf("namespaces %s, which hold claims", [text.few(names)])

# A cluster without a single claim is rarer than one whose claims are not shown.
_blind(exempting) := {{"msg": "may keep Gatekeeper from judging namespaces that hold claims: nobody showed any claim", "unknown": ["v1/PersistentVolumeClaim"]}} if {
	count(exempting) > 0
	not fate.claims_shown
} else := set()

_holding := {name |
	some name, _ in data.inventory.namespace
	not name in input.parameters.exemptNamespaces
	_claims(name) > 0
}

# How many claims the namespace has that someone would miss.
_claims(ns) := count(object.keys(claims) - classify.disposables(ns, "v1", "PersistentVolumeClaim")) if {
	claims := data.inventory.namespace[ns].v1.PersistentVolumeClaim
}

_namespace(name) := namespace if {
	namespace := data.inventory.cluster.v1.Namespace[name]
} else := {}

# The API server gives each namespace a label with its name.
_labels(name) := object.union({"kubernetes.io/metadata.name": name}, _namespace(name).metadata.labels) if {
	# Only sooner: what is no object has no union.
	is_object(_namespace(name).metadata.labels)
} else := {"kubernetes.io/metadata.name": name}

_labelled(namespace) if "admission.gatekeeper.sh/ignore" in object.keys(namespace.metadata.labels)

_ignored(namespace) := {object.union(problem, {"field": "/metadata/labels/admission.gatekeeper.sh~1ignore", "severity": "high"}) |
	namespace.kind == "Namespace"
	_labelled(namespace)
	not meta.simple(namespace) in input.parameters.exemptNamespaces
	some problem in _unjudged(namespace)
}

_unjudged(namespace) := {{"msg": sprintf("%s carries label admission.gatekeeper.sh/ignore: nothing that happens to its %s is judged", [
	meta.name(namespace),
	text.counted(held, "claim"),
])}} if {
	held := _claims(meta.simple(namespace))
	held > 0
} else := {{
	"msg": sprintf("%s carries label admission.gatekeeper.sh/ignore: nothing that happens to claims it may hold is judged", [meta.name(namespace)]),
	"unknown": [sprintf("v1/PersistentVolumeClaim of %s", [meta.key("v1", "Namespace", "", meta.simple(namespace))])],
}} if {
	not fate.claims_shown
	not classify.disposable_namespace(namespace)
} else := set()

# A roll-out watches before it refuses; what has no time of creation is only being written.
_watching(constraint) := {{
	"msg": sprintf("%s still refuses nothing, more than %d days after it was created", [meta.name(constraint), input.parameters.rollOutDays]),
	"field": "/spec/enforcementAction",
	"severity": "low",
} |
	# Only sooner: nothing else has an enforcementAction.
	enforcement.constraint(constraint)
	startswith(meta.label(constraint, "policy"), "protect-")
	meta.label(constraint, "severity") == "critical"
	not enforcement.denies(constraint)
	not _denied
	made := clock.instant(constraint.metadata.creationTimestamp)
	time.now_ns() - made > clock.days(input.parameters.rollOutDays)
}

# An update that takes deny away is said as that.
_denied if enforcement.denies(asked.before)

_trusted if asked.user in input.parameters.administrators

_weakened(change) := problems if {
	not _trusted
	problems := ((_softened(change) | _narrowed(change)) | _unmarked(change)) | _hidden(change)
} else := set()

_softened(change) := {{
	"msg": sprintf("%s no longer refuses anything: its enforcementAction becomes %s", [meta.name(change.old), change.new.spec.enforcementAction]),
	"field": "/spec/enforcementAction",
	"severity": "high",
} |
	enforcement.constraint(change.old)
	enforcement.denies(change.old)
	not enforcement.denies(change.new)
}

_narrowed(change) := {{
	"msg": sprintf("%s refuses less than before: %s", [meta.name(change.old), text.joined(parts)]),
	"field": "/spec/match",
	"severity": "high",
} |
	enforcement.constraint(change.old)
	enforcement.denies(change.old)
	enforcement.denies(change.new)
	parts := sort(enforcement.lost(change.old, change.new))
	count(parts) > 0
}

_unmarked(change) := {{
	"msg": sprintf("%s loses the label that names its policy: its deletion would go unnoticed", [meta.name(change.old)]),
	"field": "/metadata/labels",
	"severity": "medium",
} |
	_ours(change.old)
	not _marked(change)
}

_marked(change) if meta.label(change.old, "policy") == meta.label(change.new, "policy")

_ours(obj) if enforcement.constraint(obj)

_ours(obj) if enforcement.template(obj)

# Gatekeeper checks who sets the label on the namespace itself; the subresources take it too.
_hidden(change) := {problem |
	input.review.subResource in {"status", "finalize"}
	not _labelled(change.old)
	some problem in _ignored(change.new)
}

_removed(obj) := {{
	"msg": sprintf("%s is to be deleted: policy %s refuses nothing any more%s", [meta.name(obj), meta.label(obj, "policy"), approval.refused(obj)]),
	"field": "",
	"severity": "high",
} |
	_refusing(obj)
	not _trusted
	not approval.holds(obj)
}

_refusing(obj) if enforcement.template(obj)

_refusing(obj) if {
	enforcement.constraint(obj)
	enforcement.denies(obj)
}
