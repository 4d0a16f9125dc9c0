# METADATA
# title: A claim is deleted only by someone who said so before
# description: |
#   Deleting a claim releases its volume, and a volume with reclaim policy Delete or Recycle takes the data with
#   it within seconds, or as soon as the last pod that uses it ends: the deletion of a claim cannot be taken back.
#   The volume itself cannot be protected: nothing asks before a released volume is reclaimed. The claim's deletion
#   is the last moment at which someone can say no.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
#     description: what happens to a released volume
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/
#     description: how to keep the data
# custom:
#   severities: [critical, medium]
#   incidents: [nfs-recycle-postgres, federated-namespace-deletion]
#   supersedes: [helm-removed-data-object]
#   remediation: |
#     Keep the data first: kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     Then allow the deletion for an hour, in a request of its own:
#     kubectl annotate pvc NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [""], kinds: [PersistentVolumeClaim]}]
#   asks: [delete]
#   reads: [v1/Namespace, v1/PersistentVolume]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       cascadeActors:
#         description: |
#           Exact names of users that may delete claims without approval, because the decision was made where
#           they were sent from: the namespace's deletion, the StatefulSet's retention policy, an operator's resource.
#           Add the service accounts of operators that scale down; empty the list to ask everybody.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:kube-system:namespace-controller
#           - system:serviceaccount:kube-system:generic-garbage-collector
#           - system:serviceaccount:kube-system:statefulset-controller
#           - system:kube-controller-manager
package protect_pvc_delete

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.fate
import data.lib.meta
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("protect-pvc-delete", _problems(asked.delete))
}

_problems(claim) := {object.union(
	{
		"msg": sprintf("%s is to be deleted: %s%s", [meta.name(claim), effect.text, approval.refused(claim)]),
		"field": "",
		"severity": effect.severity,
	},
	object.filter(effect, ["unknown", "related"]),
) |
	not fate.never_bound(claim)
	not _cascade
	not classify.disposable(claim)
	not approval.holds(claim)
	effect := _effect(claim, fate.of(claim))
}

_cascade if asked.user in input.parameters.cascadeActors

_effect(_, end) := {
	"severity": "medium",
	"text": sprintf("its volume %s (%s) has reclaim policy Retain, so the data stays in a volume that nothing claims", [end.volume, _size(end)]),
	"related": [meta.key("v1", "PersistentVolume", "", end.volume)],
} if {
	end.policy == "Retain"
} else := {
	"severity": "critical",
	"text": sprintf("its volume %s (%s) has reclaim policy %v, so the data goes with it", [end.volume, _size(end), end.policy]),
	"related": [meta.key("v1", "PersistentVolume", "", end.volume)],
} if {
	end.policy != ""
} else := {
	"severity": "critical",
	"text": sprintf("nobody showed its volume %s (%s), so the data may go with it", [end.volume, _size(end)]),
	"unknown": [meta.key("v1", "PersistentVolume", "", end.volume)],
} if {
	end.volume != ""
}

_effect(claim, end) := {
	"severity": "critical",
	"text": sprintf("nobody showed which volume it is bound to (%s), so the data may go with it", [_size(end)]),
	"unknown": [sprintf("v1/PersistentVolume of %s", [meta.key("v1", "PersistentVolumeClaim", meta.namespace(claim), meta.simple(claim))])],
} if {
	end.volume == ""
}

_size(end) := "size not shown" if {
	end.size == ""
} else := sprintf("%v", [end.size])
