package db_termination_grace_test

import data.db_termination_grace

test_a_workload_without_metadata_gets_a_name if {
	some v in _asked(_set({"terminationGracePeriodSeconds": 0}))
	startswith(v.msg, "StatefulSet (unnamed) has terminationGracePeriodSeconds 0")
}

test_a_fraction_of_a_second_is_too_short if {
	some v in _asked(_set({"terminationGracePeriodSeconds": 0.5}))
	v.details.severity == "medium"
}

test_a_number_that_is_very_large_is_long_enough if {
	count(_asked(_set({"terminationGracePeriodSeconds": 9223372036854775807}))) == 0
}

test_what_is_no_number_is_not_judged if {
	every grace in ["0", "60", true, [], {}] {
		count(_asked(_set({"terminationGracePeriodSeconds": grace}))) == 0
	}
}

test_a_volume_of_a_kind_that_guard_does_not_know_lasts if {
	pod := object.union(_pod, {"volumes": [{"name": "data", "newStorage": {}}]})
	count(_asked({"kind": "Deployment", "spec": {"template": {"spec": pod}}})) == 1
}

test_odd_shapes_are_no_errors if {
	every obj in [{}, {"kind": "StatefulSet", "spec": null}, {"kind": "Pod", "spec": []}, {"kind": "Deployment", "spec": {"template": null}}] {
		count(_asked(obj)) == 0
	}
	every volumes in [null, {}, "data", [null, "data"]] {
		count(_asked({"kind": "Deployment", "spec": {"template": {"spec": object.union(_pod, {"volumes": volumes})}}})) == 0
	}
}

_set(pod) := {
	"kind": "StatefulSet",
	"spec": {
		"template": {"spec": object.union(_pod, pod)},
		"volumeClaimTemplates": [{"metadata": {"name": "data"}}],
	},
}

_pod := {"containers": [{"name": "main", "image": "mysql:8.4"}]}

_asked(obj) := result if {
	result := db_termination_grace.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "minimumSeconds": {}},
	}
}
