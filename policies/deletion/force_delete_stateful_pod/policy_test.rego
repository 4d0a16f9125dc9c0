package force_delete_stateful_pod_test

import data.force_delete_stateful_pod

test_a_claim_without_access_modes_may_be_for_one_node if {
	claim := {"metadata": {"name": "data"}, "spec": {"accessModes": []}}
	some v in _deleted(_pod) with data.inventory as {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": claim}}}}}
	contains(v.msg, "its successor may write to claim data (access modes not shown) beside it")
}

test_where_all_is_known_nothing_is_unknown if {
	claim := {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
	node := {"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
	some v in _deleted(_pod) with data.inventory as {
		"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": claim}}}},
		"cluster": {"v1": {"Node": {"n": node}}},
	}
	v.details == {"field": "", "severity": "high"}
}

test_a_pod_as_nobody_can_store_it_is_not_judged if {
	every pod in [{}, {"metadata": null, "spec": null, "status": null}, {"spec": {"nodeName": null}}, {"spec": {"nodeName": ["n"]}}] {
		count(_deleted(pod)) == 0
	}
}

test_what_is_no_object_is_not_judged if {
	every pod in [null, [], "pod"] {
		count(_deleted(pod)) == 0
	}
}

test_a_deletion_time_of_null_says_nothing if {
	some v in _deleted(object.union(_pod, {"metadata": {"deletionTimestamp": null, "deletionGracePeriodSeconds": null}}))
	startswith(v.msg, "Pod shop/db is to be deleted")
}

test_a_status_that_nobody_knows_silences_nothing if {
	every phase in ["Unknown", "", null, "failed"] {
		count(_deleted(object.union(_pod, {"status": {"phase": phase}}))) == 1
	}
}

test_an_eviction_with_options_that_are_none_is_an_ordinary_one if {
	every options in [null, [], "now", {}, {"gracePeriodSeconds": null}] {
		count(_evicted(options)) == 0
	}
	count(_evicted({"gracePeriodSeconds": 0})) == 1
}

_pod := {
	"kind": "Pod",
	"metadata": {"name": "db", "namespace": "shop"},
	"spec": {
		"nodeName": "n",
		"containers": [{"name": "db", "volumeMounts": [{"name": "data"}]}],
		"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
	},
}

_deleted(pod) := _asked({"operation": "DELETE", "object": pod, "oldObject": pod, "options": {"gracePeriodSeconds": 0}})

_evicted(options) := _asked({
	"operation": "CREATE",
	"subResource": "eviction",
	"object": {"metadata": {"name": "db", "namespace": "shop"}, "deleteOptions": options},
})

_asked(review) := result if {
	result := force_delete_stateful_pod.violation with input as {
		"review": review,
		"parameters": {"severities": ["high", "medium"], "unknown": "deny", "maxExemptionDays": 366, "actors": []},
	}
}
