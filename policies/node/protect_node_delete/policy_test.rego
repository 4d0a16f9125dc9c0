package protect_node_delete_test

import data.protect_node_delete

test_a_node_without_status_may_have_volumes_in_use if {
	every node in [
		{}, {"metadata": null}, {"metadata": {"finalizers": null}}, {"status": {}}, {"status": {"conditions": null}},
		{"status": {"conditions": [{"type": "MemoryPressure", "status": "False"}]}}, {"status": {"conditions": [{"type": "Ready"}]}},
	] {
		some v in _deleted(node, {})
		v.details.severity == "critical"
		count(v.details.unknown) == 1
	}
}

test_lists_of_a_wrong_shape_hold_nothing if {
	every status in [{"volumesInUse": null, "volumesAttached": null}, {"volumesAttached": ["vol-1"]}, {"volumesAttached": [{}]}] {
		_deleted({"metadata": {"name": "node-1"}, "status": object.union(status, _ready)}, {}) == set()
	}
}

test_what_is_no_object_is_not_judged if {
	every node in [null, [], "node"] {
		_deleted(node, {}) == set()
	}
}

test_an_attachment_of_nothing_holds_nothing if {
	every source in [{}, null, {"inlineVolumeSpec": {}}] {
		inventory := {"cluster": {"storage.k8s.io/v1": {"VolumeAttachment": {"csi-1": {
			"metadata": {"name": "csi-1"},
			"spec": {"nodeName": "node-1", "source": source},
			"status": {"attached": true},
		}}}}}
		_deleted({"metadata": {"name": "node-1"}, "status": _ready}, inventory) == set()
	}
}

# A list of objects is deleted with one request for each, and none of them has a name beside the object.
test_the_name_is_that_of_the_object if {
	some v in _deleted({"kind": "Node", "metadata": {"name": "node-1"}, "status": {"volumesInUse": ["kubernetes.io/csi/d^h"]}}, {})
	startswith(v.msg, "Node node-1 is to be deleted with 1 volume that may be in use on it")
}

_ready := {"conditions": [{"type": "Ready", "status": "True"}]}

_deleted(node, inventory) := result if {
	result := protect_node_delete.violation with input as {
		"review": {"operation": "DELETE", "object": node, "oldObject": node},
		"parameters": {"severities": ["critical", "high"], "unknown": "deny", "maxExemptionDays": 366, "lifecycleActors": []},
	}
		with data.inventory as inventory
}
