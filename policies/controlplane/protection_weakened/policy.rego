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
#       - {apiGroups: [""], kinds: [ConfigMap, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController, Secret]}
#       - {apiGroups: [apps], kinds: [DaemonSet, Deployment, ReplicaSet, StatefulSet]}
#       - {apiGroups: [batch], kinds: [CronJob, Job]}
#       - {apiGroups: [storage.k8s.io], kinds: [StorageClass, VolumeAttachment]}
#       - {apiGroups: [snapshot.storage.k8s.io], kinds: [VolumeSnapshot, VolumeSnapshotContent]}
#       - {apiGroups: [apps.kruise.io], kinds: [BroadcastJob, CloneSet, DaemonSet, StatefulSet]}
#       - {apiGroups: [apps.pingcap.com], kinds: [StatefulSet]}
#       - {apiGroups: [argoproj.io], kinds: [Application, Rollout]}
#       - {apiGroups: [kustomize.toolkit.fluxcd.io], kinds: [Kustomization]}
#       - {apiGroups: [acid.zalan.do], kinds: [postgresql]}
#       - {apiGroups: [apps.kubeblocks.io, postgresql.cnpg.io], kinds: [Cluster]}
#       - {apiGroups: [pingcap.com, br.pingcap.com], kinds: [Backup, BackupSchedule]}
#       - {apiGroups: [federation.pingcap.com], kinds: [VolumeBackup, VolumeBackupSchedule]}
#       - {apiGroups: [pingcap.com], kinds: [TidbCluster]}
#       - {apiGroups: [core.pingcap.com], kinds: [Cluster, PD, PDGroup, TiFlash, TiFlashGroup, TiKV, TiKVGroup]}
#       - {apiGroups: [cassandra.datastax.com], kinds: [CassandraDatacenter]}
#       - {apiGroups: [ceph.rook.io], kinds: [CephBlockPool, CephCluster, CephFilesystem, CephObjectStore, CephObjectZone]}
#       - {apiGroups: [clickhouse.altinity.com], kinds: [ClickHouseInstallation]}
#       - {apiGroups: [elasticsearch.k8s.elastic.co], kinds: [Elasticsearch]}
#       - {apiGroups: [k8s.mariadb.com, enterprise.mariadb.com], kinds: [MariaDB]}
#       - {apiGroups: [kafka.strimzi.io], kinds: [Kafka, KafkaNodePool]}
#       - {apiGroups: [longhorn.io], kinds: [BackingImage, Backup, BackupVolume, Engine, Replica, Snapshot, Volume]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus, PrometheusAgent]}
#       - {apiGroups: [pgv2.percona.com], kinds: [PerconaPGBackup, PerconaPGCluster]}
#       - {apiGroups: [postgres-operator.crunchydata.com], kinds: [PostgresCluster]}
#       - {apiGroups: [postgresql.cnpg.io], kinds: [Database]}
#       - {apiGroups: [ps.percona.com], kinds: [PerconaServerMySQL, PerconaServerMySQLBackup]}
#       - {apiGroups: [psmdb.percona.com], kinds: [PerconaServerMongoDB, PerconaServerMongoDBBackup]}
#       - {apiGroups: [pxc.percona.com], kinds: [PerconaXtraDBCluster, PerconaXtraDBClusterBackup]}
#       - {apiGroups: [rabbitmq.com], kinds: [RabbitmqCluster]}
#       - {apiGroups: [redis.redis.opstreelabs.in], kinds: [Redis, RedisCluster, RedisReplication]}
#       - {apiGroups: [topolvm.io, topolvm.cybozu.com], kinds: [LogicalVolume]}
#       - {apiGroups: [database.aws.crossplane.io], kinds: [RDSInstance]}
#       - {apiGroups: [rds.aws.crossplane.io, rds.services.k8s.aws], kinds: [DBCluster, DBInstance]}
#       - {apiGroups: [rds.aws.upbound.io, rds.aws.m.upbound.io], kinds: [Cluster, Instance]}
#       - {apiGroups: [dynamodb.aws.crossplane.io, dynamodb.aws.upbound.io, dynamodb.services.k8s.aws], kinds: [Table]}
#       - {apiGroups: [efs.aws.upbound.io, efs.services.k8s.aws], kinds: [FileSystem]}
#       - {apiGroups: [bigquery.cnrm.cloud.google.com], kinds: [BigQueryDataset]}
#       - {apiGroups: [bigtable.cnrm.cloud.google.com], kinds: [BigtableInstance]}
#       - {apiGroups: [compute.cnrm.cloud.google.com], kinds: [ComputeDisk]}
#       - {apiGroups: [filestore.cnrm.cloud.google.com], kinds: [FilestoreInstance]}
#       - {apiGroups: [spanner.cnrm.cloud.google.com], kinds: [SpannerDatabase, SpannerInstance]}
#       - {apiGroups: [sql.cnrm.cloud.google.com], kinds: [SQLDatabase, SQLInstance]}
#       - {apiGroups: [sql.gcp.upbound.io], kinds: [DatabaseInstance]}
#       - {apiGroups: [compute.azure.com], kinds: [Disk]}
#       - {apiGroups: [dbformysql.azure.com, dbforpostgresql.azure.com], kinds: [FlexibleServer]}
#       - {apiGroups: [dbformysql.azure.upbound.io, dbforpostgresql.azure.upbound.io], kinds: [FlexibleServer]}
#       - {apiGroups: [documentdb.azure.com], kinds: [DatabaseAccount]}
#       - {apiGroups: [sql.azure.com], kinds: [Server, ServersDatabase]}
#       - {apiGroups: [storage.azure.com], kinds: [StorageAccount]}
#       - {apiGroups: [storage.azure.upbound.io], kinds: [Account]}
#       - {apiGroups: [templates.gatekeeper.sh], kinds: [ConstraintTemplate]}
#       - {apiGroups: [constraints.gatekeeper.sh], kinds: ["*"]}
#       - {apiGroups: [config.gatekeeper.sh], kinds: [Config]}
#       - {apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}
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
