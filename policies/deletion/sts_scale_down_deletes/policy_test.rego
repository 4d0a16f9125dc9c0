package sts_scale_down_deletes_test

import data.sts_scale_down_deletes

test_a_set_without_metadata_gets_a_name if {
	some v in _updated(_set(2), _set(1), {})
	startswith(v.msg, "StatefulSet (unnamed) is to give up 1 pod (whenScaled Delete)")
}

test_the_scale_of_another_kind_is_not_meant if {
	count(_updated(_scale(3), _scale(1), {"resource": {"resource": "statefulsets"}})) == 1
	count(_updated(_scale(3), _scale(1), {"resource": {"resource": "deployments"}})) == 0
}

test_the_scale_of_another_kind_with_the_name_of_a_set_is_not_meant if {
	every resource, number in {"statefulsets": 1, "deployments": 0} {
		set := object.union(_set(3), {"metadata": {"name": "db", "namespace": "shop"}})
		result := _updated(_scale(3), _scale(1), {"resource": {"resource": resource}}) with data.inventory.namespace.shop["apps/v1"].StatefulSet.db as set
		count(result) == number
	}
}

test_odd_shapes_are_no_errors if {
	every odd in [{}, {"kind": "StatefulSet", "spec": null}, {"kind": "StatefulSet", "spec": {"replicas": "1", "persistentVolumeClaimRetentionPolicy": null}}, {"kind": "Scale", "spec": null}] {
		count(_updated(odd, odd, {})) == 0
		count(_updated(_set(2), object.union(odd, {"kind": "StatefulSet"}), {})) == 0
	}
}

_set(replicas) := {"kind": "StatefulSet", "spec": {
	"replicas": replicas,
	"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"},
	"volumeClaimTemplates": [{"metadata": {"name": "data"}}],
}}

_scale(replicas) := {"kind": "Scale", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"replicas": replicas}}

_updated(old, new, more) := result if {
	result := sts_scale_down_deletes.violation with input as {
		"review": object.union({"operation": "UPDATE", "object": new, "oldObject": old}, more),
		"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "maxExemptionDays": 90, "actors": []},
	}
}
