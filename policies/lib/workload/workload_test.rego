package lib.workload_test

import data.lib.workload

test_a_pod_spec_is_found_through_its_wrapper if {
	workload.pod_path({"kind": "Pod"}) == ["spec"]
	workload.pod_path({"kind": "CronJob"}) == ["spec", "jobTemplate", "spec", "template", "spec"]
	workload.pod_path(_deployment({})) == ["spec", "template", "spec"]
	workload.pod_spec({"kind": "Pod", "spec": {"a": 1}}) == {"a": 1}
	workload.pod_spec(_deployment({"a": 1})) == {"a": 1}
}

test_an_object_without_a_pod_has_no_spec if {
	every obj in [{}, {"kind": "Deployment"}, {"kind": "Pod", "spec": null}, {"kind": "Pod", "spec": "${POD}"}, _deployment("${POD}"), _deployment([])] {
		not workload.pod_spec(obj)
	}
}

test_every_function_is_total_over_odd_shapes if {
	every obj in [
		{}, {"kind": "StatefulSet"}, {"kind": "Pod", "spec": null}, _deployment("${POD}"), _deployment({"containers": null}),
		_deployment({"containers": null, "initContainers": null, "volumes": null}),
		_deployment({"containers": "a", "volumes": "b"}),
		_deployment({"containers": [null, "a", {}, {"image": null, "volumeMounts": null}], "volumes": [null, "b", {}, {"name": "v"}]}),
		_deployment({"containers": [{"image": "postgres", "volumeMounts": null, "command": null, "env": null}]}),
		{"kind": "StatefulSet", "metadata": null, "spec": {"replicas": null, "volumeClaimTemplates": null}},
	] {
		is_set(workload.running(obj))
		is_set(workload.containers(obj))
		is_set(workload.volumes(obj))
		is_set(workload.serves(obj))
		workload.claims(obj) == set()
		workload.claim_templates(obj) == []
		workload.data_mounts(obj) == set()
		workload.own_claims(obj) == set()
		workload.replicas(obj) == 1
		workload.max_replicas(obj) == 1
		workload.min_replicas(obj) == 1
		not workload.replicates(obj)
	}
}

test_sidecars_run_and_other_init_containers_do_not if {
	obj := _deployment({
		"containers": [{"name": "a"}],
		"initContainers": [{"name": "b"}, {"name": "c", "restartPolicy": "Always"}],
	})
	{entry.container.name | some entry in workload.running(obj)} == {"a", "c"}
	{entry.container.name | some entry in workload.containers(obj)} == {"a", "b", "c"}
	{"container": {"name": "b"}, "path": ["spec", "template", "spec", "initContainers", 0]} in workload.containers(obj)
}

test_a_claim_template_replaces_a_volume_of_its_name if {
	obj := {"kind": "StatefulSet", "spec": {
		"volumeClaimTemplates": [{"metadata": {"name": "data"}}],
		"template": {"spec": {"volumes": [{"name": "data", "emptyDir": {}}, {"name": "log", "emptyDir": {}}]}},
	}}
	workload.volumes(obj) == {{"volume": {"name": "log", "emptyDir": {}}, "path": ["spec", "template", "spec", "volumes", 1]}}
}

test_only_sets_that_make_claims_have_templates if {
	every kind, number in {"StatefulSet": 1, "CloneSet": 1, "Deployment": 0} {
		count(workload.claim_templates({"kind": kind, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}})) == number
	}
}

test_claims_are_those_that_some_container_writes_to if {
	every container in [
		{"volumeMounts": [{"name": "v", "mountPath": "/a"}]},
		{"volumeMounts": [{"name": "v", "mountPath": "/a", "readOnly": true}, {"name": "v", "mountPath": "/b"}]},
		{"volumeDevices": [{"name": "v", "devicePath": "/dev/xvda"}]},
	] {
		workload.claims(_deployment({"containers": [container], "volumes": [_claim({})]})) == {{"name": "c", "volume": "v", "path": ["spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName"]}}
	}
}

test_what_is_read_only_is_no_claim_to_write_to if {
	mount := {"name": "v", "mountPath": "/a"}
	every pod in [
		{"containers": [{"volumeMounts": [object.union(mount, {"readOnly": true})]}], "volumes": [_claim({})]},
		{"containers": [{"volumeMounts": [mount]}], "volumes": [_claim({"readOnly": true})]},
		{"containers": [{}], "volumes": [_claim({})]},
		{"containers": [{"volumeMounts": [mount]}], "volumes": [{"name": "v", "emptyDir": {}}]},
		{"containers": [{"volumeMounts": [mount]}], "volumes": [{"name": "v", "ephemeral": {"volumeClaimTemplate": {}}}]},
	] {
		workload.claims(_deployment(pod)) == set()
	}
}

test_how_many_pods_an_object_asks_for if {
	workload.replicas({"kind": "Deployment", "spec": {"replicas": 3}}) == 3
	workload.replicas({"kind": "Deployment", "spec": {"replicas": 0}}) == 0
	workload.replicas({"kind": "Deployment", "spec": {"replicas": "${N}"}}) == 1
	workload.replicas({"kind": "Job", "spec": {"parallelism": 2, "replicas": 5}}) == 2
	workload.replicas({"kind": "Job"}) == 1
	workload.replicas({"kind": "DaemonSet", "spec": {}}) == 1
	workload.replicas({"spec": {"replicas": 2}}) == 1
}

test_autoscalers_move_the_number_of_pods if {
	web := {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2}}
	workload.max_replicas(web) == 9 with data.inventory as _scaled
	workload.min_replicas(web) == 0 with data.inventory as _scaled
	other := object.union(web, {"metadata": {"namespace": "test"}})
	workload.max_replicas(other) == 2 with data.inventory as _scaled
	workload.min_replicas(other) == 2 with data.inventory as _scaled
}

test_a_number_that_is_none_moves_nothing if {
	web := {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 2}}
	scaled := {"namespace": {"shop": {
		"autoscaling/v2": {"HorizontalPodAutoscaler": {"a": _scaler({"minReplicas": null, "maxReplicas": "${MAX}"})}},
		"keda.sh/v1alpha1": {"ScaledObject": {"b": _scaler({"minReplicaCount": "${MIN}"})}},
	}}}
	workload.max_replicas(web) == 2 with data.inventory as scaled
	workload.min_replicas(web) == 2 with data.inventory as scaled
}

test_a_stateful_set_has_the_claims_that_bear_its_name if {
	db := {"kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}
	claims := {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {
		"data-db-0": {"metadata": {"name": "data-db-0"}}, "data-db-11": {"metadata": {"name": "data-db-11"}},
		"data-db-x": {}, "data-dbx-0": {}, "data": {},
	}}}}}
	{claim.metadata.name | some claim in workload.own_claims(db)} == {"data-db-0", "data-db-11"} with data.inventory as claims
}

test_an_object_serves_what_its_containers_run if {
	obj := _deployment({
		"containers": [{"name": "db", "image": "mysql:8.4"}, {"name": "metrics", "image": "prom/mysqld-exporter"}, {"image": "redis"}],
		"initContainers": [{"name": "init", "image": "mongo"}, {"name": "side", "image": "etcd", "restartPolicy": "Always"}],
	})
	{[entry.engine, entry.container] | some entry in workload.serves(obj)} == {["mysql", "db"], ["redis", ""], ["etcd", "side"]}
}

test_clients_and_jobs_serve_nothing if {
	workload.serves(_deployment({"containers": [{"name": "a", "image": "mysql", "command": ["mysqldump"]}]})) == set()
	pod := {"template": {"spec": {"containers": [{"name": "a", "image": "mysql"}]}}}
	workload.serves({"kind": "Job", "spec": pod}) == set()
	workload.serves({"kind": "BroadcastJob", "spec": pod}) == set()
	workload.serves({"kind": "CronJob", "spec": {"jobTemplate": {"spec": pod}}}) == set()
}

test_data_is_in_the_mounts_that_meet_the_directory_of_the_engine if {
	every path in ["/var/lib/mysql", "/var/lib/mysql/", "/var/lib", "/var/lib/mysql/data"] {
		_data_mounts([{"name": "v", "mountPath": path}, {"name": "dumps", "mountPath": "/dumps"}]) == {["mysql", "v", true]}
	}
}

test_data_is_anywhere_when_nothing_is_mounted_there if {
	_data_mounts([{"name": "v", "mountPath": "/srv"}, {"name": "w", "mountPath": "/var/lib/mysql-files"}]) == {["mysql", "v", false], ["mysql", "w", false]}
	_data_mounts([{"name": "v", "mountPath": "/var/lib/mysql", "readOnly": true}]) == set()
}

test_people_make_servers_replicate if {
	every container in [
		{"env": [{"name": "POSTGRESQL_REPLICATION_MODE", "value": "master"}]},
		{"env": [{"name": "PATRONI_SCOPE"}]},
		{"image": "bitnami/redis-sentinel:7"},
		{"image": "redis", "ports": [{"containerPort": 6379}, {"containerPort": 16379}]},
		{"args": ["redis-server", "--replicaof", "redis-0.redis", "6379"]},
		{"command": ["bash", "-c", "/entrypoint.sh --gtid-mode=ON"]},
	] {
		workload.replicates(_deployment({"containers": [container]}))
	}
	not workload.replicates(_deployment({"containers": [{"image": "redis", "args": ["redis-server"], "env": [{"name": "TZ"}]}]}))
}

_deployment(pod) := {"kind": "Deployment", "spec": {"template": {"spec": pod}}}

_claim(more) := {"name": "v", "persistentVolumeClaim": object.union({"claimName": "c"}, more)}

_data_mounts(mounts) := {[used.engine, used.mount.name, used.certain] |
	some used in workload.data_mounts(_deployment({"containers": [{"name": "db", "image": "mysql", "volumeMounts": mounts}]}))
}

_scaler(limits) := {"spec": object.union({"scaleTargetRef": {"kind": "Deployment", "name": "web"}}, limits)}

_scaled := {"namespace": {"shop": {
	"autoscaling/v2": {"HorizontalPodAutoscaler": {"a": _scaler({"maxReplicas": 9, "minReplicas": 2}), "b": _scaler({"maxReplicas": 4})}},
	"autoscaling/v1": {"HorizontalPodAutoscaler": {"c": _scaler({"maxReplicas": 5})}},
	"keda.sh/v1alpha1": {"ScaledObject": {"d": {"spec": {"scaleTargetRef": {"name": "web"}}}}},
}}}
