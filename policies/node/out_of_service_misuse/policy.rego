# METADATA
# title: A node is taken out of service only when it is off
# description: |
#   Taint node.kubernetes.io/out-of-service says that a node is powered off. Kubernetes believes it: it deletes pods
#   there by force and detaches volumes at once, mounted or not, whatever the taint's effect. A node that is only cut
#   off, overloaded or on its way back goes on writing while another one does, and the data on the volume is corrupt.
#   Reported when the taint is added to a node that is Ready, that may have stopped less than minDown seconds ago, or
#   of which nobody showed a status, and as long as it stays on a node that is Ready. Critical with volumes that can be
#   attached elsewhere, high with other pods that hold data, low without data.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown
#     description: verify that the node is off before the taint, and remove it after recovery
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/volume/attachdetach/reconciler/reconciler.go
#     description: the taint replaces the check that a volume is safe to detach, and nobody asks whether the node is Ready
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/nodelifecycle/node_lifecycle_controller.go
#     description: NotReady is False while the kubelet answers, and Unknown once it has stopped
#   - ref: https://github.com/kubernetes-sigs/cloud-provider-azure/pull/4508
#     description: a cloud provider that adds the taint when the machine is off
# custom:
#   severities: [critical, high, low]
#   incidents: [force-detach-double-write]
#   remediation: |
#     Power the machine off, or have it fenced, and see for yourself that it is off (its console, its power supply, the
#     cloud's own view); a node that does not answer may still be writing. Then add the taint.
#     Remove it as soon as the node is to work again, before it is Ready:
#     kubectl taint nodes NAME node.kubernetes.io/out-of-service-
#     Who has proof earlier writes it on the node, in a request of its own:
#     kubectl annotate node NAME data-guard.dev/exempt.out-of-service-misuse='until=YYYY-MM-DD; by=WHO; reason=powered off'
#   match:
#     kinds: [{apiGroups: [""], kinds: [Node]}]
#   asks: [state, update]
#   reads:
#     - storage.k8s.io/v1/VolumeAttachment
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#     - v1/Pod
#   parameters:
#     type: object
#     default: {}
#     properties:
#       minDown:
#         description: For how many seconds nothing may have been heard of a node before it counts as off.
#         type: integer
#         minimum: 0
#         default: 300
#       fencers:
#         description: |
#           Exact names of users that may add the taint at any time, because they have powered the machine off or seen
#           that it is: fencing agents, cloud controller managers. Add those of this cluster.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:kube-system:cloud-controller-manager
#           - system:serviceaccount:fence-agents-remediation:fence-agents-remediation-controller-manager
#           - system:serviceaccount:openshift-workload-availability:fence-agents-remediation-controller-manager
package out_of_service_misuse

import data.lib.asked
import data.lib.clock
import data.lib.hosted
import data.lib.meta
import data.lib.readiness
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.state("out-of-service-misuse", _problems(asked.object), {p | some p in _problems(asked.before)})
}

# A request that adds the taint cannot exempt itself.
violation contains v if {
	_added
	some v in verdict.update("out-of-service-misuse", _problems(asked.update.new))
}

_added if {
	old := asked.update.old
	not readiness.out_of_service(old)
}

_problems(node) := {object.union(
	{
		"msg": sprintf("%s %s taint node.kubernetes.io/out-of-service %s: %s", [meta.name(node), _verb, sign.text, stake.text]),
		"field": meta.pointer(["spec", "taints", i, "key"]),
		"severity": stake.severity,
	},
	_named(union({sign.unknown, stake.unknown})),
) |
	i := min({j | some j, taint in node.spec.taints; taint.key == "node.kubernetes.io/out-of-service"})
	not _fenced
	sign := _sign(node)
	stake := _stake(node)
}

_fenced if asked.user in input.parameters.fencers

_verb := "gets" if {
	_added
} else := "has"

# What says that the node may be running; undefined for one that has been silent for long enough.
_sign(node) := {"text": "while it is Ready", "unknown": set()} if {
	readiness.of(node) == "True"
} else := {"text": "while nobody showed whether it is Ready", "unknown": {_key(node)}} if {
	readiness.of(node) == ""
} else := {"text": sprintf("though its kubelet answered at %s", [heard]), "unknown": set()} if {
	_adding
	readiness.of(node) == "False"
	heard := readiness.condition(node).lastHeartbeatTime
	_since(heard) < max([input.parameters.minDown, _report_seconds])
} else := {"text": sprintf("though it is NotReady only since %s", [changed]), "unknown": set()} if {
	_adding
	changed := readiness.condition(node).lastTransitionTime
	_since(changed) < input.parameters.minDown
} else := {"text": "though nobody showed since when it is NotReady", "unknown": {_key(node)}} if {
	_adding
	not _since(object.get(readiness.condition(node), "lastTransitionTime", ""))
}

# A state question is about a node that works with the taint on it; how long it took to get there is no matter then.
_adding if _added

_adding if input.review.operation == "CREATE"

# A kubelet whose status does not change writes it every five minutes, the first time up to half as much later
# (pkg/kubelet/kubelet_node_status.go, isUpdateStatusPeriodExpired and calculateDelay).
_report_seconds := 450

_since(moment) := (time.now_ns() - clock.instant(moment)) / 1000000000

# The worst that the taint can do on this node, as far as anybody showed what is on it.
_stake(node) := object.union(_of("volume", attached, _volumes), {"severity": "critical"}) if {
	attached := hosted.attached(node)
	count(attached) > 0
} else := {
	"text": "volumes may be attached elsewhere while this node may still be writing, which corrupts the data",
	"unknown": {_key(node)},
	"severity": "critical",
} if {
	readiness.of(node) == ""
} else := object.union(_of("pod", pods, _pods), {"severity": "high"}) if {
	# A pod that needs this node's disk starts nowhere else.
	on_disk := union({volume.names | some volume in hosted.on_disk(node)})
	pods := {pod | some pod in hosted.pods(node); count(pod.volumes & on_disk) == 0}
	count(pods) > 0
} else := {
	"text": "what is attached to it later is taken from it again without a check that it has let go",
	"unknown": set(),
	"severity": "low",
}

# Things that are known come before those that may be there.
_of(noun, things, says) := {"text": sprintf(says.sure, _counted(noun, sure)), "unknown": set()} if {
	sure := {thing | some thing in things; count(thing.unknown) == 0}
	count(sure) > 0
} else := {"text": sprintf(says.doubt, _counted(noun, things)), "unknown": union({thing.unknown | some thing in things})}

_volumes := {
	"sure": "%s (%s) can be attached elsewhere while this node may still be writing, which corrupts the data",
	"doubt": "%s (%s) may be attached elsewhere while this node may still be writing, which corrupts the data",
}

_pods := {
	"sure": "another pod can write to the data of %s (%s) while this node may still be writing",
	"doubt": "another pod may write to the data of %s (%s) while this node may still be writing",
}

_counted(noun, things) := [
	text.counted(count(things), noun),
	text.few(sort({thing.text | some thing in things})),
]

_key(node) := meta.key("v1", "Node", "", meta.simple(node))

_named(unknown) := {"unknown": sort(unknown)} if {
	count(unknown) > 0
} else := {}
