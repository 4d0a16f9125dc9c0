package protect_statefulset_delete_test

import data.protect_statefulset_delete

test_a_stateful_set_without_metadata_gets_a_name if {
	some v in _deleted({"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": _spec("Delete")})
	startswith(v.msg, "StatefulSet (unnamed) is to be deleted and takes its claims along (whenDeleted Delete): nobody showed them")
}

test_odd_shapes_are_no_errors if {
	every set in [{}, {"kind": "StatefulSet", "spec": null}, {"kind": "StatefulSet", "spec": {"persistentVolumeClaimRetentionPolicy": "Delete"}}, {"kind": "StatefulSet", "spec": _spec(["Delete"])}] {
		count(_deleted(set)) == 0
	}
}

_spec(policy) := {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": policy}, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}

_deleted(set) := result if {
	result := protect_statefulset_delete.violation with input as {
		"review": {"operation": "DELETE", "object": set, "oldObject": set},
		"parameters": {"severities": ["critical", "high", "medium"], "unknown": "deny", "maxExemptionDays": 366, "cascadeActors": []},
	}
}
