# METADATA
# title: A volume that holds data is deleted only by someone who said so before
# description: |
#   Deleting a bound volume shows nothing at first: it is only marked, and stays until its claim is gone. The mark cannot
#   be taken back. When the claim goes, for whatever reason, Kubernetes since 1.31 deletes the storage behind a volume with
#   reclaim policy Delete, which before was left alone in that order. Of a volume that was released, the object is the
#   last that knows where its data lies. One that waits for its first claim holds nothing.
# related_resources:
#   - ref: https://github.com/kubernetes/enhancements/tree/master/keps/sig-storage/2644-honor-pv-reclaim-policy
#     description: the reclaim policy is honoured when the volume is deleted first, stable since 1.33
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
#     description: a bound volume that is deleted stays until its claim is gone
# custom:
#   severities: [high, medium]
#   incidents: [nfs-recycle-postgres]
#   supersedes: [helm-removed-data-object]
#   remediation: |
#     Leave bound volumes alone: who no longer needs one deletes its claim. To keep what is in it, first:
#     kubectl patch pv NAME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     Then allow the deletion for an hour, in a request of its own:
#     kubectl annotate pv NAME data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [""], kinds: [PersistentVolume]}]
#   asks: [delete]
#   reads: [v1/Namespace, v1/PersistentVolumeClaim]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       cascadeActors:
#         description: |
#           Exact names of users that may delete volumes without approval, because they do so after a claim is gone: the
#           volume controller and provisioners. A provisioner deletes released volumes only, so one that is missing here
#           meets no more than severity medium. Add those of this cluster where they really run.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:kube-system:persistent-volume-binder
#           - system:serviceaccount:kube-system:pv-protection-controller
#           - system:kube-controller-manager
#           - system:serviceaccount:kube-system:csi-azuredisk-controller-sa
#           - system:serviceaccount:kube-system:csi-cinder-controller-sa
#           - system:serviceaccount:kube-system:csi-nfs-controller-sa
#           - system:serviceaccount:kube-system:ebs-csi-controller-sa
#           - system:serviceaccount:local-path-storage:local-path-provisioner-service-account
#           - system:serviceaccount:longhorn-system:longhorn-service-account
#           - system:serviceaccount:rook-ceph:rook-csi-cephfs-provisioner-sa
#           - system:serviceaccount:rook-ceph:rook-csi-rbd-provisioner-sa
#           - system:serviceaccount:topolvm-system:topolvm-controller
package protect_pv_delete

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.storage
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("protect-pv-delete", _problems(asked.delete))
}

_problems(volume) := {object.union(
	{
		"msg": sprintf("%s%s is to be deleted: %s%s", [meta.name(volume), _size(volume), effect.text, approval.refused(volume)]),
		"field": "",
		"severity": effect.severity,
	},
	object.filter(effect, ["unknown", "related"]),
) |
	not _cascade
	not classify.disposable_volume(volume)
	not approval.holds(volume)
	effect := _effect(volume, object.get(volume, ["status", "phase"], ""))
}

_cascade if asked.user in input.parameters.cascadeActors

# Undefined for a volume that holds nothing.
_effect(volume, phase) := {
	"severity": _severity(volume),
	"text": sprintf("it is bound%s, the deletion cannot be taken back, and when the claim goes %s", [_claim(volume), _end(volume)]),
	"related": _related(volume),
} if {
	phase == "Bound"
} else := {
	"severity": "medium",
	"text": sprintf("its claim%s is gone, and %s", [_name_of_claim(volume), _left(volume)]),
} if {
	phase in {"Released", "Failed"}
} else := {
	"severity": _severity(volume),
	"text": "it is marked as holding data, and nothing else in the cluster knows where that is",
} if {
	classify.declared(volume)
} else := {
	"severity": _severity(volume),
	"text": sprintf("nobody showed whether it is bound%s; if it is, the deletion cannot be taken back, and when the claim goes %s", [_claim(volume), _may_end(volume)]),
	"unknown": [sprintf("status of %s", [meta.key("v1", "PersistentVolume", "", meta.simple(volume))])],
	"related": _related(volume),
} if {
	not phase in {"Available", "Pending"}
}

_severity(volume) := "medium" if {
	storage.retained(volume)
} else := "high"

_end(volume) := "nothing in the cluster knows where the data is (reclaim policy Retain)" if {
	storage.retained(volume)
} else := sprintf("the data goes with it (reclaim policy %v)", [storage.reclaim(volume)])

_may_end(volume) := _end(volume) if {
	storage.retained(volume)
} else := sprintf("the data may go with it (reclaim policy %v)", [storage.reclaim(volume)])

_left(volume) := "nothing else in the cluster knows where its data is" if {
	storage.retained(volume)
} else := sprintf("what is left of its data may go with it (reclaim policy %v)", [storage.reclaim(volume)])

_claim(volume) := sprintf(" to %s/%s", [ref.namespace, ref.name]) if {
	ref := volume.spec.claimRef
} else := ""

_name_of_claim(volume) := trim_prefix(_claim(volume), " to")

_related(volume) := [meta.key("v1", "PersistentVolumeClaim", ref.namespace, ref.name)] if {
	ref := volume.spec.claimRef
} else := []

_size(volume) := sprintf(" (%v)", [size]) if {
	size := volume.spec.capacity.storage
} else := ""
