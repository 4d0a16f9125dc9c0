package protection_weakened_test

import data.protection_weakened

_claim := {"kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}

_worthless := {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "annotations": {"data-guard.dev/data": "false"}}}

test_a_creation_has_no_old_side_and_an_update_has if {
	count(_asked({"operation": "CREATE", "object": _worthless, "oldObject": _worthless})) == 1
	_asked({"operation": "UPDATE", "object": _worthless, "oldObject": _worthless}) == set()
	_asked({"operation": "UPDATE", "object": _worthless, "oldObject": null}) == set()
}

test_no_other_request_and_no_state_is_judged if {
	every operation in ["", "DELETE", "CONNECT"] {
		_asked({"operation": operation, "object": _worthless, "oldObject": _claim}) == set()
	}
}

_asked(review) := result if {
	result := protection_weakened.violation with input as {"review": review, "parameters": {
		"severities": ["high"],
		"unknown": "deny",
		"newPreviews": false,
		"exemptionDays": 366,
	}}
}
