# METADATA
# title: A change in git does not silence guard unseen
# description: |
#   Whoever writes the change also writes what lets it pass: an exemption, an approval of a deletion, a word that data may
#   be lost. What lowers protection is therefore told when it comes, in the same run that it would silence, and nothing
#   in the change can exempt it. Once it is merged it counts.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
#     description: annotations, which whoever may patch an object may write
# custom:
#   severities: [high]
#   incidents: [federated-namespace-deletion, backup-finalizer-deadlock]
#   remediation: |
#     Repair what is to be exempted instead. Where it has to be exempted, let somebody else than the author approve the
#     change, and merge it before the change that needs it: this finding is gone with the merge.
#     Where namespaces for previews come by pull request, set parameter newPreviews.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [batch], kinds: [CronJob, Job]}
#       - {apiGroups: [storage.k8s.io], kinds: [VolumeAttachment]}
#       - {apiGroups: [snapshot.storage.k8s.io], kinds: [VolumeSnapshot, VolumeSnapshotContent]}
#       - {apiGroups: [apps.kruise.io], kinds: [BroadcastJob, CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [apps.pingcap.com], kinds: [StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Rollout]}
#       - {apiGroups: [apps.kubeblocks.io, postgresql.cnpg.io], kinds: [Cluster]}
#       - {apiGroups: [cassandra.datastax.com], kinds: [CassandraDatacenter]}
#       - {apiGroups: [ceph.rook.io], kinds: [CephBlockPool, CephCluster, CephFilesystem, CephObjectStore]}
#       - {apiGroups: [clickhouse.altinity.com], kinds: [ClickHouseInstallation]}
#       - {apiGroups: [elasticsearch.k8s.elastic.co], kinds: [Elasticsearch]}
#       - {apiGroups: [federation.pingcap.com], kinds: [VolumeBackup, VolumeBackupSchedule]}
#       - {apiGroups: [k8s.mariadb.com, enterprise.mariadb.com], kinds: [MariaDB]}
#       - {apiGroups: [kafka.strimzi.io], kinds: [Kafka]}
#       - {apiGroups: [longhorn.io], kinds: [BackingImage, Backup, BackupVolume, Engine, Replica, Snapshot, Volume]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus, PrometheusAgent]}
#       - {apiGroups: [pgv2.percona.com], kinds: [PerconaPGCluster]}
#       - {apiGroups: [pingcap.com, br.pingcap.com], kinds: [Backup, BackupSchedule]}
#       - {apiGroups: [pingcap.com], kinds: [TidbCluster]}
#       - {apiGroups: [postgres-operator.crunchydata.com], kinds: [PostgresCluster]}
#       - {apiGroups: [psmdb.percona.com], kinds: [PerconaServerMongoDB]}
#       - {apiGroups: [pxc.percona.com], kinds: [PerconaXtraDBCluster]}
#       - {apiGroups: [rabbitmq.com], kinds: [RabbitmqCluster]}
#       - {apiGroups: [redis.redis.opstreelabs.in], kinds: [RedisCluster]}
#       - {apiGroups: [templates.gatekeeper.sh], kinds: [ConstraintTemplate]}
#       - {apiGroups: [constraints.gatekeeper.sh], kinds: ["*"]}
#       - {apiGroups: [config.gatekeeper.sh], kinds: [Config]}
#       - {apiGroups: [admissionregistration.k8s.io], kinds: [ValidatingWebhookConfiguration]}
#   asks: [create, update]
#   admission: false
#   admissionReason: a change in git has no requester to ask; in the cluster approval-by-stranger asks who it is
#   weakens: true
#   exemptible: false
#   supersedes: [approval-by-stranger]
#   reads: []
#   parameters:
#     type: object
#     default: {}
#     properties:
#       newPreviews:
#         description: |
#           A Namespace that is new may carry label ephemeral or env=ci: what is not there yet holds nothing. One that is
#           there may not become a preview.
#         type: boolean
#         default: false
#       exemptionDays:
#         description: |
#           How many days ahead exemptions hold: parameter maxExemptionDays of the other policies, the least where they
#           differ. One that reaches further does not hold, and to shorten it is to put it in force.
#         type: integer
#         minimum: 1
#         default: 366
package protection_weakened

import data.lib.asked
import data.lib.protection
import data.lib.verdict

violation contains v if {
	some v in verdict.create("protection-weakened", _problems({}, asked.create))
}

violation contains v if {
	some v in verdict.update("protection-weakened", _problems(asked.update.old, asked.update.new))
}

_problems(before, after) := {problem |
	some change in protection.weakened(before, after, input.parameters.exemptionDays)
	not _kept(change)
	not _preview(change)
	problem := {
		"msg": protection.sentence(after, change, "this change"),
		"field": change.field,
		"severity": "high",
	}
}

# Applying a manifest takes away no annotation that it never set.
_kept(change) if {
	change.lost
	asked.laid_over
}

_preview(change) if {
	input.parameters.newPreviews
	asked.create
	change.name in {"env", "ephemeral"}
}
