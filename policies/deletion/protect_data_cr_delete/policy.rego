# METADATA
# title: A database resource whose deletion destroys data is deleted only by someone who said so before
# description: |
#   What becomes of the data when a database's custom resource is deleted is decided by its operator: some keep the
#   claims, some delete them unless a field says otherwise, some wipe disks or remove backups. The deletion looks alike in
#   each case. guard evaluates the field, or the operator's default for it, and looks at the volumes behind the claims.
# related_resources:
#   - ref: https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/volume-claim-templates
#     description: "ECK: volumeClaimDeletePolicy, whose default deletes"
#   - ref: https://access.crunchydata.com/documentation/postgres-operator/latest/tutorials/basic-setup/delete-cluster
#     description: "Crunchy: retention is that of the volumes alone"
#   - ref: https://docs.percona.com/percona-operator-for-mysql/pxc/delete.html
#     description: "Percona: finalizers that delete claims"
#   - ref: https://strimzi.io/docs/operators/latest/configuring.html#type-PersistentClaimStorage-reference
#     description: "Strimzi: deleteClaim"
#   - ref: https://docs.crossplane.io/latest/concepts/managed-resources/#deletionpolicy
#     description: "Crossplane: deletionPolicy, whose default deletes"
# custom:
#   severities: [critical, high, medium]
#   incidents: [backup-finalizer-deadlock, federated-namespace-deletion]
#   supersedes: [helm-removed-data-object]
#   remediation: |
#     Make the operator keep the data first, by the field that the message names, and wait until it has reconciled; or keep
#     the volumes: kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     Then allow the deletion for an hour, in a request of its own:
#     kubectl annotate KIND NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds:
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
#       - {apiGroups: [longhorn.io], kinds: [Volume]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus]}
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
#   asks: [delete]
#   reads: [v1/Namespace, v1/PersistentVolume, v1/PersistentVolumeClaim, acid.zalan.do/v1/OperatorConfiguration]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       cascadeActors:
#         description: |
#           Exact names of users that may delete such resources without approval, because the decision was made where
#           they were sent from: the namespace's deletion, an owner's, a claim's, a scale-down. Add the service accounts of
#           operators that expire backups or scale in, where they really run; empty the list to ask everybody.
#         type: array
#         items: {type: string}
#         default:
#           - system:serviceaccount:kube-system:namespace-controller
#           - system:serviceaccount:kube-system:generic-garbage-collector
#           - system:kube-controller-manager
#           - system:serviceaccount:longhorn-system:longhorn-service-account
#           - system:serviceaccount:tidb-admin:tidb-controller-manager
#           - system:serviceaccount:tidb-admin:tidb-operator
#           - system:serviceaccount:topolvm-system:topolvm-controller
package protect_data_cr_delete

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.fate
import data.lib.meta
import data.lib.operators
import data.lib.text
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("protect-data-cr-delete", _problems(asked.delete))
}

_problems(obj) := {object.union(
	{
		"msg": sprintf("%s is to be deleted: %s%s", [meta.name(obj), effect.text, approval.refused(obj)]),
		"field": end.field,
		"severity": effect.severity,
	},
	_doubt(effect),
) |
	not _cascade
	not classify.disposable(obj)
	not approval.holds(obj)
	end := operators.end(obj)
	effect := _effect(obj, end)
}

_cascade if asked.user in input.parameters.cascadeActors

_doubt(effect) := {"unknown": effect.unknown} if {
	count(effect.unknown) > 0
} else := {}

_effect(_, end) := end if not end.claims

_effect(obj, end) := effect if {
	end.claims
	claims := _claims(obj)
	fates := _fates(obj, claims)
	not _nothing_in(claims, fates)
	effect := _effect_on_claims(obj, end, fates)
}

_nothing_in(claims, fates) if {
	count(claims) > 0
	count(fates) == 0
}

_effect_on_claims(obj, end, fates) := {
	"severity": "critical",
	"text": sprintf("%s; nobody showed their volumes, so the data may go with them", [end.text]),
	"unknown": array.concat(end.unknown, [sprintf("v1/PersistentVolumeClaim of %s", [_key(obj)])]),
} if {
	count(fates) == 0
} else := {
	"severity": "critical",
	"text": sprintf("%s, and the data of %s with them", [end.text, text.few(going)]),
	"unknown": end.unknown,
} if {
	going := [_told(left) | some [_, left] in fates; not left.policy in {"", "Retain"}]
	count(going) > 0
} else := {
	"severity": "critical",
	"text": sprintf("%s, and the data of %s may go with them", [end.text, text.few(uncertain)]),
	"unknown": array.concat(end.unknown, [_volume(obj, left) | some [_, left] in fates; left.policy == ""]),
} if {
	uncertain := [_told(left) | some [_, left] in fates; left.policy == ""]
	count(uncertain) > 0
} else := {
	"severity": "medium",
	"text": sprintf("%s, and the data of %s stays in volumes that nothing claims", [end.text, text.few([_told(left) | some [_, left] in fates])]),
	"unknown": [],
}

_told(left) := left.claim if {
	left.size == ""
} else := sprintf("%s (%v)", [left.claim, left.size])

_volume(_, left) := meta.key("v1", "PersistentVolume", "", left.volume) if left.volume != ""

_volume(obj, left) := sprintf("v1/PersistentVolume of %s", [meta.key("v1", "PersistentVolumeClaim", meta.namespace(obj), left.claim)]) if left.volume == ""

_key(obj) := meta.key(obj.apiVersion, obj.kind, meta.namespace(obj), meta.simple(obj))

# What becomes of those claims that someone would miss, the worst first.
_fates(obj, claims) := sort([[fate.rank(end.policy), end] |
	some name in claims
	claim := data.inventory.namespace[meta.namespace(obj)].v1.PersistentVolumeClaim[name]
	not classify.disposable(claim)
	not fate.never_bound(claim)
	end := fate.of(claim)
])

# Names of the claims that the resource owns or that carry its name in the operator's label.
_claims(obj) := {name |
	some name, claim in data.inventory.namespace[meta.namespace(obj)].v1.PersistentVolumeClaim
	claim.metadata.labels[operators.claim_label(obj)] == obj.metadata.name
} | {name |
	some name, claim in data.inventory.namespace[meta.namespace(obj)].v1.PersistentVolumeClaim
	some owner in claim.metadata.ownerReferences
	[owner.kind, owner.name] == [obj.kind, obj.metadata.name]
}
