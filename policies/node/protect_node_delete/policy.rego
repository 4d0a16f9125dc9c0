# METADATA
# title: A node is deleted only when no data depends on it
# description: |
#   Deleting a Node does not stop the machine. Its pods are struck off within minutes, stopped or not, and volumes that
#   it has mounted are detached without the check that it let go of them: a node that is only cut off goes on writing
#   while its replacement does. Volumes on its disk can be used by nobody until it is back, and controllers that clean
#   up after nodes (TopoLVM, the node cleanup of local-static-provisioner) delete their claims.
#   Critical for volumes that the node reports in use, for volumes that TopoLVM deletes with it, and for volumes on the
#   disk of a machine that Karpenter terminates with it; high for other volumes attached, other pods with data and
#   other volumes on its disk. A node without data is nobody's business. What Karpenter drains first, and what an
#   out-of-service taint has already taken from a node that is not ready, is not reported.
# related_resources:
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/operationexecutor/operation_generator.go
#     description: verifyVolumeIsSafeToDetach, which a missing Node passes
#   - ref: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podgc/gc_controller.go
#     description: pods of a missing Node are deleted by force
#   - ref: https://github.com/topolvm/topolvm/blob/main/internal/controller/node_controller.go
#     description: TopoLVM deletes claims and logical volumes of a Node that is deleted
#   - ref: https://github.com/kubernetes-sigs/sig-storage-local-static-provisioner/blob/master/docs/node-cleanup-controller.md
#     description: claims of local volumes are deleted after their Node
#   - ref: https://karpenter.sh/docs/concepts/disruption/
#     description: what Karpenter's finalizer does before the Node and its machine go
# custom:
#   severities: [critical, high]
#   incidents: [force-detach-double-write, kubelet-dir-move]
#   remediation: |
#     Empty the node first, and wait until nothing is attached to it:
#     kubectl drain NAME --ignore-daemonsets
#     kubectl get volumeattachments
#     If it cannot be reached, power it off, and prove it; then take it out of service instead of deleting it:
#     kubectl taint nodes NAME node.kubernetes.io/out-of-service=nodeshutdown:NoExecute
#     Copy what is on its disk (kubectl get pv -o wide) before the machine goes.
#     Then allow the deletion for an hour, in a request of its own:
#     kubectl annotate node NAME data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [""], kinds: [Node]}]
#   asks: [delete]
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
#       lifecycleActors:
#         description: |
#           Exact names of users that may delete nodes without approval, because they know that the machine is gone or
#           emptied it first: cloud controller managers, autoscalers, machine controllers. Add those of this cluster.
#           Cluster API comes into the clusters that it manages as kubernetes-admin, which people are too: name it
#           here only where nobody else has that certificate.
#         type: array
#         items: {type: string}
#         default:
#           - system:cloud-controller-manager
#           - system:kube-controller-manager
#           - system:serviceaccount:kube-system:cloud-controller-manager
#           - system:serviceaccount:kube-system:cluster-autoscaler
#           - system:serviceaccount:kube-system:karpenter
#           - system:serviceaccount:kube-system:node-controller
#           - system:serviceaccount:karpenter:karpenter
#           - system:serviceaccount:capi-system:capi-manager
#           - system:serviceaccount:openshift-machine-api:machine-api-controllers
package protect_node_delete

import data.lib.approval
import data.lib.asked
import data.lib.hosted
import data.lib.meta
import data.lib.readiness
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("protect-node-delete", _problems(asked.delete))
}

_problems(node) := {object.union(
	{
		"msg": sprintf("%s is to be deleted%s%s", [meta.name(node), harm.text, approval.refused(node)]),
		"field": harm.field,
		"severity": harm.severity,
	},
	object.filter(harm, ["unknown"]),
) |
	not _lifecycle
	not approval.holds(node)
	some harm in _harms(node)
}

_lifecycle if asked.user in input.parameters.lifecycleActors

_harms(node) := {_harm(_kinds[kind], things) |
	attached := hosted.attached(node)
	on_disk := hosted.on_disk(node)
	some [kind, things] in (_held(node, attached, on_disk) | _kept(node, on_disk))
	count(things) > 0
} | _unseen(node)

# What may go on writing elsewhere. Karpenter empties a node before it lets it go, and what is out of service has been
# taken from it already.
_held(node, attached, on_disk) := set() if {
	_let_go(node)
} else := {_volumes(node, attached), ["pods", pods]} if {
	told := union({volume.names | some volume in (attached | on_disk)})
	pods := {pod | some pod in hosted.pods(node); count(pod.volumes & told) == 0}
}

# Volumes that the node reports in use are worse than those that are only attached; where it reports nothing at all,
# each may be in use.
_volumes(node, attached) := ["in use", mounted] if {
	mounted := {volume | some volume in attached; volume.mounted}
	count(mounted) > 0
} else := ["attached", attached] if {
	_reports(node)
} else := ["in use", {object.union(volume, {"unknown": union({volume.unknown, {_key(node)}})}) | some volume in attached}]

# What is lost or out of reach with the node's disk.
_kept(node, on_disk) := {["topolvm", topolvm], [_disk(node), on_disk - topolvm]} if {
	topolvm := {volume | some volume in on_disk; _finalized_by_topolvm(node); volume.driver in _topolvm}
}

_disk(node) := "terminated" if {
	_finalized_by_karpenter(node)
} else := "disk"

_unseen(node) := {{
	"text": ", and nobody showed its status: volumes may be in use on it, and another node may get their data without a check that this one has stopped writing",
	"field": "/status",
	"severity": "critical",
	"unknown": [_key(node)],
} |
	not _reports(node)
	not _let_go(node)
	count(hosted.attached(node)) == 0
} | {{
	"text": ", and nobody showed which volumes TopoLVM has on its disk: TopoLVM deletes their claims and logical volumes, and the data may go with them",
	"field": "/metadata/finalizers",
	"severity": "critical",
	"unknown": [sprintf("v1/PersistentVolume of %s", [_key(node)])],
} |
	_finalized_by_topolvm(node)
	not _volumes_shown
}

# Gatekeeper's inventory keeps the empty set of a kind whose last object is gone.
_volumes_shown if count(data.inventory.cluster.v1.PersistentVolume) > 0

_reports(node) if readiness.of(node) != ""

_let_go(node) if _finalized_by_karpenter(node)

_let_go(node) if {
	readiness.out_of_service(node)
	readiness.of(node) in {"False", "Unknown"}
}

_finalized_by_karpenter(node) if "karpenter.sh/termination" in node.metadata.finalizers

_finalized_by_topolvm(node) if {
	some finalizer in node.metadata.finalizers
	finalizer in {"topolvm.cybozu.com/node", "topolvm.io/node"}
}

_topolvm := {"topolvm.cybozu.com", "topolvm.io"}

# Things that are known come before those that may be there.
_harm(kind, things) := object.union(object.filter(kind, ["field", "severity"]), {"text": sprintf(kind.sure, _counted(kind, sure))}) if {
	sure := {thing | some thing in things; count(thing.unknown) == 0}
	count(sure) > 0
} else := object.union(object.filter(kind, ["field", "severity"]), {
	"text": sprintf(kind.doubt, _counted(kind, things)),
	"unknown": sort(union({thing.unknown | some thing in things})),
})

_counted(kind, things) := [
	text.counted(count(things), kind.noun),
	text.few(sort({thing.text | some thing in things})),
]

_key(node) := meta.key("v1", "Node", "", meta.simple(node))

_kinds := {
	"in use": {
		"noun": "volume",
		"sure": " with %s in use on it (%s): another node can get the data without a check that this one has stopped writing, which corrupts it",
		"doubt": " with %s that may be in use on it (%s): another node may get the data without a check that this one has stopped writing, which corrupts it",
		"field": "/status/volumesInUse",
		"severity": "critical",
	},
	"attached": {
		"noun": "volume",
		"sure": " with %s attached to it (%s): another node can get the data without a check that this one has let go of it",
		"doubt": " with %s that may be attached to it (%s): another node may get the data without a check that this one has let go of it",
		"field": "/status/volumesAttached",
		"severity": "high",
	},
	"pods": {
		"noun": "pod",
		"sure": " with data in %s on it (%s): within minutes Kubernetes counts what runs there as gone, stopped or not, and starts it elsewhere",
		"doubt": " with data that may be in %s on it (%s): within minutes Kubernetes counts what runs there as gone, stopped or not, and starts it elsewhere",
		"field": "",
		"severity": "high",
	},
	"topolvm": {
		"noun": "volume",
		"sure": " with %s of TopoLVM on its disk (%s): TopoLVM deletes claims and logical volumes with their node, and the data goes with them",
		"field": "/metadata/finalizers",
		"severity": "critical",
	},
	"terminated": {
		"noun": "volume",
		"sure": " with %s on its disk (%s): Karpenter terminates the machine with the node, and the data goes with it",
		"field": "/metadata/finalizers",
		"severity": "critical",
	},
	"disk": {
		"noun": "volume",
		"sure": " with %s on its disk (%s): no pod can use the data until a node of that name is back, and what cleans up after nodes takes it for lost",
		"field": "/metadata/name",
		"severity": "high",
	},
}
