package pvc_terminating_in_use_test

import data.pvc_terminating_in_use

test_audit_asks_without_an_operation if {
	count(_audited(_claim)) == 1
	count(_asked({"operation": "", "object": _claim})) == 1
}

test_a_request_is_not_asked_about if {
	every operation in ["CREATE", "UPDATE", "DELETE"] {
		count(_asked({"operation": operation, "object": _claim, "oldObject": _claim})) == 0
	}
}

test_volume_and_pods_are_related if {
	some v in _audited(_claim)
	v.details == {
		"field": "/metadata/deletionTimestamp",
		"severity": "critical",
		"related": ["v1/PersistentVolume/pv-1", "v1/Pod/shop/db-0"],
	}
}

test_a_time_that_nobody_can_read_was_long_ago if {
	claim := object.union(_claim, {"metadata": {"deletionTimestamp": "yesterday", "name": "other"}})
	count(_audited(claim)) == 1
}

test_a_claim_that_is_not_being_deleted_is_not_judged if {
	every time in [null, ""] {
		count(_audited(object.union(_claim, {"metadata": {"deletionTimestamp": time}}))) == 0
	}
}

test_finalizers_that_are_none_keep_nothing if {
	every finalizers in [null, [], "kubernetes.io/pvc-protection"] {
		count(_audited(object.union(_claim, {"metadata": {"finalizers": finalizers}}))) == 0
	}
}

# Gatekeeper's inventory leaves out what is being deleted.
test_a_namespace_that_is_not_among_those_shown_is_torn_down if {
	_in_a_world_with({"other": {}}) == 0
	_in_a_world_with({"other": {}, "shop": {}}) == 1
	_in_a_world_with({}) == 1
}

_in_a_world_with(namespaces) := count(violations) if {
	violations := pvc_terminating_in_use.violation with input as _input({"object": _claim})
		with data.inventory as object.union(_inventory, {"cluster": {"v1": {"Namespace": namespaces}}})
}

_claim := {
	"kind": "PersistentVolumeClaim",
	"metadata": {
		"name": "data",
		"namespace": "shop",
		"deletionTimestamp": "2026-03-01T00:00:00Z",
		"finalizers": ["kubernetes.io/pvc-protection"],
	},
	"spec": {"volumeName": "pv-1"},
}

_pod := {"spec": {"nodeName": "n", "volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}}

_audited(claim) := _asked({"object": claim})

_asked(review) := result if {
	result := pvc_terminating_in_use.violation with input as _input(review) with data.inventory as _inventory
}

_input(review) := {
	"review": review,
	"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "maxExemptionDays": 366},
}

_inventory := {
	"namespace": {"shop": {"v1": {"Pod": {"db-0": _pod}}}},
	"cluster": {"v1": {"PersistentVolume": {"pv-1": {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}}}},
}
