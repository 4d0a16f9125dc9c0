# METADATA
# title: A volume that keeps its data goes on doing so
# description: |
#   The reclaim policy can be changed at any time, and counts when the claim goes. On a volume whose claim is gone
#   already (Released, Failed) it acts at once: the volume controller deletes or scrubs within seconds of the change.
#   Low for a volume that nothing has claimed, and where nothing deletes: static NFS, iSCSI, FC and local volumes with
#   Delete fail and keep their data.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
#     description: what happens to a released volume
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/volume/persistentvolume/pv_controller.go
#     description: syncVolume, which reclaims each volume whose claim is gone, and reclaimVolume
#   - ref: https://docs.pingcap.com/tidb-in-kubernetes/stable/configure-storage-class/
#     description: TiDB Operator sets Delete where enablePVReclaim or a cleaner asks for it
# custom:
#   severities: [high, critical, low]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Leave Retain. To give up the data of a volume on purpose, say so first, in a request of its own, and delete the
#     claim before the volume:
#     kubectl annotate pv NAME data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [""], kinds: [PersistentVolume]}]
#   asks: [update]
#   reads: [v1/Namespace, v1/PersistentVolumeClaim]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       actors:
#         description: |
#           Exact names of users that may change it without approval: operators that set Delete before they give a
#           volume up, such as TiDB Operator's cleaner. Add those of this cluster.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:tidb-admin:tidb-controller-manager
package pv_reclaim_downgrade

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.storage
import data.lib.verdict

violation contains v if {
	some v in verdict.update("pv-reclaim-downgrade", _problems(asked.update.old, asked.update.new))
}

_problems(old, new) := {{
	"msg": sprintf("%s (%s) has its reclaim policy changed from Retain to %s: %s%s", [
		meta.name(new),
		object.get(old, ["spec", "capacity", "storage"], "size not shown"),
		storage.reclaim(new),
		effect.text,
		approval.refused(old),
	]),
	"field": "/spec/persistentVolumeReclaimPolicy",
	"severity": effect.severity,
} |
	storage.retained(old)
	not storage.retained(new)
	not _listed
	not approval.holds(old)
	not _disposable(old, new)
	effect := _effect(old, storage.reclaim(new))
}

_listed if asked.user in input.parameters.actors

_disposable(old, new) if {
	classify.disposable_volume(old)
	classify.disposable_volume(new)
}

_effect(old, policy) := {"severity": "low", "text": "nothing deletes a volume of this kind, so it fails when its claim is gone, and keeps its data"} if {
	policy == "Delete"
	_without_deleter(old)
} else := {"severity": "critical", "text": sprintf("it is %s, so its data is deleted at once", [old.status.phase])} if {
	old.status.phase in {"Failed", "Released"}
} else := {"severity": "critical", "text": sprintf("its claim %s is being deleted, and the data goes with it", [meta.qualified(claim)])} if {
	claim := storage.claim(old.spec.claimRef.namespace, old.spec.claimRef.name)
	meta.going(claim)
} else := {"severity": "low", "text": "nothing has claimed it; the data of the next claim goes with that"} if {
	old.status.phase in {"Available", "Pending"}
} else := {"severity": "high", "text": sprintf("its data goes with claim %s", [name])} if {
	name := sprintf("%s/%s", [old.spec.claimRef.namespace, old.spec.claimRef.name])
} else := {"severity": "high", "text": "its data goes with its claim"}

# What is in the tree of Kubernetes only mounts, and a provisioner deletes what it has made
# (sig-storage-lib-external-provisioner controller.go, shouldDelete).
_without_deleter(volume) if {
	some source in ["fc", "iscsi", "local", "nfs"]
	is_object(volume.spec[source])
	not volume.metadata.annotations["pv.kubernetes.io/provisioned-by"]
}
