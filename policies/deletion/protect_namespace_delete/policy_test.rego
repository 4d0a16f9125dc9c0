package protect_namespace_delete_test

import data.protect_namespace_delete

test_a_namespace_without_anything_may_hold_data if {
	every ns in [{}, {"metadata": null}, {"metadata": {"labels": [], "annotations": "none"}}] {
		some v in _deleted(ns)
		v.msg == "object (unnamed) is to be deleted: the data of claims that nobody showed may go with it"
	}
}

test_a_label_that_is_no_text_does_not_silence if {
	count(_deleted({"kind": "Namespace", "metadata": {"name": "shop", "labels": {"data-guard.dev/ephemeral": true}}})) == 1
}

test_a_deletion_time_of_null_does_not_hide_a_namespace if {
	count(_deleted({"kind": "Namespace", "metadata": {"name": "shop", "deletionTimestamp": null}})) == 1
}

# The namespace controller deletes by collection, and such a request has no name.
test_the_name_is_that_of_the_object_and_not_that_of_the_request if {
	some v in _deleted({"kind": "Namespace", "metadata": {"name": "shop"}})
	startswith(v.msg, "Namespace shop is to be deleted")
}

test_what_goes_is_related_and_what_stays_is_not if {
	some v in _deleted(_shop) with data.inventory as _two_claims("Delete")
	v.details.related == ["v1/PersistentVolumeClaim/shop/data-0"]
}

test_where_everything_stays_nothing_is_unknown if {
	some v in _deleted(_shop) with data.inventory as _two_claims("Retain")
	v.details.severity == "medium"
	v.details.related == []
	not "unknown" in object.keys(v.details)
}

_shop := {"kind": "Namespace", "metadata": {"name": "shop"}}

_two_claims(policy) := {
	"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {
		"data-0": {"metadata": {"name": "data-0", "namespace": "shop"}, "spec": {"volumeName": "pv-0"}},
		"data-1": {"metadata": {"name": "data-1", "namespace": "shop"}, "spec": {"volumeName": "pv-1"}},
	}}}},
	"cluster": {"v1": {"PersistentVolume": {
		"pv-0": {"metadata": {"name": "pv-0"}, "spec": {"persistentVolumeReclaimPolicy": policy}},
		"pv-1": {"metadata": {"name": "pv-1"}, "spec": {"persistentVolumeReclaimPolicy": "Retain"}},
	}}},
}

_deleted(ns) := result if {
	result := protect_namespace_delete.violation with input as {
		"review": {"operation": "DELETE", "object": ns, "oldObject": ns},
		"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "maxExemptionDays": 366, "cascadeActors": []},
	}
}
