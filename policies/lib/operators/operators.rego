# METADATA
# description: |
#   Custom resources that hold data, and what their operators destroy when one is deleted. It is data on purpose: a new
#   operator is a row. A row lists the ways in which the deletion destroys something, the worst first; a row without any
#   says that everything stays.
package lib.operators

import data.lib.cloud
import data.lib.meta

# A way is {takes} with what decides over it: a path of the object ("*" for every item of a list) whose value goes in
# one of "goes", or in none of "keeps", with "unset" for a field that is not there; a path in "given" under which there
# is something at all; a "finalizer"; a rule of its own by name ("by"); nothing, when it always happens.
_rows := {
	"acid.zalan.do/postgresql": [{"takes": "claims", "by": "zalando"}],
	"apps.kubeblocks.io/Cluster": [{"takes": "claims", "by": "kubeblocks"}],
	"br.pingcap.com/Backup": [_backup(["spec", "cleanPolicy"])],
	"br.pingcap.com/BackupSchedule": [_backups(["spec", "backupTemplate", "cleanPolicy"]), _backups(["spec", "logBackupTemplate", "cleanPolicy"])],
	"cassandra.datastax.com/CassandraDatacenter": [{"takes": "claims", "path": ["metadata", "annotations", "cassandra.datastax.com/delete-pvc"], "keeps": {"false"}, "unset": "true"}],
	"ceph.rook.io/CephBlockPool": [{"takes": "the pool goes as soon as no image is left in it", "severity": "medium"}],
	"ceph.rook.io/CephCluster": [
		{"takes": "the disks and directories of its nodes are wiped", "path": ["spec", "cleanupPolicy", "confirmation"], "goes": {"yes-really-destroy-data"}},
		{"takes": "claims", "given": ["spec", "storage", "storageClassDeviceSets"]},
	],
	"ceph.rook.io/CephFilesystem": [{"takes": "the filesystem and its pools go with it", "path": ["spec", "preserveFilesystemOnDelete"], "keeps": {true}, "unset": false}],
	"ceph.rook.io/CephObjectStore": [{"takes": "its pools and all buckets in them go with it", "by": "object store"}],
	"ceph.rook.io/CephObjectZone": [{"takes": "its pools and all buckets in them go with it", "path": ["spec", "preservePoolsOnDelete"], "keeps": {true}, "unset": true}],
	"clickhouse.altinity.com/ClickHouseInstallation": [{"takes": "claims", "by": "altinity"}],
	# A cluster deletes its groups, and they their members (tidb-operator v2 pkg/controllers/cluster/tasks/finalizer.go).
	"core.pingcap.com/Cluster": [_owned],
	"core.pingcap.com/PD": [_owned],
	"core.pingcap.com/PDGroup": [_owned],
	"core.pingcap.com/TiFlash": [_owned],
	"core.pingcap.com/TiFlashGroup": [_owned],
	"core.pingcap.com/TiKV": [_owned],
	"core.pingcap.com/TiKVGroup": [_owned],
	"elasticsearch.k8s.elastic.co/Elasticsearch": [{"takes": "claims", "path": ["spec", "volumeClaimDeletePolicy"], "keeps": {"DeleteOnScaledownOnly"}, "unset": "DeleteOnScaledownAndClusterDeletion"}],
	"enterprise.mariadb.com/MariaDB": [_retention(["spec", "storage", "pvcRetentionPolicy", "whenDeleted"])],
	"federation.pingcap.com/VolumeBackup": [_backup(["spec", "template", "cleanPolicy"])],
	"federation.pingcap.com/VolumeBackupSchedule": [_backups(["spec", "backupTemplate", "template", "cleanPolicy"])],
	"k8s.mariadb.com/MariaDB": [_retention(["spec", "storage", "pvcRetentionPolicy", "whenDeleted"])],
	"kafka.strimzi.io/Kafka": [_delete_claim(array.concat(storage, rest)) |
		some storage in [["spec", "kafka", "storage"], ["spec", "zookeeper", "storage"]]
		some rest in [["deleteClaim"], ["volumes", "*", "deleteClaim"]]
	],
	"kafka.strimzi.io/KafkaNodePool": [_delete_claim(["spec", "storage", "deleteClaim"]), _delete_claim(["spec", "storage", "volumes", "*", "deleteClaim"])],
	# The uninstaller alone asks for deleting-confirmation-flag; who deletes a volume is not asked
	# (longhorn-manager webhook/resources/volume/validator.go).
	"longhorn.io/Volume": [{"takes": "its replicas and the data in them go with it"}],
	"monitoring.coreos.com/Alertmanager": [_retention(["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"])],
	"monitoring.coreos.com/Prometheus": [_retention(["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"])],
	"pgv2.percona.com/PerconaPGBackup": [_removes_backup("internal.percona.com/delete-backup")],
	"pgv2.percona.com/PerconaPGCluster": [
		{"takes": "claims", "finalizer": "percona.com/delete-pvc"},
		{"takes": "all backups in its repositories go with it", "finalizer": "percona.com/delete-backups"},
	],
	"pingcap.com/Backup": [_backup(["spec", "cleanPolicy"])],
	"pingcap.com/BackupSchedule": [_backups(["spec", "backupTemplate", "cleanPolicy"]), _backups(["spec", "logBackupTemplate", "cleanPolicy"])],
	# Claims and volumes stay, whatever pvReclaimPolicy says
	# (https://docs.pingcap.com/tidb-in-kubernetes/stable/destroy-a-tidb-cluster/).
	"pingcap.com/TidbCluster": [],
	"postgres-operator.crunchydata.com/PostgresCluster": [_owned],
	"postgresql.cnpg.io/Cluster": [_owned],
	"postgresql.cnpg.io/Database": [{"takes": "the database is dropped", "path": ["spec", "databaseReclaimPolicy"], "goes": {"delete"}}],
	"ps.percona.com/PerconaServerMySQL": [{"takes": "claims", "finalizer": "percona.com/delete-mysql-pvc"}],
	"ps.percona.com/PerconaServerMySQLBackup": [_removes_backup("percona.com/delete-backup")],
	"psmdb.percona.com/PerconaServerMongoDB": [
		{"takes": "claims", "finalizer": "percona.com/delete-psmdb-pvc"},
		{"takes": "claims", "finalizer": "delete-psmdb-pvc"},
		{"takes": "what it needs to restore to a point in time goes with it", "finalizer": "percona.com/delete-pitr-chunks", "severity": "high"},
	],
	"psmdb.percona.com/PerconaServerMongoDBBackup": [_removes_backup("percona.com/delete-backup"), _removes_backup("delete-backup")],
	# Finalizers without a domain are those of older operators.
	"pxc.percona.com/PerconaXtraDBCluster": [{"takes": "claims", "finalizer": concat("", [domain, name])} |
		some name in ["delete-pxc-pvc", "delete-proxysql-pvc"]
		some domain in ["percona.com/", ""]
	],
	"pxc.percona.com/PerconaXtraDBClusterBackup": [_removes_backup("percona.com/delete-backup"), _removes_backup("delete-s3-backup")],
	"rabbitmq.com/RabbitmqCluster": [{"takes": "claims", "path": ["spec", "override", "statefulSet", "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"], "keeps": {"Retain"}, "unset": "Delete"}],
	"redis.redis.opstreelabs.in/Redis": [_keep_after_delete],
	"redis.redis.opstreelabs.in/RedisCluster": [_keep_after_delete],
	"redis.redis.opstreelabs.in/RedisReplication": [_keep_after_delete],
	"topolvm.cybozu.com/LogicalVolume": [_logical_volume],
	"topolvm.io/LogicalVolume": [_logical_volume],
}

_owned := {"takes": "claims"}

_keep_after_delete := {"takes": "claims", "path": ["spec", "storage", "keepAfterDelete"], "keeps": {true}, "unset": false}

_logical_volume := {"takes": "the logical volume goes from its node's disk"}

_retention(path) := {"takes": "claims", "path": path, "goes": {"Delete"}}

_delete_claim(path) := {"takes": "claims", "path": path, "goes": {true}}

_backup(path) := {"takes": "the backup's data goes with it", "path": path, "goes": {"Delete"}, "severity": "high"}

_backups(path) := {"takes": "its Backups and their data go with it", "path": path, "goes": {"Delete"}, "severity": "high"}

_removes_backup(finalizer) := {"takes": "the backup's files go with it", "finalizer": finalizer, "severity": "high"}

# METADATA
# description: |
#   "group/Kind" of every custom resource that holds data, whether its deletion destroys it or not.
kinds := object.keys(_rows) | cloud.kinds

# METADATA
# description: Groups of these kinds.
groups := {split(kind, "/")[0] | some kind in kinds}

# METADATA
# description: |
#   "group/Kind" of an object; "/Kind" in the core group and for one without an apiVersion.
kind(obj) := sprintf("%s/%s", [split(obj.apiVersion, "/")[0], object.get(obj, "kind", "")]) if {
	contains(obj.apiVersion, "/")
} else := sprintf("/%s", [object.get(obj, "kind", "")])

# METADATA
# description: The object is a custom resource that holds data, whether its deletion destroys it or not.
holds_data(obj) if {
	kind(obj) in kinds
	not _ephemeral(obj)
}

# METADATA
# description: |
#   The label in which the claims of the object carry its name; undefined where its operator sets none.
claim_label(obj) := {
	"acid.zalan.do/postgresql": "cluster-name",
	"apps.kubeblocks.io/Cluster": "app.kubernetes.io/instance",
	"cassandra.datastax.com/CassandraDatacenter": "cassandra.datastax.com/datacenter",
	"clickhouse.altinity.com/ClickHouseInstallation": "clickhouse.altinity.com/chi",
	"core.pingcap.com/Cluster": "pingcap.com/cluster",
	"elasticsearch.k8s.elastic.co/Elasticsearch": "elasticsearch.k8s.elastic.co/cluster-name",
	"k8s.mariadb.com/MariaDB": "app.kubernetes.io/instance",
	"kafka.strimzi.io/Kafka": "strimzi.io/cluster",
	"kafka.strimzi.io/KafkaNodePool": "strimzi.io/pool-name",
	"pgv2.percona.com/PerconaPGCluster": "postgres-operator.crunchydata.com/cluster",
	"postgres-operator.crunchydata.com/PostgresCluster": "postgres-operator.crunchydata.com/cluster",
	"postgresql.cnpg.io/Cluster": "cnpg.io/cluster",
	"ps.percona.com/PerconaServerMySQL": "app.kubernetes.io/instance",
	"psmdb.percona.com/PerconaServerMongoDB": "app.kubernetes.io/instance",
	"pxc.percona.com/PerconaXtraDBCluster": "app.kubernetes.io/instance",
	"rabbitmq.com/RabbitmqCluster": "app.kubernetes.io/name",
	"redis.redis.opstreelabs.in/Redis": "app",
}[kind(obj)]

# METADATA
# description: |
#   What the object's deletion destroys, {text, field, severity, claims, unknown}; undefined where everything stays. text
#   is the end of a sentence with what decides; field the pointer to that, "" where nothing does. claims says that its
#   claims go, so that their volumes decide over the data. unknown has the keys of what decides and nobody showed.
end(obj) := {
	"text": concat("", [cause.text, _taken(way, cause)]),
	"field": cause.field,
	"severity": object.get(way, "severity", "critical"),
	"claims": way.takes == "claims",
	"unknown": cause.unknown,
} if {
	not _ephemeral(obj)
	[way, cause] := [[way, cause] | some way in _rows[kind(obj)]; some cause in _causes(obj, way)][0]
} else := cloud.end(obj, kind(obj))

_taken(way, cause) := "its claims may go with it" if {
	way.takes == "claims"
	count(cause.unknown) > 0
} else := "its claims go with it" if {
	way.takes == "claims"
} else := way.takes

# What makes a way happen, the first of them counts; [] where it does not.
_causes(obj, way) := [_cause(value.path, _said(value)) |
	some value in _values(obj, way)
	_destroys(way, value.value)
] if {
	way.path
} else := [_cause(way.given, sprintf("%s is given, so ", [concat(".", way.given)])) | object.get(obj, array.concat(way.given, [0]), null) != null] if {
	way.given
} else := [_cause(["metadata", "finalizers", i], sprintf("it has the finalizer %s, so ", [way.finalizer])) |
	some i, finalizer in object.get(obj, ["metadata", "finalizers"], [])
	finalizer == way.finalizer
] if {
	way.finalizer
} else := _causes_by(way.by, obj) if {
	way.by
} else := [_cause([], "")]

_cause(path, text) := {"text": text, "field": meta.pointer(path), "unknown": []}

_causes_by("zalando", obj) := [{"text": "nobody showed an OperatorConfiguration that keeps claims, so ", "field": "", "unknown": [_of("acid.zalan.do/v1/OperatorConfiguration", obj)]}] if {
	count(_zalando) == 0
} else := [] if {
	_zalando == {false}
} else := [_cause([], "its OperatorConfiguration does not keep claims, so ")] if {
	_zalando == {true}
} else := [{"text": "not every OperatorConfiguration keeps claims, so ", "field": "", "unknown": [_of("acid.zalan.do/v1/OperatorConfiguration", obj)]}]

# WipeOut takes backups as well, so a component that keeps its claims does not help.
_causes_by("kubeblocks", obj) := [_cause(value.path, _said(value)) |
	value := _value(["spec", "terminationPolicy"], object.get(obj, ["spec", "terminationPolicy"], null), "Delete")
	not value.value in {"DoNotTerminate", "Halt"}
	not _kept_by_components(obj, value.value)
]

_causes_by("altinity", obj) := [_cause(value.path, _said(value)) |
	default_policy := object.get(obj, ["spec", "defaults", "storageManagement", "reclaimPolicy"], "Delete")
	some i, template in _altinity_templates(obj)
	path := ["spec", "templates", "volumeClaimTemplates", i, "reclaimPolicy"]
	value := _value(path, object.get(template, "reclaimPolicy", null), default_policy)
	value.value != "Retain"
] if {
	count(_altinity_templates(obj)) > 0
} else := [{"text": "nobody showed the templates that it uses, so ", "field": "/spec/useTemplates", "unknown": [_of("clickhouse.altinity.com/v1/ClickHouseInstallationTemplate", obj)]} |
	object.get(obj, ["spec", "useTemplates", 0], null) != null
]

# Pools of a zone go with the zone, shared ones with neither.
_causes_by("object store", obj) := [_cause(value.path, _said(value)) |
	value := _value(["spec", "preservePoolsOnDelete"], object.get(obj, ["spec", "preservePoolsOnDelete"], null), false)
	value.value != true
	not obj.spec.zone.name
	not obj.spec.sharedPools.dataPoolName
]

_of(wanted, obj) := sprintf("%s of %s", [wanted, meta.key(obj.apiVersion, obj.kind, meta.namespace(obj), meta.simple(obj))])

# What each OperatorConfiguration in sight does with claims: true where it deletes them, which is the default
# (postgres-operator pkg/controller/operator_config.go). An operator may be configured by a ConfigMap instead.
_zalando contains deletes if {
	some versions in data.inventory.namespace
	some config in versions["acid.zalan.do/v1"].OperatorConfiguration
	deletes := _zalando_deletes(object.get(config, ["configuration", "kubernetes"], {}))
}

_zalando_deletes(config) if {
	config.enable_persistent_volume_claim_deletion == false
	config.persistent_volume_claim_retention_policy.when_deleted == "delete"
} else := false if {
	config.enable_persistent_volume_claim_deletion == false
} else := true

_altinity_templates(obj) := [template | some template in object.get(obj, ["spec", "templates", "volumeClaimTemplates"], [])]

_kept_by_components(obj, policy) if {
	policy != "WipeOut"
	components := [component | some component in obj.spec.componentSpecs]
	shards := [sharding.template | some sharding in obj.spec.shardings]
	count(components) + count(shards) > 0
	every component in array.concat(components, shards) {
		component.persistentVolumeClaimRetentionPolicy.whenDeleted == "Retain"
	}
}

_destroys(way, value) if value in way.goes

_destroys(way, value) if not value in object.get(way, "keeps", {value})

_said(value) := sprintf("%s is not set, which means %v, so ", [value.name, value.value]) if {
	not value.set
} else := sprintf("%s is %v, so ", [value.name, value.value])

# The values at a path, {name, path, value, set}; one that is not there has the default of the operator.
_values(obj, way) := [_value(array.concat(array.slice(way.path, 0, star), array.concat([i], rest)), object.get(item, rest, null), null) |
	some star, "*" in way.path
	rest := array.slice(way.path, star + 1, count(way.path))
	some i, item in object.get(obj, array.slice(way.path, 0, star), [])
	is_object(item)
] if {
	"*" in way.path
} else := [_value(way.path, object.get(obj, way.path, null), object.get(way, "unset", null))]

_value(path, found, unset) := {"name": _dotted(path), "path": path, "value": unset, "set": false} if {
	found in {null, ""}
} else := {"name": _dotted(path), "path": path, "value": found, "set": true}

_dotted(path) := sprintf("annotation %s", [path[2]]) if {
	array.slice(path, 0, 2) == ["metadata", "annotations"]
} else := concat(".", [sprintf("%v", [step]) | some step in path])

# Without storage the operators mount an emptyDir.
_ephemeral(obj) if {
	obj.kind == "MariaDB"
	obj.spec.storage.ephemeral == true
}

_ephemeral(obj) if {
	obj.kind in {"Prometheus", "Alertmanager"}
	not obj.spec.storage.volumeClaimTemplate
}

_ephemeral(obj) if {
	obj.kind == "RabbitmqCluster"
	object.get(obj, ["spec", "persistence", "storage"], "") in {0, "0", "0Gi"}
}

_ephemeral(obj) if {
	startswith(obj.apiVersion, "redis.redis.opstreelabs.in/")
	not obj.spec.storage
}

_ephemeral(obj) if {
	obj.kind == "Elasticsearch"
	count(obj.spec.nodeSets) > 0
	every set in obj.spec.nodeSets {
		some volume in set.podTemplate.spec.volumes
		volume.name == "elasticsearch-data"
	}
}
