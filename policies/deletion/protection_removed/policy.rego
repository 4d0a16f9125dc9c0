# METADATA
# title: What guards data against deletion stays
# description: |
#   A word on an object tells Helm, Argo CD or Flux to leave it alone, or a webhook, an operator or a cloud to refuse its
#   deletion. To take that word away destroys nothing: the next change that drops the object from git does, and looks as
#   harmless as this one. A word that the tool does not know, such as Keep for keep, is taken away too. Finalizers are
#   the business of protective-finalizer-removed.
# related_resources:
#   - ref: https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
#     description: "Helm: resource policy keep"
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
#     description: "Argo CD: Prune and Delete"
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
#     description: "Flux: prune disabled on an object"
#   - ref: https://openkruise.io/docs/user-manuals/deletionprotection/
#     description: "OpenKruise: a label that refuses deletion"
#   - ref: https://karmada.io/docs/administrator/configuration/resource-deletion-protection/
#     description: "Karmada: a label that refuses deletion"
# custom:
#   severities: [high]
#   incidents: [federated-namespace-deletion, nfs-recycle-postgres]
#   weakens: true
#   supersedes:
#     - argo-cascade-unguarded
#     - argo-prune-unguarded
#     - flux-prune-unguarded
#     - helm-crd-in-templates
#     - helm-pvc-no-keep
#     - helm-resource-policy-invalid
#   remediation: |
#     Put it back. Where the object is to be deleted, allow that first, in a request of its own:
#     kubectl annotate KIND NAME -n NAMESPACE data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#     Where another tool takes it over, give it that tool's word first, release that, and exempt the object for the move.
#     Who may take such words away at any time belongs into parameter actors, by exact name.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, PersistentVolume, PersistentVolumeClaim]}
#       - {apiGroups: [apps, apps.kruise.io], kinds: [StatefulSet]}
#       - {apiGroups: [apiextensions.k8s.io], kinds: [CustomResourceDefinition]}
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
#   asks: [update]
#   subresources: [status, finalize]
#   reads: [v1/Namespace, v1/PersistentVolumeClaim]
#   parameters:
#     type: object
#     default: {}
#     properties:
#       actors:
#         description: |
#           Exact names of users that may take it away: an operator that sets and removes such a label itself. Nobody is
#           exempt by the beginning of a name.
#         type: array
#         items: {type: string}
#         default: []
package protection_removed

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.dataobject
import data.lib.guards
import data.lib.meta
import data.lib.patch
import data.lib.verdict

violation contains v if {
	some v in verdict.update("protection-removed", _problems(asked.update))
}

_problems(change) := {object.union(
	{
		"msg": sprintf("%s %s: %s", [meta.name(change.old), guard.gone, guard.loss]),
		"field": meta.pointer(guard.path),
		"severity": "high",
	},
	_fix(change, guard),
) |
	not _trusted
	_matters(change)
	not meta.going(change.old)
	not approval.holds(change.old)
	some guard in guards.lost(change.old, change.new)
	not _stays(guard)
}

_trusted if asked.user in input.parameters.actors

# Either side says so: a request cannot declare its own object worthless.
_matters(change) if dataobject.is(change.old)

_matters(change) if dataobject.is(change.new)

# With a definition go all objects of its kind.
_matters(change) if {
	change.old.kind == "CustomResourceDefinition"
	not classify.expendable(change.old)
}

# Applying a manifest takes away nothing that it never set.
_stays(guard) if {
	not guard.replaced
	asked.laid_over
}

_fix(change, guard) := {"fix": patch.set(change.new, guard.path, guard.value)} if {
	not guard.replaced
} else := {}
