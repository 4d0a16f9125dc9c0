package pvc_shrink_test

import data.pvc_shrink

test_a_claim_without_metadata_gets_a_name if {
	some v in _updated(_claim("10Gi"), _claim("5Gi"))
	startswith(v.msg, "PersistentVolumeClaim (unnamed) asks for 5Gi instead of 10Gi")
}

test_sizes_are_compared_as_numbers if {
	count(_updated(_claim("1Ti"), _claim("1023Gi"))) == 1
	count(_updated(_claim("1Gi"), _claim("1024Mi"))) == 0
	count(_updated(_claim("9Gi"), _claim("10Gi"))) == 0
	count(_updated(_claim(2000), _claim(1000))) == 1
}

test_what_is_no_size_is_not_compared if {
	every size in ["large", null, {}, "${SIZE}", ""] {
		count(_updated(_claim("10Gi"), _claim(size))) == 0
		count(_updated(_claim(size), _claim("10Gi"))) == 0
	}
	odd := object.union(_claim("10Gi"), {"status": {"capacity": {"storage": "large"}}})
	count(_updated(odd, _claim("5Gi"))) == 0
}

test_odd_shapes_are_no_errors if {
	every odd in [{}, {"kind": "PersistentVolumeClaim", "spec": null}, {"kind": "StatefulSet", "spec": {"volumeClaimTemplates": [null, {}]}}] {
		count(_updated(odd, odd)) == 0
	}
}

_claim(size) := {"kind": "PersistentVolumeClaim", "spec": {"resources": {"requests": {"storage": size}}}}

_updated(old, new) := result if {
	result := pvc_shrink.violation with input as {
		"review": {"operation": "UPDATE", "object": new, "oldObject": old},
		"parameters": {"severities": ["medium"], "unknown": "deny", "maxExemptionDays": 90},
	}
}
