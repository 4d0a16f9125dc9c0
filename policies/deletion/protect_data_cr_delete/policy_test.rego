package protect_data_cr_delete_test

import data.protect_data_cr_delete

test_a_resource_without_metadata_gets_a_name if {
	some v in _deleted({"apiVersion": "longhorn.io/v1beta2", "kind": "Volume"})
	v.msg == "Volume (unnamed) is to be deleted: its replicas and the data in them go with it"
}

test_a_deletion_time_of_null_does_not_hide_a_resource if {
	count(_deleted({"apiVersion": "longhorn.io/v1beta2", "kind": "Volume", "metadata": {"name": "v", "deletionTimestamp": null}})) == 1
}

test_what_is_certain_has_nothing_unknown if {
	some v in _deleted({"apiVersion": "longhorn.io/v1beta2", "kind": "Volume", "metadata": {"name": "v"}})
	not "unknown" in object.keys(v.details)
}

test_odd_shapes_are_no_errors if {
	every spec in [null, [], "x", {"storage": []}, {"nodeSets": "x"}] {
		count(_deleted({"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaNodePool", "spec": spec})) == 0
		count(_deleted({"apiVersion": "elasticsearch.k8s.elastic.co/v1", "kind": "Elasticsearch", "spec": spec})) == 1
	}
	count(_deleted({})) == 0
}

_deleted(obj) := result if {
	result := protect_data_cr_delete.violation with input as {
		"review": {"operation": "DELETE", "object": obj, "oldObject": obj},
		"parameters": {"severities": ["critical", "high", "medium"], "unknown": "deny", "maxExemptionDays": 366, "cascadeActors": []},
	}
}
