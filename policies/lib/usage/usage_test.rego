package lib.usage_test

import data.lib.usage

test_writers_are_known_by_claim if {
	usage.writers_by_claim == {
		"shop/data": {["apps/v1", "Deployment", "a"], ["apps/v1", "StatefulSet", "b"], ["v1", "Pod", "bare"]},
		"shop/log": {["apps/v1", "StatefulSet", "b"]},
		"test/data": {["apps.kruise.io/v1alpha1", "CloneSet", "a"]},
	}
		with data.inventory as _inventory
}

test_an_object_is_not_another_writer if {
	{other.kind | some other in usage.others(_workload("Deployment", "a", ["data"]), "data")} == {"StatefulSet", "Pod"} with data.inventory as _inventory
	usage.others(_workload("StatefulSet", "b", ["log"]), "log") == set() with data.inventory as _inventory
}

test_nobody_else_writes_to_what_nobody_showed if {
	usage.others(_workload("Deployment", "a", ["data"]), "data") == set()
	usage.others({}, "data") == set() with data.inventory as _inventory
}

_inventory := {"namespace": {
	"shop": {
		"apps/v1": {
			"Deployment": {"a": _workload("Deployment", "a", ["data"])},
			"StatefulSet": {"b": _workload("StatefulSet", "b", ["data", "log"])},
			"ReplicaSet": {"a-1": object.union(_workload("ReplicaSet", "a-1", ["data"]), _owned("Deployment"))},
		},
		"batch/v1": {"Job": {"j": _workload("Job", "j", ["data"])}},
		"v1": {"Pod": {
			"a-1-x": object.union(_pod("a-1-x", {}), _owned("ReplicaSet")),
			"bare": _pod("bare", {}),
			"done": _pod("done", {"status": {"phase": "Succeeded"}}),
			"failed": _pod("failed", {"status": {"phase": "Failed"}}),
			"odd": {"kind": "Pod", "spec": null, "status": null},
		}},
	},
	"test": {"apps.kruise.io/v1alpha1": {"CloneSet": {"a": _workload("CloneSet", "a", ["data"])}}},
}}

_owned(kind) := {"metadata": {"ownerReferences": [{"kind": kind, "controller": true}]}}

_pod(name, more) := object.union({"kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": _spec(["data"])}, more)

_workload(kind, name, claims) := {
	"kind": kind, "metadata": {"name": name, "namespace": "shop"},
	"spec": {"template": {"spec": _spec(claims)}},
}

_spec(claims) := {
	"containers": [{"volumeMounts": [{"name": claim, "mountPath": sprintf("/%s", [claim])} | some claim in claims]}],
	"volumes": [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} | some claim in claims],
}
