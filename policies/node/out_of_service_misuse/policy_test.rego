package out_of_service_misuse_test

import data.out_of_service_misuse

test_lists_of_a_wrong_shape_are_no_taint if {
	every spec in [null, {}, {"taints": null}, {"taints": "node.kubernetes.io/out-of-service"}, {"taints": [null, {}, {"key": null}]}] {
		_asked({"metadata": {"name": "node-1"}, "spec": spec}) == set()
	}
}

test_a_condition_without_a_status_says_nothing if {
	every status in [null, {}, {"conditions": null}, {"conditions": [{"type": "Ready"}]}, {"conditions": [{"type": "Ready", "status": "yes"}]}] {
		some v in _asked({"metadata": {"name": "node-1"}, "spec": _tainted, "status": status})
		v.details.unknown == ["v1/Node/node-1"]
	}
}

test_times_that_nobody_can_read_are_no_times if {
	every moment in ["", "yesterday", null, 5] {
		some v in _added({"type": "Ready", "status": "Unknown", "lastTransitionTime": moment})
		contains(v.msg, "nobody showed since when it is NotReady")
	}
}

test_a_time_that_is_yet_to_come_is_not_long_ago if {
	some v in _added({"type": "Ready", "status": "Unknown", "lastTransitionTime": "2200-01-01T00:00:00Z"})
	contains(v.msg, "NotReady only since 2200-01-01T00:00:00Z")
}

test_what_is_certain_names_nothing_unknown if {
	some v in _asked({"spec": _tainted, "status": {"conditions": [{"type": "Ready", "status": "True"}]}})
	not "unknown" in object.keys(v.details)
}

_tainted := {"taints": [{"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}]}

_added(condition) := result if {
	result := out_of_service_misuse.violation with input as {
		"review": {
			"operation": "UPDATE",
			"oldObject": {"metadata": {"name": "node-1"}, "status": {"conditions": [condition]}},
			"object": {"metadata": {"name": "node-1"}, "spec": _tainted, "status": {"conditions": [condition]}},
		},
		"parameters": _parameters,
	}
}

_asked(node) := result if {
	result := out_of_service_misuse.violation with input as {"review": {"object": node}, "parameters": _parameters}
}

_parameters := {
	"severities": ["critical", "high", "low"], "unknown": "deny", "maxExemptionDays": 366,
	"minDown": 300, "fencers": [],
}
