package helm_removed_data_object_test

import data.helm_removed_data_object

test_a_claim_without_metadata_gets_a_name if {
	some v in _removed({"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
	startswith(v.msg, "PersistentVolumeClaim (unnamed) is no longer among what is deployed")
}

test_what_is_no_data_object_is_not_judged if {
	every obj in [{}, null, [], {"apiVersion": "v1", "kind": "ConfigMap"}, {"apiVersion": "apps/v1", "kind": "Deployment"}] {
		count(_removed(obj)) == 0
	}
}

_removed(obj) := result if {
	result := helm_removed_data_object.violation with input as {
		"review": {"operation": "DELETE", "oldObject": obj},
		"parameters": {"severities": ["high", "medium"], "unknown": "deny", "maxExemptionDays": 366},
	}
}
