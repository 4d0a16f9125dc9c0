# METADATA
# description: |
#   What a namespace holds that someone would miss, and what decides over it when the namespace goes. A holding is
#   {kind, name, policy, key} with optional size and unknown: kind is claim, snapshot or resource; policy is the
#   reclaim or deletion policy, "" where nobody knows it; unknown is the key of what nobody showed.
package lib.holdings

import data.lib.classify
import data.lib.fate
import data.lib.meta
import data.lib.quantity
import data.lib.text

# METADATA
# description: Everything that the namespace of that name holds, claims first, the worst first in each kind.
of(ns) := array.concat(array.concat(_claims(ns), _snapshots(ns)), _resources(ns))

# METADATA
# description: Names of what goes for certain, the worst first.
going(held) := [holding.name | some holding in held; not holding.policy in {"", "Retain"}]

# METADATA
# description: Names of what may go, since nobody knows what decides.
uncertain(held) := [holding.name | some holding in held; holding.policy == ""]

# METADATA
# description: |
#   What happens to the data, as the end of a sentence; of nothing at all it is undefined.
loss(held) := sprintf("the data of %s goes with it, that of %d more may", [text.few(going(held)), count(uncertain(held))]) if {
	count(going(held)) > 0
	count(uncertain(held)) > 0
} else := sprintf("the data of %s goes with it", [text.few(going(held))]) if {
	count(going(held)) > 0
} else := sprintf("the data of %s may go with it", [text.few(uncertain(held))]) if {
	count(uncertain(held)) > 0
} else := sprintf("the data of %s stays in the storage, but nothing in the cluster claims it", [text.few(names)]) if {
	names := [holding.name | some holding in held]
	count(names) > 0
}

# METADATA
# description: |
#   How much there is, " with 5 claims (620Gi; volumes: 2 Delete, 3 Retain) and 1 snapshot (1 Retain)"; "" for nothing.
listed(held) := sprintf(" with %s", [text.joined(parts)]) if {
	parts := [part | some part in [_listed_claims(held), _listed_snapshots(held), _listed_resources(held)]; part != ""]
	count(parts) > 0
} else := ""

_claims(ns) := [object.union(
	{"kind": "claim", "name": end.claim, "policy": end.policy, "size": end.size, "key": key},
	_unknown(end.policy, _volume_key(end.volume, key)),
) |
	some end in fate.of_namespace(ns)
	key := meta.key("v1", "PersistentVolumeClaim", ns, end.claim)
]

_volume_key(name, claim) := sprintf("v1/PersistentVolume of %s", [claim]) if {
	name == ""
} else := meta.key("v1", "PersistentVolume", "", name)

_snapshots(ns) := [holding |
	some entry in sort({[fate.rank(policy), name, policy] |
		some name, snapshot in data.inventory.namespace[ns]["snapshot.storage.k8s.io/v1"].VolumeSnapshot
		not classify.disposable(snapshot)
		policy := _deletion_policy(snapshot)
	})
	key := meta.key("snapshot.storage.k8s.io/v1", "VolumeSnapshot", ns, entry[1])
	holding := object.union(
		{"kind": "snapshot", "name": sprintf("snapshot %s", [entry[1]]), "policy": entry[2], "key": key},
		_unknown(entry[2], sprintf("snapshot.storage.k8s.io/v1/VolumeSnapshotContent of %s", [key])),
	)
]

# The content's policy decides, not the class's (https://kubernetes.io/docs/concepts/storage/volume-snapshots/#delete).
_deletion_policy(snapshot) := policy if {
	name := snapshot.status.boundVolumeSnapshotContentName
	policy := data.inventory.cluster["snapshot.storage.k8s.io/v1"].VolumeSnapshotContent[name].spec.deletionPolicy
} else := ""

_resources(ns) := [{"kind": "resource", "name": sprintf("%s %s", [kind, name]), "policy": "", "key": key} |
	some [version, kind] in sort(_telling(ns))
	some name, resource in data.inventory.namespace[ns][version][kind]
	not classify.disposable(resource)
	key := meta.key(version, kind, ns, name)
]

# An operator keeps its data in claims: where these are shown, they tell more.
_telling(ns) := _stores if {
	count(fate.of_namespace(ns)) > 0
} else := _stores | _databases

# Kinds that are the data: disks, pools, and what is kept in a bucket until the resource goes.
_stores := {
	["ceph.rook.io/v1", "CephBlockPool"],
	["ceph.rook.io/v1", "CephCluster"],
	["ceph.rook.io/v1", "CephFilesystem"],
	["ceph.rook.io/v1", "CephObjectStore"],
	["longhorn.io/v1beta2", "Volume"],
	["pingcap.com/v1alpha1", "Backup"],
}

_databases := {
	["apps.kubeblocks.io/v1", "Cluster"],
	["cassandra.datastax.com/v1beta1", "CassandraDatacenter"],
	["clickhouse.altinity.com/v1", "ClickHouseInstallation"],
	["elasticsearch.k8s.elastic.co/v1", "Elasticsearch"],
	["k8s.mariadb.com/v1alpha1", "MariaDB"],
	["kafka.strimzi.io/v1beta2", "Kafka"],
	["pgv2.percona.com/v2", "PerconaPGCluster"],
	["pingcap.com/v1alpha1", "TidbCluster"],
	["postgres-operator.crunchydata.com/v1beta1", "PostgresCluster"],
	["postgresql.cnpg.io/v1", "Cluster"],
	["psmdb.percona.com/v1", "PerconaServerMongoDB"],
	["pxc.percona.com/v1", "PerconaXtraDBCluster"],
	["rabbitmq.com/v1beta1", "RabbitmqCluster"],
	["redis.redis.opstreelabs.in/v1beta2", "RedisCluster"],
}

_unknown(policy, key) := {"unknown": key} if {
	policy == ""
} else := {}

_listed_claims(held) := sprintf("%s (%svolumes: %s)", [text.counted(count(claims), "claim"), _total(claims), _tally(claims)]) if {
	claims := [holding | some holding in held; holding.kind == "claim"]
	count(claims) > 0
} else := ""

_listed_snapshots(held) := sprintf("%s (%s)", [text.counted(count(snapshots), "snapshot"), _tally(snapshots)]) if {
	snapshots := [holding | some holding in held; holding.kind == "snapshot"]
	count(snapshots) > 0
} else := ""

_listed_resources(held) := text.counted(count(resources), "custom resource") if {
	resources := [holding | some holding in held; holding.kind == "resource"]
	count(resources) > 0
} else := ""

_total(claims) := sprintf("%s%s; ", [_least(sizes, claims), quantity.size(sum(sizes))]) if {
	sizes := [size | some claim in claims; size := quantity.number(claim.size)]
	count(sizes) > 0
} else := ""

_least(sizes, claims) := "" if {
	count(sizes) == count(claims)
} else := "at least "

# Worst first: "2 Delete, 1 not shown, 3 Retain".
_tally(things) := concat(", ", [sprintf("%d %s", [count(same), _shown(policy)]) |
	some [_, policy] in sort({[fate.rank(thing.policy), thing.policy] | some thing in things})
	same := [thing | some thing in things; thing.policy == policy]
])

_shown(policy) := "not shown" if {
	policy == ""
} else := policy
