# METADATA
# title: What holds data stays in what is deployed until someone says that it may go
# description: |
#   An object that is no longer in a chart, an overlay or a folder is deleted when that is deployed: by helm upgrade, by
#   Argo CD's and Flux's pruning, by kubectl apply --prune. What the manifests told to be left alone is not reported:
#   Helm's resource policy keep, Argo CD's Prune=false and Flux's prune: disabled. Where another policy knows more of the
#   deletion of such an object, that one is shown in place of this.
# related_resources:
#   - ref: https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
#     description: what an upgrade deletes, and how to keep it
#   - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
#     description: Prune=false
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
#     description: "prune: disabled"
# custom:
#   severities: [high, medium]
#   incidents: [nfs-recycle-postgres, federated-namespace-deletion]
#   remediation: |
#     Keep it, in a change of its own that is deployed before this one, by what deploys it:
#     annotation helm.sh/resource-policy: keep, argocd.argoproj.io/sync-options: Prune=false, or
#     kustomize.toolkit.fluxcd.io/prune: disabled.
#     If it may go, say so in base, not in the change that removes it:
#     annotation data-guard.dev/allow-delete with a time (RFC 3339) at most 24 hours away.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [ConfigMap, Namespace, PersistentVolume, PersistentVolumeClaim, Secret]}
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
#   asks: [delete]
#   admission: false
#   admissionReason: |
#     In a cluster nothing is removed from manifests: there the protect policies are asked about each deletion, and they
#     know who deletes.
#   reads: [v1/Namespace, v1/PersistentVolume, v1/PersistentVolumeClaim, acid.zalan.do/v1/OperatorConfiguration]
#   parameters: {type: object, default: {}}
package helm_removed_data_object

import data.lib.approval
import data.lib.asked
import data.lib.dataobject
import data.lib.fate
import data.lib.helm
import data.lib.meta
import data.lib.operators
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("helm-removed-data-object", _problems(asked.delete))
}

_problems(obj) := {object.union(
	{
		"msg": sprintf("%s is no longer among what is deployed: %s%s", [meta.name(obj), effect.text, approval.refused(obj)]),
		"field": "",
		"severity": effect.severity,
	},
	object.filter(effect, ["unknown"]),
) |
	word := dataobject.word(obj)
	not asked.user
	not helm.hook(obj)
	not _empty(obj)
	not approval.holds(obj)
	effect := _effect(obj, word)
}

# It has a status, and that says that there is no data.
_empty(obj) if {
	obj.kind == "PersistentVolumeClaim"
	fate.never_bound(obj)
}

_empty(obj) if {
	obj.kind == "PersistentVolume"
	obj.status.phase in {"Available", "Pending"}
}

# What is not said for certain hangs on what nobody is asked for here: claims and their volumes, what is in a namespace,
# what there is of a kind.
_effect(obj, _) := {
	"severity": "high",
	"text": sprintf("it is deleted, and %s%s", [end.text, _along(end)]),
	"unknown": array.concat(end.unknown, [_of("v1/PersistentVolume", obj) | end.claims]),
} if {
	end := operators.end(obj)
} else := {"severity": "medium", "text": "it is deleted, and nothing runs its data, which stays"} if {
	operators.holds_data(obj)
} else := {
	"severity": "high",
	"text": "it is deleted, and its claims and their data may go with it (whenDeleted Delete)",
	"unknown": [_of("v1/PersistentVolumeClaim", obj)],
} if {
	obj.spec.persistentVolumeClaimRetentionPolicy.whenDeleted == "Delete"
} else := {"severity": "medium", "text": "it is deleted, and nothing uses the data in its claims any more"} if {
	obj.kind == "StatefulSet"
}

_along(end) := " and may take their data along" if {
	end.claims
} else := ""

_effect(obj, "claim") := {
	"severity": "high",
	"text": "it is deleted, and its data may go with it",
	"unknown": [_of("v1/PersistentVolume", obj)],
}

_effect(obj, "volume") := {
	"severity": "high",
	"text": "it is deleted, and its data may go with it",
	"unknown": [_of("status", obj)],
}

_effect(obj, "namespace") := {
	"severity": "medium",
	"text": "it is deleted, and everything that may be in it goes with it",
	"unknown": [_of("v1/PersistentVolumeClaim", obj)],
}

_effect(obj, "definition of a data resource") := {
	"severity": "high",
	"text": sprintf("it is deleted, and every %s that there may be goes with it", [obj.spec.names.kind]),
	"unknown": [sprintf("%s/%s", [obj.spec.group, obj.spec.names.kind])],
}

_effect(_, "identity") := {
	"severity": "high",
	"text": "it is deleted, and without it data that depends on it cannot be read",
}

_of(what, obj) := sprintf("%s of %s", [what, meta.key(obj.apiVersion, obj.kind, meta.namespace(obj), meta.simple(obj))])
