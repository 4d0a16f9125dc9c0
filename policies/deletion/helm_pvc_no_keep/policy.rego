# METADATA
# title: Helm leaves data alone when a release goes
# description: |
#   helm uninstall deletes every object of the release, claims too, and an upgrade deletes what the chart no longer has: a
#   renamed claim, a volume behind a value that someone switched off. Flux uninstalls a HelmRelease that is removed from
#   git. Only the annotation helm.sh/resource-policy: keep stops both. Uninstall reads it from the release as it was
#   installed, an upgrade from the object in the cluster, so it has to be released once before it is needed. Claims that a
#   StatefulSet makes from its templates are no objects of the release.
# related_resources:
#   - ref: https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
#     description: the resource policy
#   - ref: https://github.com/helm/helm/blob/v4.3.1/pkg/action/uninstall.go
#     description: uninstall reads the stored manifest (filterManifestsToKeep)
#   - ref: https://github.com/helm/helm/blob/v4.3.1/pkg/kube/client.go
#     description: an upgrade reads the live object (Update)
# custom:
#   severities: [high]
#   incidents: [nfs-recycle-postgres]
#   remediation: |
#     Add the annotation helm.sh/resource-policy: keep in the chart or by its values, and release it before anything is
#     renamed or dropped. Until then an upgrade, but not uninstall, heeds it on the object itself:
#     kubectl annotate KIND NAME -n NAMESPACE helm.sh/resource-policy=keep
#     Who wants the data deleted with the release says so: data-guard.dev/data: "false" on the object, or
#     data-guard.dev/ephemeral=true on the namespace.
#   match:
#     kinds:
#       - {apiGroups: [""], kinds: [Namespace, PersistentVolume, PersistentVolumeClaim]}
#       - {apiGroups: [acid.zalan.do], kinds: [postgresql]}
#       - {apiGroups: [apps.kubeblocks.io, postgresql.cnpg.io], kinds: [Cluster]}
#       - {apiGroups: [cassandra.datastax.com], kinds: [CassandraDatacenter]}
#       - {apiGroups: [ceph.rook.io], kinds: [CephBlockPool, CephCluster, CephFilesystem, CephObjectStore]}
#       - {apiGroups: [clickhouse.altinity.com], kinds: [ClickHouseInstallation]}
#       - {apiGroups: [core.pingcap.com], kinds: [Cluster, PDGroup, TiFlashGroup, TiKVGroup]}
#       - {apiGroups: [elasticsearch.k8s.elastic.co], kinds: [Elasticsearch]}
#       - {apiGroups: [k8s.mariadb.com, enterprise.mariadb.com], kinds: [MariaDB]}
#       - {apiGroups: [kafka.strimzi.io], kinds: [Kafka, KafkaNodePool]}
#       - {apiGroups: [longhorn.io], kinds: [Volume]}
#       - {apiGroups: [monitoring.coreos.com], kinds: [Alertmanager, Prometheus]}
#       - {apiGroups: [pgv2.percona.com], kinds: [PerconaPGCluster]}
#       - {apiGroups: [pingcap.com], kinds: [TidbCluster]}
#       - {apiGroups: [postgres-operator.crunchydata.com], kinds: [PostgresCluster]}
#       - {apiGroups: [postgresql.cnpg.io], kinds: [Database]}
#       - {apiGroups: [ps.percona.com], kinds: [PerconaServerMySQL]}
#       - {apiGroups: [psmdb.percona.com], kinds: [PerconaServerMongoDB]}
#       - {apiGroups: [pxc.percona.com], kinds: [PerconaXtraDBCluster]}
#       - {apiGroups: [rabbitmq.com], kinds: [RabbitmqCluster]}
#       - {apiGroups: [redis.redis.opstreelabs.in], kinds: [Redis, RedisCluster, RedisReplication]}
#   asks: [state]
#   admission: false
#   admissionReason: |
#     Helm sends its objects in the middle of a release: to refuse one leaves the release half made. The chart is the
#     place to judge it, and audit shows what is in the cluster already.
#   reads:
#     - acid.zalan.do/v1/OperatorConfiguration
#     - apps/v1/StatefulSet
#     - storage.k8s.io/v1/StorageClass
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#   parameters: {type: object, default: {}}
package helm_pvc_no_keep

import data.lib.asked
import data.lib.helm
import data.lib.keeping
import data.lib.meta
import data.lib.patch
import data.lib.stake
import data.lib.verdict

violation contains v if {
	some v in verdict.state("helm-pvc-no-keep", _problems(asked.object), {p | some p in _problems(asked.before)})
}

_problems(obj) := {{
	"msg": sprintf("%s is in Helm release %s without resource policy keep: uninstall deletes it, and so does an upgrade that no longer has it; %s", [
		meta.name(obj),
		helm.release(obj),
		loss.text,
	]),
	"field": meta.pointer(_path),
	"severity": "high",
	"fix": patch.set(obj, _path, "keep"),
	"related": loss.related,
	"unknown": loss.unknown,
} |
	helm.managed(obj)

	# A policy that is not keep is told by helm-resource-policy-invalid: uninstall leaves such an object alone.
	not obj.metadata.annotations[keeping.helm_key]
	loss := stake.of(obj)

	# A volume with reclaim policy Retain outlives the claim, whoever deletes it.
	not loss.kept
}

_path := ["metadata", "annotations", keeping.helm_key]
