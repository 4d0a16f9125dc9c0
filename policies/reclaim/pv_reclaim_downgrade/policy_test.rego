package pv_reclaim_downgrade_test

import data.pv_reclaim_downgrade

test_a_volume_without_metadata_gets_a_name if {
	some v in _updated({}, {"kind": "PersistentVolume", "spec": {"persistentVolumeReclaimPolicy": "Delete"}})
	v.msg == "PersistentVolume (unnamed) (size not shown) has its reclaim policy changed from Retain to Delete: its data goes with its claim"
}

test_odd_shapes_are_no_errors if {
	every odd in [{}, {"spec": null}, {"spec": {"claimRef": null, "nfs": []}}, {"metadata": null, "status": null}] {
		count(_updated(odd, {"spec": {"persistentVolumeReclaimPolicy": "Recycle"}})) == 1
		count(_updated(odd, odd)) == 0
	}
}

_updated(old, new) := result if {
	result := pv_reclaim_downgrade.violation with input as {
		"review": {"operation": "UPDATE", "object": new, "oldObject": old},
		"parameters": {"severities": ["high", "critical", "low"], "unknown": "deny", "maxExemptionDays": 90, "actors": []},
	}
}
