package protect_pvc_delete_test

import data.protect_pvc_delete

test_a_claim_without_anything_may_hold_data if {
	every claim in [{}, {"metadata": null, "spec": null, "status": null}, {"metadata": [], "spec": [], "status": []}] {
		some v in _deleted(claim)
		v.msg == "object (unnamed) is to be deleted: nobody showed which volume it is bound to (size not shown), so the data may go with it"
	}
}

test_a_deletion_time_of_null_does_not_hide_a_claim if {
	count(_deleted({"metadata": {"name": "data", "deletionTimestamp": null}})) == 1
}

test_a_status_that_nobody_knows_silences_nothing if {
	every phase in ["Lost", "", null, "pending"] {
		count(_deleted({"metadata": {"name": "data"}, "status": {"phase": phase}})) == 1
	}
}

test_what_is_no_object_is_not_judged if {
	every claim in [null, [], "claim"] {
		not _deleted(claim)
	}
}

_deleted(claim) := result if {
	result := protect_pvc_delete.violation with input as {
		"review": {"operation": "DELETE", "object": claim, "oldObject": claim},
		"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "maxExemptionDays": 366, "cascadeActors": []},
	}
	count(result) > 0
}
