# METADATA
# title: A finalizer that protects data is removed only by its controller
# description: |
#   A finalizer holds an object back until a controller has made sure that its deletion is safe. That an object is
#   stuck in deletion says that the controller cannot finish, not that the data is safe; stripped by hand, it goes.
#   A TiDB backup may go when the operator wrote a status without backupPath, or when someone looked, found nothing
#   under that path, and wrote the path into annotation data-guard.dev/empty-backup, in an earlier request.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
#     description: why an object stays, and why not to remove finalizers by hand
#   - ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
#     description: what the finalizers of claims and volumes wait for
#   - ref: https://github.com/pingcap/tidb-operator/blob/release-1.x/pkg/controller/backup/backup_control.go
#     description: when the operator itself takes the finalizer of a backup away
#   - ref: https://github.com/kubernetes-csi/external-snapshotter/blob/master/pkg/utils/util.go
#     description: finalizers of snapshots and of the claims they are taken from
# custom:
#   severities: [high]
#   incidents: [backup-finalizer-deadlock]
#   remediation: |
#     Find out why the controller cannot finish, and repair that: its logs, and
#     kubectl describe KIND NAME -n NAMESPACE
#     (a pod that still uses the claim, a driver that is gone, a backup store that cannot be reached).
#     For a TiDB backup whose path someone looked at and found empty:
#     kubectl annotate backup NAME -n NAMESPACE data-guard.dev/empty-backup=PATH
#     A controller of this cluster that is not listed belongs into parameter controllers, by its exact name.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, PersistentVolume, PersistentVolumeClaim]}
#       - {apiGroups: [snapshot.storage.k8s.io], kinds: [VolumeSnapshot, VolumeSnapshotContent]}
#       - {apiGroups: [pingcap.com, br.pingcap.com], kinds: [Backup]}
#       - {apiGroups: [ceph.rook.io], kinds: [CephBlockPool, CephCluster, CephFilesystem, CephObjectStore]}
#       - {apiGroups: [longhorn.io], kinds: [BackingImage, Backup, BackupVolume, Engine, Replica, Snapshot, Volume]}
#       - {apiGroups: [cassandra.datastax.com], kinds: [CassandraDatacenter]}
#       - {apiGroups: [postgres-operator.crunchydata.com], kinds: [PostgresCluster]}
#   asks: [update]
#   subresources: [status, finalize]
#   reads: [v1/Namespace]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       finalizers:
#         description: |
#           Finalizers that only their controllers may remove; one that ends with / stands for all that begin with it.
#           kubernetes is that of a namespace's spec. Finalizers that delete data (percona.com/delete-pxc-pvc,
#           resources-finalizer.argocd.argoproj.io) are not among them: removing those keeps data.
#         type: array
#         items: {type: string}
#         default:
#           - kubernetes
#           - kubernetes.io/pv-controller
#           - kubernetes.io/pv-protection
#           - kubernetes.io/pvc-protection
#           - external-attacher/
#           - external-provisioner.volume.kubernetes.io/finalizer
#           - snapshot.storage.kubernetes.io/pvc-as-source-protection
#           - snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection
#           - snapshot.storage.kubernetes.io/volumesnapshot-bound-protection
#           - snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection
#           - tidb.pingcap.com/backup-protection
#           - cephblockpool.ceph.rook.io
#           - cephcluster.ceph.rook.io
#           - cephfilesystem.ceph.rook.io
#           - cephobjectstore.ceph.rook.io
#           - longhorn.io
#           - finalizer.cassandra.datastax.com
#           - postgres-operator.crunchydata.com/finalizer
#       controllers:
#         description: |
#           Exact names of users that may remove them: Kubernetes' own controllers, and storage drivers and operators
#           where their charts put them. Add those of this cluster; nobody is exempt by the beginning of a name.
#         type: array
#         items: {type: string}
#         default:
#           - system:kube-controller-manager
#           - system:serviceaccount:kube-system:generic-garbage-collector
#           - system:serviceaccount:kube-system:namespace-controller
#           - system:serviceaccount:kube-system:persistent-volume-binder
#           - system:serviceaccount:kube-system:pv-protection-controller
#           - system:serviceaccount:kube-system:pvc-protection-controller
#           - system:serviceaccount:kube-system:snapshot-controller
#           - system:serviceaccount:kube-system:csi-azuredisk-controller-sa
#           - system:serviceaccount:kube-system:csi-nfs-controller-sa
#           - system:serviceaccount:kube-system:ebs-csi-controller-sa
#           - system:serviceaccount:longhorn-system:longhorn-service-account
#           - system:serviceaccount:rook-ceph:rook-ceph-system
#           - system:serviceaccount:rook-ceph:rook-csi-cephfs-provisioner-sa
#           - system:serviceaccount:rook-ceph:rook-csi-rbd-provisioner-sa
#           - system:serviceaccount:tidb-admin:tidb-controller-manager
#       breakGlassGroups:
#         description: Exact names of groups whose members may remove them in an emergency.
#         type: array
#         items: {type: string}
#         default: []
package protective_finalizer_removed

import data.lib.asked
import data.lib.classify
import data.lib.meta
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.update("protective-finalizer-removed", _problems(asked.update))
}

_problems(change) := {problem |
	not _trusted
	not _thrown_away(change)

	# Applying a manifest removes no finalizer that it never set.
	not asked.laid_over
	some field, lost in _lost(change)
	count(lost) > 0
	problem := {
		"msg": sprintf("%s loses %s%s", [meta.name(change.old), _named(lost), _effect(change, field, lost)]),
		"field": field,
		"severity": "high",
	}
}

_trusted if asked.user in input.parameters.controllers

_trusted if {
	some group in asked.groups
	group in input.parameters.breakGlassGroups
}

# Both sides say so: a request cannot declare its own object worthless.
_thrown_away(change) if {
	every side in [change.old, change.new] { _worthless(side) }
}

_worthless(obj) if classify.disposable(obj)

_worthless(obj) if {
	obj.kind == "Namespace"
	not classify.declared(obj)
	classify.disposable_namespace(obj)
}

# The API server takes spec.finalizers of a Namespace from nowhere but /finalize.
_lost(change) := {
	"/metadata/finalizers": {finalizer |
		some finalizer in (_finalizers(change.old, "metadata") - _finalizers(change.new, "metadata"))
		_protects(finalizer)
		not _nothing_to_clean(change.old, finalizer)
	},
	"/spec/finalizers": {finalizer |
		input.review.subResource == "finalize"
		some finalizer in (_finalizers(change.old, "spec") - _finalizers(change.new, "spec"))
		_protects(finalizer)
	},
}

_finalizers(obj, part) := {finalizer | some finalizer in obj[part].finalizers}

_protects(finalizer) if finalizer in input.parameters.finalizers

_protects(finalizer) if {
	some prefix in input.parameters.finalizers
	endswith(prefix, "/")
	startswith(finalizer, prefix)
}

# The operator does the same: without a path there is nothing to clean (pkg/backup/backup/backup_cleaner.go). The path
# is written before the upload begins, so that it is set proves nothing, and only a person can say that it is empty.
_nothing_to_clean(backup, "tidb.pingcap.com/backup-protection") if {
	count(backup.status.conditions) > 0
	object.get(backup, ["status", "backupPath"], "") == ""
}

_nothing_to_clean(backup, "tidb.pingcap.com/backup-protection") if {
	meta.annotation(backup, "empty-backup") == backup.status.backupPath
}

_named(lost) := sprintf("finalizer %s", [text.joined(sort(lost))]) if {
	count(lost) == 1
} else := sprintf("finalizers %s", [text.joined(sort(lost))])

_effect(_, "/spec/finalizers", _) := ": it goes at once, and what is still in it, claims included, is left in etcd out of reach"

_effect(change, "/metadata/finalizers", lost) := ": its deletion will not wait until its controller has made sure that no data is lost" if {
	not meta.going(change.old)
} else := sprintf(
	" before the operator has cleaned up %s: files there are left with nothing that knows of them",
	[object.get(change.old, ["status", "backupPath"], "its path, which is not shown")],
) if {
	"tidb.pingcap.com/backup-protection" in lost
} else := " while it is being deleted: it goes at once, before its controller has made sure that no data is lost" if {
	count(_finalizers(change.new, "metadata") | _finalizers(change.new, "spec")) == 0
} else := " while it is being deleted: it no longer waits until its controller has made sure that no data is lost"
