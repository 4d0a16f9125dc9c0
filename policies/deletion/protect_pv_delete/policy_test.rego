package protect_pv_delete_test

import data.protect_pv_delete

test_a_volume_without_anything_may_hold_data if {
	every volume in [{}, {"metadata": null, "spec": null, "status": null}, {"metadata": [], "spec": [], "status": []}] {
		some v in _deleted(volume)
		startswith(v.msg, "object (unnamed) is to be deleted: nobody showed whether it is bound; if it is,")
	}
}

test_a_phase_that_nobody_knows_silences_nothing if {
	every phase in ["", null, "available", "Lost"] {
		count(_deleted({"metadata": {"name": "pv"}, "status": {"phase": phase}})) == 1
	}
}

test_the_claim_is_related if {
	some v in _deleted({"metadata": {"name": "pv"}, "spec": {"claimRef": {"namespace": "shop", "name": "data"}}, "status": {"phase": "Bound"}})
	v.details.related == ["v1/PersistentVolumeClaim/shop/data"]
}

_deleted(volume) := result if {
	result := protect_pv_delete.violation with input as {
		"review": {"operation": "DELETE", "object": volume, "oldObject": volume},
		"parameters": {"severities": ["high", "medium"], "unknown": "deny", "maxExemptionDays": 366, "cascadeActors": []},
	}
}
