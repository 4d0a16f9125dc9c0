# METADATA
# title: A namespace that holds data is deleted only by someone who said so before
# description: |
#   Deleting a namespace deletes everything in it, claims, snapshots and database resources included, in no order
#   that helps; volumes with reclaim policy Delete or Recycle take their data with them. It cannot be taken back.
#   The one who deletes is not always a person: a namespace with an owner goes when the garbage collector finds that
#   owner gone, which is how a federation controller once removed production namespaces.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
#     description: deleting a namespace deletes all that is in it
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/
#     description: how to keep the data
#   - ref: https://github.com/kubesphere/kubesphere/issues/4210
#     description: namespaces removed by the garbage collector after their workspace went
# custom:
#   severities: [critical, medium]
#   incidents: [federated-namespace-deletion]
#   supersedes: [helm-removed-data-object]
#   remediation: |
#     Keep the data first, volume by volume; it works on bound volumes and restarts nothing:
#     kubectl patch pv VOLUME -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
#     If nobody here asked for the deletion, find the owner that the namespace goes with:
#     kubectl get ns NAME -o jsonpath='{.metadata.ownerReferences}'
#     Then empty the namespace deliberately, or allow its deletion for an hour, in a request of its own:
#     kubectl annotate ns NAME data-guard.dev/allow-delete=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
#   match:
#     kinds: [{apiGroups: [""], kinds: [Namespace]}]
#   asks: [delete]
#   reads:
#     - v1/Namespace
#     - v1/PersistentVolume
#     - v1/PersistentVolumeClaim
#     - apps/v1/StatefulSet
#     - snapshot.storage.k8s.io/v1/VolumeSnapshot
#     - snapshot.storage.k8s.io/v1/VolumeSnapshotContent
#     - apps.kubeblocks.io/v1/Cluster
#     - cassandra.datastax.com/v1beta1/CassandraDatacenter
#     - ceph.rook.io/v1/CephBlockPool
#     - ceph.rook.io/v1/CephCluster
#     - ceph.rook.io/v1/CephFilesystem
#     - ceph.rook.io/v1/CephObjectStore
#     - clickhouse.altinity.com/v1/ClickHouseInstallation
#     - elasticsearch.k8s.elastic.co/v1/Elasticsearch
#     - k8s.mariadb.com/v1alpha1/MariaDB
#     - kafka.strimzi.io/v1beta2/Kafka
#     - longhorn.io/v1beta2/Volume
#     - pgv2.percona.com/v2/PerconaPGCluster
#     - pingcap.com/v1alpha1/Backup
#     - pingcap.com/v1alpha1/TidbCluster
#     - postgres-operator.crunchydata.com/v1beta1/PostgresCluster
#     - postgresql.cnpg.io/v1/Cluster
#     - psmdb.percona.com/v1/PerconaServerMongoDB
#     - pxc.percona.com/v1/PerconaXtraDBCluster
#     - rabbitmq.com/v1beta1/RabbitmqCluster
#     - redis.redis.opstreelabs.in/v1beta2/RedisCluster
#   parameters:
#     type: object
#     default: {}
#     properties:
#       cascadeActors:
#         description: |
#           Exact names of users that may delete namespaces without approval. Empty on purpose: the garbage
#           collector deletes a namespace whose owner is gone, and nobody decided that the data may go.
#         type: array
#         items: {type: string}
#         default: []
package protect_namespace_delete

import data.lib.approval
import data.lib.asked
import data.lib.classify
import data.lib.fate
import data.lib.holdings
import data.lib.meta
import data.lib.verdict

violation contains v if {
	some v in verdict.delete("protect-namespace-delete", _problems(asked.delete))
}

_problems(ns) := {object.union(
	{
		"msg": sprintf("%s is to be deleted%s: %s%s", [meta.name(ns), holdings.listed(held), _loss(held), approval.refused(ns)]),
		"field": "",
		"severity": _severity(held),
		"related": holdings.related(held),
	},
	_doubt(ns, held),
) |
	not _cascade
	not _thrown_away(ns)
	not approval.holds(ns)

	# Only sooner: what goes for certain is critical, and who does not ask for that need not hear of the rest.
	_asked_for(ns)
	held := _held(meta.simple(ns), holdings.of(meta.simple(ns)))
	_holds_data(ns, held)
}

_cascade if asked.user in input.parameters.cascadeActors

_thrown_away(ns) if {
	classify.disposable_namespace(ns)
	not classify.declared(ns)
}

_asked_for(_) if {
	# Only sooner, as above.
	"critical" in input.parameters.severities
}

_asked_for(ns) if {
	# Only sooner, as above.
	not fate.some_goes(meta.simple(ns))
}

_holds_data(_, held) if holdings.number(held) > 0

_holds_data(ns, _) if classify.declared(ns)

# A cluster without a single claim is rarer than one whose claims are not shown.
_held(ns, shown) := object.union(shown, {"unseen": [[fate.rank(""), "claims that nobody showed", "", unknown, ""]]}) if {
	not fate.claims_shown
	holdings.number(shown) == 0
	unknown := sprintf("v1/PersistentVolumeClaim of %s", [meta.key("v1", "Namespace", "", ns)])
} else := shown

_severity(held) := "medium" if {
	holdings.number(held) > 0
	count(holdings.going(held)) == 0
	count(holdings.uncertain(held)) == 0
} else := "critical"

# Where something goes for certain, or someone marked the namespace, doubt about the rest does not matter. What nobody
# showed of a resource cannot be named.
_doubt(ns, held) := {"unknown": unknown} if {
	not classify.declared(ns)
	count(holdings.going(held)) == 0
	count(held.resources) == 0
	unknown := holdings.unknown(held)
	count(unknown) > 0
} else := {}

_loss(held) := text if {
	text := holdings.loss(held)
} else := "it is marked as holding data, which may go with it"
