# METADATA
# title: A pod with data of its own is not struck off before it has stopped
# description: |
#   A grace period of 0 removes a pod from the API at once, whether or not its node has stopped it, and its successor
#   starts while it may still be writing: two databases on one volume corrupt it. The usual case is a pod that hangs in
#   Terminating on a node that does not answer, so a second deletion counts as much as the first one, and an eviction
#   (kubectl drain --grace-period=0), of which no DELETE is asked, as much as a deletion. Of a pod whose own
#   terminationGracePeriodSeconds is 0 the API server shows a plain deletion as a forced one: both are reported.
#   High for a pod that writes to a claim for one node or one pod; medium for one that a StatefulSet promised to run
#   only once and that has no such claim, and for a pod whose own grace period is 0 on a node that is Ready: its kubelet
#   stops it within seconds, and people must be able to drain. Not reported is what the kubelet of the pod's own node
#   asks, which has seen it stop; a pod that never had a node, that has ended, or that was forced before; and one whose
#   Node is gone, or is out of service and NotReady.
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/
#     description: why a StatefulSet pod must not be deleted by force
#   - ref: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown
#     description: how to take a dead node out of service
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/registry/core/pod/strategy.go
#     description: CheckGracefulDelete, which settles the grace period before admission is asked
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/registry/core/pod/storage/eviction.go
#     description: an eviction deletes with the options it brings, and asks no DELETE
# custom:
#   severities: [high, medium]
#   incidents: [force-detach-double-write]
#   remediation: |
#     Delete without force (kubectl delete pod NAME -n NAMESPACE) and let the node stop the pod.
#     If the node does not answer, power the machine off, and prove it; then let the cluster clean up after it:
#     kubectl taint nodes NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute
#     Remove the taint before the machine comes back.
#     If you have seen the processes end on the machine itself, allow the deletion for an hour, in a request of its own:
#     kubectl annotate pod NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#     Where terminationGracePeriodSeconds is 0, give the workload the time that it needs to stop.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Pod]}
#       - {apiGroups: [policy], kinds: [Eviction]}
#   asks: [delete]
#   subresources: [eviction]
#   reads: [apps/v1/StatefulSet, v1/Namespace, v1/Node, v1/PersistentVolumeClaim, v1/Pod]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       actors:
#         description: |
#           Exact names of users that may remove pods without grace: the controllers of Kubernetes, of which the
#           garbage collector of pods alone forces, after it has looked at the node, and the others delete as the pod's
#           own grace period says (node-controller for taints too). Kubelets need not be named, unless they share a user.
#           Add what fences nodes in this cluster and then clears their pods.
#         type: array
#         items: {type: string}
#         default:
#           - system:kube-controller-manager
#           - system:kube-scheduler
#           - system:serviceaccount:kube-system:daemon-set-controller
#           - system:serviceaccount:kube-system:device-taint-eviction-controller
#           - system:serviceaccount:kube-system:generic-garbage-collector
#           - system:serviceaccount:kube-system:job-controller
#           - system:serviceaccount:kube-system:namespace-controller
#           - system:serviceaccount:kube-system:node-controller
#           - system:serviceaccount:kube-system:pod-garbage-collector
#           - system:serviceaccount:kube-system:replicaset-controller
#           - system:serviceaccount:kube-system:replication-controller
#           - system:serviceaccount:kube-system:statefulset-controller
package force_delete_stateful_pod

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.grace
import data.lib.meta
import data.lib.readiness
import data.lib.storage
import data.lib.text
import data.lib.verdict
import data.lib.workload

violation contains v if {
	pod := asked.removal
	way := {"verb": "deleted", "options": asked.options, "pointer": ""}
	some v in verdict.removal("force-delete-stateful-pod", _problems(pod, way), pod)
}

violation contains v if {
	pod := _evicted(asked.eviction)
	way := {"verb": "evicted", "options": _options(asked.eviction), "pointer": "/deleteOptions/gracePeriodSeconds"}
	some v in verdict.removal("force-delete-stateful-pod", _problems(pod, way), pod)
}

violation contains v if {
	eviction := asked.eviction
	not _evicted(eviction)
	some v in verdict.removal("force-delete-stateful-pod", _blind(eviction), {})
}

_evicted(eviction) := data.inventory.namespace[meta.namespace(eviction)].v1.Pod[meta.simple(eviction)]

_options(eviction) := object.get(eviction, "deleteOptions", {})

_problems(pod, way) := {object.union(
	{
		"msg": sprintf("%s%s is to be %s, so nothing waits until node %s %s has stopped it: %s%s", [meta.name(pod), _already(pod), wait.text, pod.spec.nodeName, node.text, harm.text, approval.refused(pod)]),
		"field": wait.field,
		"severity": _severity(harm, wait, node),
	},
	_named(sort(harm.unknown | node.unknown)),
) |
	wait := _wait(pod, way)
	not _stopped(pod)
	not _entitled
	not _its_kubelet(pod)
	not approval.holds(pod)
	not _spared(pod)
	node := _node(pod.spec.nodeName)
	harm := _harm(pod)
}

# An Eviction of a pod that nobody showed: Gatekeeper's inventory leaves out what is being deleted already
# (gatekeeper v3.23 pkg/controller/sync/sync_controller.go). One that says nothing about grace is an ordinary one.
_blind(eviction) := {{
	"msg": sprintf("Pod %s, which nobody showed, is to be evicted with a grace period of 0, so nothing waits until its node has stopped it: its successor may write to its data beside it", [meta.qualified(eviction)]),
	"field": "/deleteOptions/gracePeriodSeconds",
	"severity": "high",
	"unknown": [meta.key("v1", "Pod", meta.namespace(eviction), meta.simple(eviction))],
} |
	_options(eviction).gracePeriodSeconds == 0
	not _entitled
	not classify.disposable({"metadata": {"namespace": meta.namespace(eviction)}})
}

_already(pod) := ", which is being deleted already," if {
	meta.going(pod)
} else := ""

# The request in words; undefined for one that leaves time to stop.
_wait(pod, way) := {"text": sprintf("%s with its own grace period of 0", [way.verb]), "field": _own_field(way), "own": true} if {
	grace.none(pod, way.options) == "own"
} else := {"text": sprintf("%s with a grace period of 0", [way.verb]), "field": way.pointer, "own": false} if {
	grace.none(pod, way.options) == "asked"
}

# A field of the pod can be pointed at where the pod is what is asked about.
_own_field(way) := "/spec/terminationGracePeriodSeconds" if {
	way.pointer == ""
} else := ""

_stopped(pod) if object.get(pod, ["spec", "nodeName"], "") in {"", null}

_stopped(pod) if pod.status.phase in {"Succeeded", "Failed"}

_stopped(pod) if grace.forced(pod)

_entitled if asked.user in input.parameters.actors

_its_kubelet(pod) if {
	asked.user == concat(":", ["system:node", pod.spec.nodeName])
	"system:nodes" in asked.groups
}

_spared(pod) if classify.disposable(pod)

_spared(pod) if {
	classify.disposable(data.inventory.namespace[meta.namespace(pod)]["apps/v1"].StatefulSet[_set(pod)])
}

# The name of the StatefulSet that keeps the pod running.
_set(pod) := [owner.name |
	some owner in pod.metadata.ownerReferences
	owner.kind == "StatefulSet"
	owner.controller == true
][0]

# The pod's node, as {text, ready, unknown}; undefined for one that is known to run nothing any more.
_node(name) := {"text": "(Ready)", "ready": true, "unknown": set()} if {
	readiness.of(_shown(name)) == "True"
} else := {"text": "(NotReady)", "ready": false, "unknown": set()} if {
	readiness.of(_shown(name)) != ""
	not readiness.out_of_service(_shown(name))
} else := {"text": "(whose state nobody showed)", "ready": false, "unknown": {meta.key("v1", "Node", "", name) | readiness.out_of_service(_shown(name))}} if {
	readiness.of(_shown(name)) == ""
} else := {"text": "(which nobody showed)", "ready": false, "unknown": {meta.key("v1", "Node", "", name)}} if {
	not _nodes_shown
}

_shown(name) := data.inventory.cluster.v1.Node[name]

_nodes_shown if {
	some _ in data.inventory.cluster.v1.Node
}

# What a second pod of that name could do, as {text, data, unknown}; undefined for one that shares everything and is
# promised to nobody.
_harm(pod) := {
	"text": sprintf("its successor may write to %s beside it", [_claims_text([sprintf("%s (%s)", [claim.metadata.name, _modes(claim)]) | some claim in claims])]),
	"data": true,
	"unknown": set(),
} if {
	claims := [claim | some claim in _exclusive(pod); not classify.disposable(claim)]
	count(claims) > 0
} else := {
	"text": sprintf("its successor may write to %s, which nobody showed, beside it", [_claims_text(names)]),
	"data": true,
	"unknown": {meta.key("v1", "PersistentVolumeClaim", meta.namespace(pod), name) | some name in names},
} if {
	names := sort({used.name | some used in workload.claims(pod); not storage.claim(meta.namespace(pod), used.name)})
	count(names) > 0
} else := {
	"text": sprintf("StatefulSet %s may start a second %s beside it", [_set(pod), pod.metadata.name]),
	"data": false,
	"unknown": set(),
} if {
	count(_exclusive(pod)) == 0
}

# Claims that the pod writes to and that name no mode for several nodes, in the order of their names.
_exclusive(pod) := [claim |
	some name in sort({used.name | some used in workload.claims(pod)})
	claim := storage.claim(meta.namespace(pod), name)
	count(storage.modes(claim) & {"ReadWriteMany", "ReadOnlyMany"}) == 0
]

_modes(claim) := concat(" and ", storage.modes(claim)) if {
	count(storage.modes(claim)) > 0
} else := "access modes not shown"

_claims_text(names) := sprintf("claim %s", [text.few(names)]) if {
	count(names) == 1
} else := sprintf("claims %s", [text.few(names)])

_severity(harm, wait, node) := "high" if {
	harm.data
	not _ends_soon(wait, node)
} else := "medium"

_ends_soon(wait, node) if {
	wait.own
	node.ready
}

_named(unknown) := {"unknown": unknown} if {
	count(unknown) > 0
} else := {}
