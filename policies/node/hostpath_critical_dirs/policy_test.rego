package hostpath_critical_dirs_test

import data.hostpath_critical_dirs

test_objects_without_host_paths_have_no_problem if {
	every obj in [
		{"kind": "DaemonSet"},
		{"kind": "DaemonSet", "spec": null},
		{"kind": "DaemonSet", "spec": {"template": {"spec": "${POD}"}}},
		_set({"volumes": null, "containers": null}),
		_set({"volumes": [{"name": "a"}, "b", null], "containers": [{}, "c"]}),
		_set({"volumes": [{"name": "host", "hostPath": null}], "containers": [_container({})]}),
		_set({"volumes": [{"name": "host", "hostPath": {}}], "containers": [_container({})]}),
	] {
		count(_asked(obj)) == 0
	}
}

test_a_path_has_many_spellings if {
	every path in ["/", "//", "/var", "/var/", "/var//lib", "/./var/lib/./kubelet/"] {
		count(_asked(_on(path, {}))) == 1
	}
}

test_a_namesake_is_another_directory if {
	every path in ["/var/lib/kubelet-old", "/va", "/etc/kubernetes.d"] {
		count(_asked(_on(path, {}))) == 0
	}
}

test_a_sub_path_is_what_the_container_sees if {
	count(_asked(_on("/var", {"subPath": "lib/etcd"}))) == 1
	count(_asked(_on("/var", {"subPath": "log"}))) == 0
}

test_an_expression_counts_as_far_as_it_is_plain if {
	count(_asked(_on("/", {"subPathExpr": "$(NODE)"}))) == 1
	count(_asked(_on("/", {"subPathExpr": "var/lib/$(NODE)"}))) == 1
	count(_asked(_on("/", {"subPathExpr": "var/log/$(POD)"}))) == 0
	count(_asked(_on("/", {"subPathExpr": "var/log"}))) == 0
}

test_only_a_mount_that_says_so_is_read_only if {
	count(_asked(_on("/var", {"readOnly": true}))) == 0
	count(_asked(_on("/var", {"readOnly": false}))) == 1
	count(_asked(_on("/var", {"readOnly": "true"}))) == 1
}

test_an_object_without_metadata_is_reported if {
	some v in _asked(_on("/", {}))
	startswith(v.msg, "DaemonSet (unnamed) can write to / of its node, which holds /var/lib/kubelet/ (volumes), /var/lib/etcd (the database) and /etc/kubernetes (keys): ")
}

_on(path, mount) := _set({"volumes": [{"name": "host", "hostPath": {"path": path}}], "containers": [_container(mount)]})

_container(mount) := {"name": "a", "volumeMounts": [object.union({"name": "host", "mountPath": "/host"}, mount)]}

_set(pod) := {"kind": "DaemonSet", "spec": {"template": {"spec": pod}}}

_asked(obj) := result if {
	result := hostpath_critical_dirs.violation with input as {
		"review": {"object": obj},
		"parameters": {
			"severities": ["high", "medium"], "unknown": "deny", "allowed": [],
			"paths": [
				{"path": "/var/lib/kubelet/", "holds": "volumes"},
				{"path": "/var/lib/etcd", "holds": "the database", "inside": true},
				{"path": "/etc/kubernetes", "holds": "keys"},
			],
		},
	}
}
