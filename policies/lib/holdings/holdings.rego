# METADATA
# description: |
#   What a namespace holds that someone would miss, and what decides over it when the namespace goes: {ns, claims,
#   snapshots, resources, unseen}, each a list of [rank, name, policy, key, size], the worst first. policy is the
#   reclaim or deletion policy, "" where nobody knows it, and rank says how bad it is; the key of a claim is its
#   volume's name. A namespace can hold thousands: each list is counted in full, and told in part.
package lib.holdings

import data.lib.classify
import data.lib.fate
import data.lib.meta
import data.lib.quantity
import data.lib.text

# METADATA
# description: Everything that the namespace of that name holds.
of(ns) := {"ns": ns, "claims": claims, "snapshots": _snapshots(ns), "resources": _resources(ns, claims), "unseen": []} if {
	claims := fate.of_namespace(ns)
}

# METADATA
# description: How many things there are.
number(held) := sum([count(list) | some list in _lists(held)])

# METADATA
# description: |
#   Names of what goes for certain, claims first, the worst first in each kind.
going(held) := [entry[1] |
	doubt := fate.rank("")
	some list in _lists(held)
	some entry in list
	entry[0] < doubt
]

# METADATA
# description: Names of what may go, since nobody knows what decides.
uncertain(held) := [entry[1] | some list in _lists(held); some entry in list; entry[2] == ""]

# METADATA
# description: The keys of what goes or may go, of twenty things at most.
related(held) := array.slice(array.concat(array.concat(claims, snapshots), resources), 0, _most) if {
	claims := [meta.key("v1", "PersistentVolumeClaim", held.ns, entry[1]) | some entry in array.slice(held.claims, 0, _most); entry[2] != "Retain"]
	snapshots := [entry[3] | some entry in held.snapshots; entry[2] != "Retain"]
	resources := [entry[3] | some entry in held.resources]
}

# METADATA
# description: The keys of what nobody showed of what may go, of twenty things at most.
unknown(held) := array.slice(array.concat(claims, array.concat(snapshots, unseen)), 0, _most) if {
	doubtful := array.slice([entry | some entry in held.claims; entry[2] == ""], 0, _most)
	claims := [_volume_key(entry[3], meta.key("v1", "PersistentVolumeClaim", held.ns, entry[1])) | some entry in doubtful]
	snapshots := [sprintf("snapshot.storage.k8s.io/v1/VolumeSnapshotContent of %s", [entry[3]]) | some entry in held.snapshots; entry[2] == ""]
	unseen := [entry[3] | some entry in held.unseen]
}

_most := 20

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
	names := [entry[1] | some list in _lists(held); some entry in list]
	count(names) > 0
}

# METADATA
# description: |
#   How much there is, " with 5 claims (620Gi; volumes: 2 Delete, 3 Retain) and 1 snapshot (1 Retain)"; "" for nothing.
listed(held) := sprintf(" with %s", [text.joined(parts)]) if {
	parts := [part | some part in [_listed_claims(held), _listed_snapshots(held), _listed_resources(held)]; part != ""]
	count(parts) > 0
} else := ""

_lists(held) := [held.claims, held.snapshots, held.resources, held.unseen]

_volume_key(name, claim) := sprintf("v1/PersistentVolume of %s", [claim]) if {
	name == ""
} else := meta.key("v1", "PersistentVolume", "", name)

_snapshots(ns) := sort([[fate.rank(policy), sprintf("snapshot %s", [name]), policy, key, ""] |
	disposable := classify.disposables(ns, "snapshot.storage.k8s.io/v1", "VolumeSnapshot")
	some name, snapshot in data.inventory.namespace[ns]["snapshot.storage.k8s.io/v1"].VolumeSnapshot
	not name in disposable
	policy := _deletion_policy(object.get(snapshot, ["status", "boundVolumeSnapshotContentName"], ""))
	key := meta.key("snapshot.storage.k8s.io/v1", "VolumeSnapshot", ns, name)
])

# The content's policy decides, not the class's (https://kubernetes.io/docs/concepts/storage/volume-snapshots/#delete).
_deletion_policy(content) := policy if {
	policy := data.inventory.cluster["snapshot.storage.k8s.io/v1"].VolumeSnapshotContent[content].spec.deletionPolicy
} else := ""

_resources(ns, claims) := [[fate.rank(""), sprintf("%s %s", [kind, name]), "", key, ""] |
	some [version, kind] in sort(_telling(claims))
	some name in (object.keys(data.inventory.namespace[ns][version][kind]) - classify.disposables(ns, version, kind))
	key := meta.key(version, kind, ns, name)
]

# An operator keeps its data in claims: where these are shown, they tell more.
_telling(claims) := _stores if {
	count(claims) > 0
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

_listed_claims(held) := sprintf("%s (%svolumes: %s)", [text.counted(count(held.claims), "claim"), _total(held.claims), _tally(held.claims)]) if {
	count(held.claims) > 0
} else := ""

_listed_snapshots(held) := sprintf("%s (%s)", [text.counted(count(held.snapshots), "snapshot"), _tally(held.snapshots)]) if {
	count(held.snapshots) > 0
} else := ""

_listed_resources(held) := text.counted(count(held.resources), "custom resource") if {
	count(held.resources) > 0
} else := ""

# Many claims have few sizes.
_total(claims) := sprintf("%s%s; ", [_least(sizes, claims), quantity.size(sum(sizes))]) if {
	numbers_of := {size: number | some size in {entry[4] | some entry in claims}; number := quantity.number(size)}
	sizes := [numbers_of[entry[4]] | some entry in claims]
	count(sizes) > 0
} else := ""

_least(sizes, claims) := "" if {
	count(sizes) == count(claims)
} else := "at least "

# Worst first: "2 Delete, 1 not shown, 3 Retain".
_tally(list) := concat(", ", [sprintf("%d %s", [count(same), _shown(policy)]) |
	some [_, policy] in sort({[fate.rank(policy), policy] | some policy in {entry[2] | some entry in list}})
	same := [1 | some entry in list; entry[2] == policy]
])

_shown(policy) := "not shown" if {
	policy == ""
} else := policy
