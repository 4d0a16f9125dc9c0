package volume_multi_attached_test

import data.volume_multi_attached

test_odd_attachments_are_no_finding_and_no_error if {
	every spec in [null, [], {}, {"nodeName": "n2"}, {"source": null, "nodeName": "n2"}, {"nodeName": "n2", "source": {"inlineVolumeSpec": {}}}] {
		count(_asked({"kind": "VolumeAttachment", "metadata": {"name": "odd"}, "spec": spec})) == 0
	}
}

test_odd_nodes_are_no_finding_and_no_error if {
	every status in [null, [], {"volumesAttached": null}, {"volumesAttached": ["x"]}, {"volumesAttached": [{}]}] {
		count(_asked({"kind": "Node", "metadata": {"name": "n2"}, "status": status})) == 0
	}
}

test_an_attachment_without_name_is_reported if {
	some v in _asked({"kind": "VolumeAttachment", "spec": {"nodeName": "n2", "source": {"persistentVolumeName": "pv-1"}}, "status": {"attached": true}})
	startswith(v.msg, "VolumeAttachment (unnamed) attaches volume pv-1,")
	v.details.related == ["storage.k8s.io/v1/VolumeAttachment/a"]
}

test_what_is_sure_names_nothing_unknown if {
	some v in _asked({"kind": "VolumeAttachment", "metadata": {"name": "c"}, "spec": {"nodeName": "n2", "source": {"inlineVolumeSpec": _disk}}, "status": {"attached": true}})
	not "unknown" in object.keys(v.details)
}

test_two_nodes_of_which_nobody_knows_may_have_it if {
	some v in _asked({"kind": "VolumeAttachment", "metadata": {"name": "c"}, "spec": {"nodeName": "n9", "source": {"persistentVolumeName": "pv-2"}}})
	contains(v.msg, "to n9 while n1 and n2 may have it too")
}

_disk := {"csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1"}}

_asked(obj) := result if {
	result := volume_multi_attached.violation with input as {
		"review": {"object": obj},
		"parameters": {"severities": ["critical"], "unknown": "deny", "maxExemptionDays": 90},
	}
		with data.inventory as {"cluster": {"storage.k8s.io/v1": {"VolumeAttachment": {
			"a": {
				"metadata": {"name": "a"},
				"spec": {"nodeName": "n1", "source": {"persistentVolumeName": "pv-1"}},
				"status": {"attached": true},
			},
			"d": {
				"metadata": {"name": "d"},
				"spec": {"nodeName": "n1", "source": {"inlineVolumeSpec": _disk}},
				"status": {"attached": true},
			},
			"b1": {"metadata": {"name": "b1"}, "spec": {"nodeName": "n1", "source": {"persistentVolumeName": "pv-2"}}},
			"b2": {"metadata": {"name": "b2"}, "spec": {"nodeName": "n2", "source": {"persistentVolumeName": "pv-2"}}},
		}}}}
}
