package lib.operators_test

import data.lib.operators

test_a_knob_that_is_not_set_has_the_operators_default if {
	end := operators.end(_es({}))
	end.text == "spec.volumeClaimDeletePolicy is not set, which means DeleteOnScaledownAndClusterDeletion, so its claims go with it"
	end.field == "/spec/volumeClaimDeletePolicy"
	end.severity == "critical"
	end.claims == true
	end.unknown == []
	not operators.end(_es({"volumeClaimDeletePolicy": "DeleteOnScaledownOnly"}))
}

test_a_value_that_nobody_knows_destroys if {
	operators.end(_es({"volumeClaimDeletePolicy": "Retain"})).text == "spec.volumeClaimDeletePolicy is Retain, so its claims go with it"
}

test_what_is_not_kept_in_claims_is_no_data if {
	every obj in [
		_es({"nodeSets": [{"podTemplate": {"spec": {"volumes": [{"name": "elasticsearch-data", "emptyDir": {}}]}}}]}),
		_cr("k8s.mariadb.com/v1alpha1", "MariaDB", {"storage": {"ephemeral": true, "pvcRetentionPolicy": {"whenDeleted": "Delete"}}}),
		_cr("monitoring.coreos.com/v1", "Prometheus", {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}),
		_cr("rabbitmq.com/v1beta1", "RabbitmqCluster", {"persistence": {"storage": "0"}}),
		_cr("redis.redis.opstreelabs.in/v1beta2", "Redis", {}),
	] {
		not operators.holds_data(obj)
		not operators.end(obj)
	}
}

test_data_whose_resource_may_go_stays if {
	every obj in [
		_cr("pingcap.com/v1alpha1", "TidbCluster", {"pvReclaimPolicy": "Delete"}),
		_cr("pingcap.com/v1alpha1", "Backup", {"cleanPolicy": "OnFailure"}),
		_cr("k8s.mariadb.com/v1alpha1", "MariaDB", {"storage": {"size": "10Gi"}}),
		_cr("kafka.strimzi.io/v1", "KafkaNodePool", {"storage": {"type": "jbod", "volumes": [{"deleteClaim": false}, "odd"]}}),
		_cr("ceph.rook.io/v1", "CephCluster", {"cleanupPolicy": {"confirmation": ""}}),
		_cr("ceph.rook.io/v1", "CephObjectZone", {}),
		_cr("ceph.rook.io/v1", "CephObjectStore", {"zone": {"name": "a"}}),
		_cr("ceph.rook.io/v1", "CephObjectStore", {"sharedPools": {"dataPoolName": "a"}}),
		_cr("ceph.rook.io/v1", "CephObjectStore", {"preservePoolsOnDelete": true}),
		_cr("pxc.percona.com/v1", "PerconaXtraDBCluster", {}),
		_cr("postgresql.cnpg.io/v1", "Database", {}),
		_cr("apps.kubeblocks.io/v1", "Cluster", {"terminationPolicy": "DoNotTerminate"}),
		_cr("clickhouse.altinity.com/v1", "ClickHouseInstallation", {}),
	] {
		operators.holds_data(obj)
		not operators.end(obj)
	}
}

test_what_is_no_data_resource_has_no_end if {
	every obj in [{}, {"kind": "Elasticsearch"}, {"apiVersion": "v1", "kind": "Pod"}, _cr("pingcap.com/v1alpha1", "TidbMonitor", {})] {
		not operators.holds_data(obj)
		not operators.end(obj)
	}
	operators.kind({}) == "/"
	operators.kind({"apiVersion": "v1", "kind": "Pod"}) == "/Pod"
}

test_every_way_says_what_goes_and_why if {
	expected := {
		"its claims go with it": _cr("postgresql.cnpg.io/v1", "Cluster", {}),
		"spec.storage.volumes.1.deleteClaim is true, so its claims go with it": _cr("kafka.strimzi.io/v1", "KafkaNodePool", {"storage": {"volumes": [{"deleteClaim": false}, {"deleteClaim": true}]}}),
		"spec.zookeeper.storage.deleteClaim is true, so its claims go with it": _cr("kafka.strimzi.io/v1beta2", "Kafka", {"zookeeper": {"storage": {"deleteClaim": true}}}),
		"spec.cleanupPolicy.confirmation is yes-really-destroy-data, so the disks and directories of its nodes are wiped": _cr("ceph.rook.io/v1", "CephCluster", {"cleanupPolicy": {"confirmation": "yes-really-destroy-data"}}),
		"spec.storage.storageClassDeviceSets is given, so its claims go with it": _cr("ceph.rook.io/v1", "CephCluster", {"storage": {"storageClassDeviceSets": [{"name": "a"}]}}),
		"spec.preservePoolsOnDelete is not set, which means false, so its pools and all buckets in them go with it": _cr("ceph.rook.io/v1", "CephObjectStore", {"dataPool": {}}),
		"spec.storage.keepAfterDelete is not set, which means false, so its claims go with it": _cr("redis.redis.opstreelabs.in/v1beta2", "RedisCluster", {"storage": {"volumeClaimTemplate": {}}}),
		"spec.backupTemplate.cleanPolicy is Delete, so its Backups and their data go with it": _cr("br.pingcap.com/v1alpha1", "BackupSchedule", {"backupTemplate": {"cleanPolicy": "Delete"}}),
		"spec.cleanPolicy is Delete, so the backup's data goes with it": _cr("br.pingcap.com/v1alpha1", "Backup", {"cleanPolicy": "Delete"}),
		"spec.terminationPolicy is WipeOut, so its claims go with it": _cr("apps.kubeblocks.io/v1", "Cluster", {"terminationPolicy": "WipeOut", "componentSpecs": [_kept]}),
		"annotation cassandra.datastax.com/delete-pvc is not set, which means true, so its claims go with it": _cr("cassandra.datastax.com/v1beta1", "CassandraDatacenter", {}),
	}
	every text, obj in expected {
		operators.end(obj).text == text
	}
}

test_finalizers_are_told_with_their_place if {
	cluster := {"apiVersion": "pxc.percona.com/v1", "kind": "PerconaXtraDBCluster", "metadata": {"finalizers": ["percona.com/delete-ssl", "delete-pxc-pvc"]}}
	end := operators.end(cluster)
	end.text == "it has the finalizer delete-pxc-pvc, so its claims go with it"
	end.field == "/metadata/finalizers/1"
}

test_backups_weigh_less_than_what_they_are_of if {
	backup := {"apiVersion": "psmdb.percona.com/v1", "kind": "PerconaServerMongoDBBackup", "metadata": {"finalizers": ["percona.com/delete-backup"]}}
	operators.end(backup).severity == "high"
	operators.end(_cr("ceph.rook.io/v1", "CephBlockPool", {})).severity == "medium"
}

test_components_that_all_keep_their_claims_are_kept if {
	not operators.end(_cr("apps.kubeblocks.io/v1", "Cluster", {"terminationPolicy": "Delete", "componentSpecs": [_kept], "shardings": [{"template": _kept}]}))
	operators.end(_cr("apps.kubeblocks.io/v1", "Cluster", {"terminationPolicy": "Delete", "componentSpecs": [_kept, {}]}))
	operators.end(_cr("apps.kubeblocks.io/v1", "Cluster", {"terminationPolicy": "Delete"}))
	operators.end(_cr("apps.kubeblocks.io/v1", "Cluster", {}))
}

test_the_templates_of_an_installation_decide_for_themselves if {
	both := {"templates": {"volumeClaimTemplates": [{"name": "log", "reclaimPolicy": "Retain"}, {"name": "data"}]}}
	end := operators.end(_cr("clickhouse.altinity.com/v1", "ClickHouseInstallation", both))
	end.field == "/spec/templates/volumeClaimTemplates/1/reclaimPolicy"
	not operators.end(_cr("clickhouse.altinity.com/v1", "ClickHouseInstallation", object.union(both, {"defaults": {"storageManagement": {"reclaimPolicy": "Retain"}}})))
}

test_templates_of_others_are_unknown if {
	end := operators.end(_cr("clickhouse.altinity.com/v1", "ClickHouseInstallation", {"useTemplates": [{"name": "base"}]}))
	end.text == "nobody showed the templates that it uses, so its claims may go with it"
	end.unknown == ["clickhouse.altinity.com/v1/ClickHouseInstallationTemplate of clickhouse.altinity.com/v1/ClickHouseInstallation/shop/db"]
}

test_without_its_configuration_a_postgresql_may_lose_its_claims if {
	end := operators.end(_cr("acid.zalan.do/v1", "postgresql", {}))
	end.text == "nobody showed an OperatorConfiguration that keeps claims, so its claims may go with it"
	end.unknown == ["acid.zalan.do/v1/OperatorConfiguration of acid.zalan.do/v1/postgresql/shop/db"]
}

test_the_configuration_of_the_operator_decides_over_a_postgresql if {
	pg := _cr("acid.zalan.do/v1", "postgresql", {})
	keeps := {"enable_persistent_volume_claim_deletion": false}
	not operators.end(pg) with data.inventory as _zalando({"a": keeps})
	operators.end(pg).unknown == [] with data.inventory as _zalando({"a": {}})
	operators.end(pg).unknown == [] with data.inventory as _zalando({"a": object.union(keeps, {"persistent_volume_claim_retention_policy": {"when_deleted": "delete"}})})
	count(operators.end(pg).unknown) == 1 with data.inventory as _zalando({"a": {}, "b": keeps})
}

test_what_stands_for_a_database_elsewhere_is_data_too if {
	instance := _cr("rds.aws.upbound.io/v1beta1", "Instance", {})
	operators.holds_data(instance)
	operators.end(instance).claims == false
}

test_groups_are_those_of_the_kinds if {
	"postgresql.cnpg.io" in operators.groups
	not "" in operators.groups
}

_kept := {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"}}

_zalando(configs) := {"namespace": {"op": {"acid.zalan.do/v1": {"OperatorConfiguration": {name: {"configuration": {"kubernetes": config}} |
	some name, config in configs
}}}}}

_es(spec) := _cr("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", spec)

_cr(version, kind, spec) := {"apiVersion": version, "kind": kind, "metadata": {"name": "db", "namespace": "shop"}, "spec": spec}
