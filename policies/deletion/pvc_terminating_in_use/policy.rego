# METADATA
# title: A claim in use is not waiting to be deleted
# description: |
#   A claim that was deleted while pods use it looks healthy: it is Bound, the database runs, and only the finalizer
#   kubernetes.io/pvc-protection keeps it. With the last pod that uses it, at the next drain, restart or upgrade, claim
#   and volume go, and with reclaim policy Delete or Recycle the data too. The mark cannot be taken back; the volume can
#   be made to keep its data as long as a pod holds on. Medium where it does so already (Retain): then the next pod
#   cannot start, and the data lies in a volume that nothing claims.
#   The finalizer goes within seconds once no pod uses the claim. One that is still there after five minutes tells of a
#   pod that nobody showed: Gatekeeper's inventory leaves out pods that are being deleted themselves, such as one that
#   hangs on a node that does not answer. Not reported are teardowns that someone meant: of the whole namespace (which
#   that inventory leaves out as well), of what may be lost, or with an approval that has not run out.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
#     description: how long a deleted claim stays
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/volume/pvcprotection/pvc_protection_controller.go
#     description: podUsesPVCForDeletion, which pods keep a claim
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/
#     description: how to keep the data
#   - ref: https://github.com/open-policy-agent/gatekeeper/blob/v3.23.1/pkg/controller/sync/sync_controller.go
#     description: what is being deleted leaves Gatekeeper's inventory
# custom:
#   severities: [critical, medium]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Restart, drain and scale nothing before the volume keeps its data:
#     kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     Take a snapshot or a backup, and save the claim (kubectl get pvc NAME -n NAMESPACE -o yaml).
#     Then let it go in a window of your choice: stop its pods, wait until the claim is gone, free the volume of the
#     old claim, and create the claim again with spec.volumeName: VOLUME:
#     kubectl patch pv VOLUME --type=json -p '[{"op":"remove","path":"/spec/claimRef/uid"},{"op":"remove","path":"/spec/claimRef/resourceVersion"}]'
#     If the data may go, say so: kubectl annotate pvc NAME -n NAMESPACE data-guard.dev/data=false
#   match:
#     kinds: [{apiGroups: [""], kinds: [PersistentVolumeClaim]}]
#   asks: [state]
#   admission: false
#   admissionReason: no request makes it so; it comes about with time, and deleting a claim in use is asked about by another policy
#   reads: [v1/Namespace, v1/PersistentVolume, v1/Pod]
#   parameters: {type: object, default: {}}
package pvc_terminating_in_use

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.clock
import data.lib.fate
import data.lib.meta
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.terminating("pvc-terminating-in-use", _problems(asked.terminating))
}

_problems(claim) := {object.union(
	{
		"msg": sprintf("%s was deleted at %s, and %s: then %s%s", [meta.name(claim), claim.metadata.deletionTimestamp, users.text, end.text, approval.refused(claim)]),
		"field": "/metadata/deletionTimestamp",
		"severity": end.severity,
		"related": array.concat(end.related, users.related),
	},
	_named(array.concat(end.unknown, users.unknown)),
) |
	"kubernetes.io/pvc-protection" in claim.metadata.finalizers
	not fate.never_bound(claim)
	not classify.disposable(claim)
	not approval.holds(claim)
	not _torn_down(meta.namespace(claim))
	users := _users(claim)
	end := _end(claim, fate.of(claim))
}

# A namespace that is being deleted takes its claims with it. Where others are shown and it is not, it is one.
_torn_down(ns) if meta.going(data.inventory.cluster.v1.Namespace[ns])

_torn_down(ns) if {
	not data.inventory.cluster.v1.Namespace[ns]
	some _ in data.inventory.cluster.v1.Namespace
}

# What keeps the claim, as {text, related, unknown}; undefined where its finalizer may only be on its way out.
_users(claim) := {
	"text": sprintf("stays only until %s", [_gone(names)]),
	"related": [meta.key("v1", "Pod", meta.namespace(claim), name) | some name in names],
	"unknown": [],
} if {
	names := _pods(claim)
	count(names) > 0
} else := {
	"text": "may stay only until a pod that nobody showed is gone, as its finalizer says",
	"related": [],
	"unknown": [sprintf("v1/Pod of %s", [meta.key("v1", "PersistentVolumeClaim", meta.namespace(claim), meta.simple(claim))])],
} if {
	not _recent(claim)
}

# Pods with a node keep a claim whatever their phase; an ephemeral claim goes with its pod, as it should.
_pods(claim) := sort({name |
	some name, pod in data.inventory.namespace[meta.namespace(claim)].v1.Pod
	not object.get(pod, ["spec", "nodeName"], "") in {"", null}
	some volume in pod.spec.volumes
	volume.persistentVolumeClaim.claimName == meta.simple(claim)
})

_recent(claim) if clock.instant(claim.metadata.deletionTimestamp) > time.now_ns() - clock.minutes(5)

_gone(names) := sprintf("pod %s is gone", [text.few(names)]) if {
	count(names) == 1
} else := sprintf("pods %s are gone", [text.few(names)])

# What happens to the data, as {text, severity, related, unknown}.
_end(_, end) := {
	"text": sprintf("the data lies in volume %s (%s, reclaim policy Retain), which nothing claims", [end.volume, _size(end)]),
	"severity": "medium",
	"related": [meta.key("v1", "PersistentVolume", "", end.volume)],
	"unknown": [],
} if {
	end.policy == "Retain"
} else := {
	"text": sprintf("the data goes with volume %s (%s), whose reclaim policy is %v", [end.volume, _size(end), end.policy]),
	"severity": "critical",
	"related": [meta.key("v1", "PersistentVolume", "", end.volume)],
	"unknown": [],
} if {
	end.policy != ""
} else := {
	"text": sprintf("the data may go with volume %s (%s), which nobody showed", [end.volume, _size(end)]),
	"severity": "critical",
	"related": [],
	"unknown": [meta.key("v1", "PersistentVolume", "", end.volume)],
} if {
	end.volume != ""
}

_end(claim, end) := {
	"text": sprintf("the data may go with its volume (%s), which nobody showed", [_size(end)]),
	"severity": "critical",
	"related": [],
	"unknown": [sprintf("v1/PersistentVolume of %s", [meta.key("v1", "PersistentVolumeClaim", meta.namespace(claim), meta.simple(claim))])],
} if {
	end.volume == ""
}

_size(end) := "size not shown" if {
	end.size == ""
} else := sprintf("%v", [end.size])

_named(unknown) := {"unknown": unknown} if {
	count(unknown) > 0
} else := {}
