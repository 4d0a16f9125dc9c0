package node_local_data_unreplicated_test

import data.node_local_data_unreplicated

test_objects_without_pods_have_no_problem if {
	every obj in [
		{"kind": "StatefulSet"},
		{"kind": "StatefulSet", "metadata": {"name": "a"}, "spec": null},
		{"kind": "StatefulSet", "metadata": {"name": "a"}, "spec": {"template": {"spec": "${POD}"}}},
		_set(null, [_mysql]),
		_set([null, {}, {"metadata": null}], [_mysql]),
		_set([{"metadata": {"name": "data"}}], null),
	] {
		count(_asked(obj)) == 0
	}
}

test_a_template_without_a_spec_asks_for_the_default_class if {
	some v in _asked(_set([{"metadata": {"name": "data"}}], [_mysql]))
	v.details.unknown == ["storage.k8s.io/v1/StorageClass (default)"]
	v.details.field == "/spec/volumeClaimTemplates/0/spec/storageClassName"
}

test_an_object_without_metadata_is_reported if {
	some v in _asked({"kind": "Pod", "spec": {"containers": [_mysql], "volumes": [{"name": "data", "hostPath": {"path": "/data"}}]}})
	startswith(v.msg, "Pod (unnamed) keeps one copy of its data, on one node's disk (host path /data): ")
}

test_a_host_path_without_path_is_none if {
	every volume in [{"name": "data", "hostPath": null}, {"name": "data", "hostPath": {}}, {"name": "data"}] {
		count(_asked({"kind": "Pod", "spec": {"containers": [_mysql], "volumes": [volume]}})) == 0
	}
}

_mysql := {"name": "mysql", "image": "mysql:8.4", "volumeMounts": [{"name": "data", "mountPath": "/var/lib/mysql"}]}

_set(templates, containers) := {
	"kind": "StatefulSet", "metadata": {"name": "mysql"},
	"spec": {"volumeClaimTemplates": templates, "template": {"spec": {"containers": containers}}},
}

_asked(obj) := result if {
	result := node_local_data_unreplicated.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["high", "medium"], "unknown": "deny", "allowedNamespaces": [], "maxBackupAgeHours": 24},
	}
}
