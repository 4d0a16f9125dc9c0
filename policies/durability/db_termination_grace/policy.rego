# METADATA
# title: Database has the time that a clean stop takes
# description: |
#   When the grace period is over the kubelet kills: a database loses what it had not flushed, hands over nothing, and
#   repairs itself at the next start, if it can. With 0 the pod is removed from the API before its processes are known
#   to be gone, so a StatefulSet starts its replacement on the same volume while the old one may still write.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
#     description: a StatefulSet should not have a grace period of 0, this is unsafe
#   - ref: https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/
#     description: what a deletion without grace gives up
# custom:
#   severities: [critical, medium]
#   incidents: [force-detach-double-write]
#   remediation: |
#     Give the engine its time; the pods are replaced, with the old grace period for the last time:
#     kubectl patch KIND NAME -p '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":SECONDS}}}}'
#     The field of a Pod cannot be changed: make the Pod anew.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Pod, ReplicationController]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [apps.kruise.io], kinds: [CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Rollout]}
#   asks: [state]
#   reads: [v1/Namespace]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       minimumSeconds:
#         description: |
#           The least grace period in seconds by engine, in place of guard's own number, such as {rabbitmq: 604800};
#           0 asks nothing of that engine. Guard has 300 for rabbitmq, 120 for cassandra, 60 for most servers.
#         type: object
#         additionalProperties: {type: integer, minimum: 0}
#         default: {}
package db_termination_grace

import data.lib.asked
import data.lib.classify
import data.lib.engines
import data.lib.meta
import data.lib.patch
import data.lib.verdict
import data.lib.workload

violation contains v if {
	some v in verdict.state("db-termination-grace", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(obj) := {{
	"msg": sprintf("%s %s", [meta.name(obj), harm.text]),
	"field": meta.pointer(path),
	"severity": harm.severity,
	"fix": patch.set(obj, path, harm.least),
} |
	path := array.concat(workload.pod_path(obj), ["terminationGracePeriodSeconds"])
	harm := _harm(obj, _grace(object.get(obj, path, null)))
	not classify.disposable(obj)
}

_harm(obj, grace) := {
	"severity": "critical",
	"least": max({_least(obj), _default}),
	"text": "has terminationGracePeriodSeconds 0: its processes are killed at once, what they had not flushed is lost, and a replacement may start while they still write",
} if {
	grace.seconds == 0
	_exclusive(obj)
} else := {
	"severity": "medium",
	"least": _least(obj),
	"text": sprintf("gives %s %s for a stop that may take %d s, and then kills it with what it had not flushed", [_served(obj), grace.text, _least(obj)]),
} if {
	_holds_state(obj)
	grace.seconds < _least(obj)
}

# Absent and null are 30 s, and a negative number is 1 s (kubernetes/kubernetes#98866 and #115606). Text, which no API
# server takes, is more than any number to Rego, so it is never too short.
_grace(null) := {"seconds": _default, "text": sprintf("%d s (the default)", [_default])}

_grace(number) := {"seconds": number, "text": sprintf("%v s", [number])} if number >= 0

_grace(number) := {"seconds": 1, "text": sprintf("%v s (which counts as 1 s)", [number])} if {
	is_number(number)
	number < 0
}

_default := 30

# A StatefulSet promises at most one pod of a name, whatever it runs.
_exclusive(obj) if obj.kind == "StatefulSet"

_exclusive(obj) if _holds_state(obj)

# An engine without any volume that outlives its pod has nothing left to repair after a kill: a cache, a router.
_holds_state(obj) if {
	_lasting(obj)
	classify.data_workload(obj)
}

_holds_state(obj) if classify.declared(obj)

_lasting(obj) if {
	some _ in workload.claim_templates(obj)
}

_lasting(obj) if {
	some entry in workload.volumes(obj)
	some source, _ in entry.volume
	not source in {"configMap", "downwardAPI", "emptyDir", "ephemeral", "image", "name", "projected", "secret"}
}

# The max of nothing is undefined.
_least(obj) := seconds if {
	seconds := max({_minimum(engine) | some engine in classify.data_engines(obj)})
} else := _default

_minimum(engine) := input.parameters.minimumSeconds[engine]

_minimum(engine) := engines.table[engine].grace if {
	not input.parameters.minimumSeconds[engine]
}

_served(obj) := concat(" and ", classify.data_engines(obj)) if {
	count(classify.data_engines(obj)) > 0
} else := "its data"
