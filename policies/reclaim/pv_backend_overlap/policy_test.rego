package pv_backend_overlap_test

import data.pv_backend_overlap

test_odd_shapes_are_no_overlap_and_no_error if {
	every spec in [null, [], "x", {"nfs": null}, {"nfs": {"path": "/x"}}, {"hostPath": []}, {"csi": {}}] {
		count(_asked({"kind": "PersistentVolume", "metadata": {"name": "odd"}, "spec": spec})) == 0
	}
}

test_a_volume_without_metadata_gets_a_name if {
	some v in _asked({"kind": "PersistentVolume", "spec": {"nfs": {"server": "nas.example.com", "path": "/x"}}})
	startswith(v.msg, "PersistentVolume (unnamed) (Retain) and a (Delete) keep their data in the same place")
	v.details.related == ["v1/PersistentVolume/a"]
}

test_a_claim_ref_that_is_no_map_is_no_error if {
	count(_asked({"metadata": {"name": "b"}, "spec": {"claimRef": [], "nfs": {"server": "nas.example.com", "path": "/x"}}})) == 1
}

_asked(volume) := result if {
	result := pv_backend_overlap.violation with input as {
		"review": {"object": volume},
		"parameters": {"severities": ["high", "critical", "medium"], "unknown": "deny", "maxExemptionDays": 90},
	}
		with data.inventory as {"cluster": {"v1": {"PersistentVolume": {"a": {
			"metadata": {"name": "a"},
			"spec": {"persistentVolumeReclaimPolicy": "Delete", "nfs": {"server": "nas.example.com", "path": "/x"}},
		}}}}}
}
