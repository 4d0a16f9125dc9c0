package helm_hook_on_data_object_test

import data.helm_hook_on_data_object

test_what_runs_late_is_made_an_ordinary_object_that_is_kept if {
	some v in _asked({"annotations": {"helm.sh/hook": "post-upgrade", "helm.sh/hook-weight": "1"}})
	[op | some op in v.details.fix; op.op != "test"] == [
		{"op": "remove", "path": "/metadata/annotations/helm.sh~1hook"},
		{"op": "remove", "path": "/metadata/annotations/helm.sh~1hook-weight"},
		{"op": "add", "path": "/metadata/annotations/helm.sh~1resource-policy", "value": "keep"},
	]
}

test_what_a_job_may_wait_for_is_not_moved if {
	some v in _asked({"annotations": {"helm.sh/hook": "pre-upgrade,post-upgrade"}})
	not v.details.fix
}

test_an_annotation_in_the_cluster_mends_nothing if {
	some v in _asked({"uid": "7d3c9d1e-0000-4000-8000-000000000001", "annotations": {"helm.sh/hook": "post-upgrade"}})
	not v.details.fix
}

test_odd_shapes_are_no_errors if {
	every metadata in [null, {"annotations": []}, {"annotations": {"helm.sh/hook": null}}, {"annotations": {"helm.sh/hook": ["pre-upgrade"]}}] {
		count(_asked(metadata)) == 0
	}
}

_asked(metadata) := result if {
	result := helm_hook_on_data_object.violation with input as {
		"review": {"object": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}},
		"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "maxExemptionDays": 90},
	}
		with data.inventory as {}
}
