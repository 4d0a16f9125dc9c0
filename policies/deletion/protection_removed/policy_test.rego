package protection_removed_test

import data.protection_removed

_claim := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}

_kept := object.union(_claim, {"metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}})

test_nothing_but_an_update_is_judged if {
	count(_asked({"operation": "UPDATE", "object": _claim, "oldObject": _kept})) == 1
	every operation in ["", "CREATE", "DELETE"] {
		_asked({"operation": operation, "object": _claim, "oldObject": _kept}) == set()
	}
	_asked({"operation": "UPDATE", "object": _claim, "oldObject": null}) == set()
}

test_a_guard_that_is_gone_is_put_back_and_one_that_changed_is_not if {
	some gone in _asked({"operation": "UPDATE", "object": _claim, "oldObject": _kept})
	gone.details.fix[count(gone.details.fix) - 1] == {"op": "add", "path": "/metadata/annotations/helm.sh~1resource-policy", "value": "keep"}
	some changed in _asked({"operation": "UPDATE", "object": object.union(_claim, {"metadata": {"annotations": {"helm.sh/resource-policy": "x"}}}), "oldObject": _kept})
	not changed.details.fix
}

_asked(review) := result if {
	result := protection_removed.violation with input as {"review": review, "parameters": {
		"severities": ["high"],
		"unknown": "deny",
		"maxExemptionDays": 366,
		"actors": [],
	}}
}
