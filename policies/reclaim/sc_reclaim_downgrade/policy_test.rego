package sc_reclaim_downgrade_test

import data.sc_reclaim_downgrade

test_a_class_without_metadata_gets_a_name if {
	some v in _updated({"kind": "StorageClass", "reclaimPolicy": "Retain"}, {"kind": "StorageClass"})
	startswith(v.msg, "StorageClass (unnamed) no longer has reclaimPolicy Retain")
}

test_null_is_the_default if {
	every policy in [null, "", "Delete"] {
		count(_updated({"reclaimPolicy": "Retain"}, {"reclaimPolicy": policy})) == 1
	}
}

test_odd_shapes_are_no_errors if {
	every odd in [{}, {"parameters": null}, {"parameters": {"onDelete": 1}}, {"metadata": {"annotations": null}}, {"provisioner": []}] {
		count(_updated(odd, odd)) == 0
		count(_updated(odd, {})) == 0
	}
	count(_updated({"reclaimPolicy": "Retain"}, {"provisioner": null, "parameters": "all"})) == 1
}

_updated(old, new) := result if {
	result := sc_reclaim_downgrade.violation with input as {
		"review": {"operation": "UPDATE", "object": new, "oldObject": old},
		"parameters": {"severities": ["high"], "unknown": "deny", "maxExemptionDays": 90},
	}
}
