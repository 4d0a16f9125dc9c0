package sts_pvc_retention_delete_test

import data.sts_pvc_retention_delete

test_a_stateful_set_without_metadata_gets_a_name if {
	some v in _asked({"kind": "StatefulSet", "spec": _spec({"whenDeleted": "Delete"})})
	startswith(v.msg, "StatefulSet (unnamed) deletes its claims")
}

test_text_for_a_number_of_replicas_is_not_zero if {
	some v in _asked({"kind": "StatefulSet", "spec": object.union(_spec({"whenScaled": "Delete"}), {"replicas": "0"})})
	v.details.severity == "medium"
}

test_templates_that_are_null_are_no_templates if {
	spec := {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}, "volumeClaimTemplates": null}
	count(_asked({"kind": "StatefulSet", "spec": spec})) == 0
}

test_a_claim_of_another_set_says_nothing_about_this_one if {
	claims := {"data-db-1-0": {"metadata": {"name": "data-db-1-0", "namespace": "shop"}, "spec": {"volumeName": "pv"}}}
	result := sts_pvc_retention_delete.violation with input as _input({
		"kind": "StatefulSet",
		"metadata": {"name": "db", "namespace": "shop"},
		"spec": _spec({"whenDeleted": "Delete"}),
	})
		with data.inventory.namespace.shop.v1.PersistentVolumeClaim as claims
		with data.inventory.cluster.v1.PersistentVolume.pv as {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}
	some v in result
	v.details.severity == "high"
}

test_odd_shapes_are_no_errors if {
	every policy in [null, "Delete", ["Delete"], {"whenDeleted": ["Delete"]}, {"whenDeleted": null}] {
		count(_asked({"kind": "StatefulSet", "spec": _spec(policy)})) == 0
	}
	every obj in [{}, {"kind": "StatefulSet", "spec": null}, {"kind": "MariaDB", "spec": []}, {"kind": "Prometheus"}, {"kind": "RabbitmqCluster", "spec": {"override": null}}] {
		count(_asked(obj)) == 0
	}
}

_spec(policy) := {"persistentVolumeClaimRetentionPolicy": policy, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}

_asked(obj) := result if {
	result := sts_pvc_retention_delete.violation with input as _input(obj)
}

_input(obj) := {
	"review": {"object": obj},
	"parameters": {"severities": ["high", "critical", "medium"], "unknown": "deny"},
}
