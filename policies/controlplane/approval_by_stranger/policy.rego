# METADATA
# title: Only named approvers lower protection
# description: |
#   An annotation lets a claim be deleted, exempts an object from a policy, or says that its data may be lost. Whoever
#   may patch the object may write it, and then do in the next request what guard refused in this one: without names,
#   the one who deletes and the one who approves are the same. With approvers named, only they write what lowers
#   protection, on objects and in the templates that objects are made from; everybody may take it back. Without names
#   the policy says nothing. One who may bind pods can annotate a pod that is not scheduled yet, unseen by this policy.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
#     description: annotations, which whoever may patch an object may write
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/registry/core/persistentvolumeclaim/strategy.go
#     description: an update of a status takes over labels and annotations; so does /finalize of a namespace
#   - ref: https://github.com/kubernetes/kubernetes/blob/v1.36.3/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go
#     description: names of the controllers' accounts
# custom:
#   severities: [high]
#   incidents: [federated-namespace-deletion, backup-finalizer-deadlock]
#   remediation: |
#     Ask one of the approvers to write it, in a request of their own:
#     kubectl annotate pvc NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#     Where manifests are applied from git, whoever applies them approves: name that account in parameter approvers, and
#     let reviews of those files be the approval. An operator of this cluster that copies annotations from a resource
#     that this policy is asked about belongs into parameter controllers, by its exact name.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController]}
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
#       - {apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}
#       - {apiGroups: [templates.gatekeeper.sh], kinds: [ConstraintTemplate]}
#       - {apiGroups: [constraints.gatekeeper.sh], kinds: ["*"]}
#       - {apiGroups: [config.gatekeeper.sh], kinds: [Config]}
#       - {apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}
#       - {apiGroups: [admissionregistration.k8s.io], kinds: [ValidatingWebhookConfiguration]}
#   asks: [create, update]
#   subresources: [status, finalize]
#   exemptible: false
#   reads: []
#   parameters:
#     type: object
#     default: {}
#     properties:
#       approvers:
#         description: |
#           Who may lower protection: exact names of users and of groups. While both lists are empty, it is everybody
#           with the right to patch.
#         type: object
#         default: {}
#         properties:
#           users:
#             type: array
#             items: {type: string}
#             default: []
#           groups:
#             type: array
#             items: {type: string}
#             default: []
#       controllers:
#         description: |
#           Exact names of users that copy labels and annotations from where this policy has judged them already: from a
#           Deployment to its ReplicaSets, from a template to pods and claims. By default those of Kubernetes itself.
#           Add operators of this cluster where they really run: whoever can make a namespace can make an account of any
#           name in it.
#         type: array
#         items: {type: string}
#         default:
#           - system:kube-controller-manager
#           - system:serviceaccount:kube-system:cronjob-controller
#           - system:serviceaccount:kube-system:daemon-set-controller
#           - system:serviceaccount:kube-system:deployment-controller
#           - system:serviceaccount:kube-system:ephemeral-volume-controller
#           - system:serviceaccount:kube-system:job-controller
#           - system:serviceaccount:kube-system:replicaset-controller
#           - system:serviceaccount:kube-system:replication-controller
#           - system:serviceaccount:kube-system:statefulset-controller
#       previewCreators:
#         description: |
#           Exact names of users that may create namespaces with label ephemeral or env=ci, since a new namespace holds
#           nothing yet. They may not put such a label on one that is there.
#         type: array
#         items: {type: string}
#         default: []
#       exemptionDays:
#         description: |
#           How many days ahead exemptions hold: parameter maxExemptionDays of the other policies, the least where they
#           differ. One that reaches further does not hold, and to shorten it is to put it in force.
#         type: integer
#         minimum: 1
#         default: 366
package approval_by_stranger

import data.lib.asked
import data.lib.protection
import data.lib.verdict

violation contains v if {
	some v in verdict.create("approval-by-stranger", _problems({}, asked.create))
}

violation contains v if {
	some v in verdict.update("approval-by-stranger", _problems(asked.update.old, asked.update.new))
}

_problems(before, after) := {problem |
	_approvers_named
	not _trusted
	some change in protection.weakened(before, after, input.parameters.exemptionDays)
	not _kept(change)
	not _preview(change)
	problem := {
		"msg": protection.sentence(after, change, _who),
		"field": change.field,
		"severity": "high",
	}
}

_approvers_named if count(input.parameters.approvers.users) > 0

_approvers_named if count(input.parameters.approvers.groups) > 0

_trusted if asked.user in input.parameters.approvers.users

_trusted if {
	some group in asked.groups
	group in input.parameters.approvers.groups
}

_trusted if asked.user in input.parameters.controllers

# Applying a manifest takes away no annotation that it never set.
_kept(change) if {
	change.lost
	asked.laid_over
}

_preview(change) if {
	asked.create
	change.name in {"env", "ephemeral"}
	asked.user in input.parameters.previewCreators
}

_who := text if {
	text := sprintf("%s, who is no approver", [asked.user])
} else := "someone unnamed, who may be no approver"
