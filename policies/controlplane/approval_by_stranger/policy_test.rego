package approval_by_stranger_test

import data.approval_by_stranger

_claim := {"kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}

_worthless := {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "annotations": {"data-guard.dev/data": "false"}}}

test_a_user_without_a_name_is_nobody if {
	every info in [{}, {"username": ""}, {"groups": null}, {"groups": "oncall-not"}] {
		some v in _asked({"operation": "CREATE", "object": _worthless, "userInfo": info})
		v.msg == "PersistentVolumeClaim data has annotation data-guard.dev/data set by someone unnamed, who may be no approver: what it holds counts as data that may be lost"
	}
}

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

test_a_subresource_that_is_created_is_another_object if {
	_asked({"operation": "CREATE", "subResource": "binding", "object": _worthless}) == set()
}

_asked(review) := result if {
	result := approval_by_stranger.violation with input as {"review": review, "parameters": {
		"severities": ["high"],
		"unknown": "deny",
		"approvers": {"users": ["olga"], "groups": ["oncall"]},
		"controllers": [],
		"previewCreators": [],
		"exemptionDays": 366,
	}}
}
