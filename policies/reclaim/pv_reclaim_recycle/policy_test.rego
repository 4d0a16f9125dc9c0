package pv_reclaim_recycle_test

import data.pv_reclaim_recycle

test_an_object_without_metadata_gets_a_name if {
	some v in _asked({"kind": "PersistentVolume", "spec": {"persistentVolumeReclaimPolicy": "Recycle"}})
	startswith(v.msg, "PersistentVolume (unnamed) has reclaim policy Recycle")
}

test_a_source_that_is_null_is_a_source_that_is_not_shown if {
	some v in _asked({"spec": {"persistentVolumeReclaimPolicy": "Recycle", "nfs": null}})
	contains(v.msg, "the volume's source is not shown")
}

test_a_volume_with_two_sources_is_reported_once if {
	spec := {"persistentVolumeReclaimPolicy": "Recycle", "nfs": {"server": "nas.example.com", "path": "/a"}, "hostPath": {"path": "/b"}}
	count(_asked({"spec": spec})) == 1
}

test_a_host_path_without_a_path_is_still_critical if {
	some v in _asked({"spec": {"persistentVolumeReclaimPolicy": "Recycle", "hostPath": {}}})
	v.details.severity == "critical"
}

test_odd_shapes_are_no_errors if {
	every volume in [{}, {"spec": null}, {"spec": []}, {"spec": {"persistentVolumeReclaimPolicy": ["Recycle"]}}, {"spec": "Recycle"}] {
		count(_asked(volume)) == 0
	}
}

_asked(volume) := result if {
	result := pv_reclaim_recycle.violation with input as {
		"review": {"object": volume},
		"parameters": {"severities": ["critical", "medium"], "unknown": "deny", "allowedVolumes": []},
	}
}
