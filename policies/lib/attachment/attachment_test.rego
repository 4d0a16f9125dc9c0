package lib.attachment_test

import data.lib.attachment

test_a_volume_is_known_by_driver_and_handle_when_it_is_shown if {
	attachment.volume(_attachment("a", "n1", "pv-1", true)) == "kubernetes.io/csi/d^h" with data.inventory as _world
	attachment.volume(_attachment("a", "n1", "pv-9", true)) == "volume pv-9" with data.inventory as _world
	attachment.volume(_attachment("a", "n1", "pv-nfs", true)) == "volume pv-nfs" with data.inventory as _world
}

test_a_volume_of_a_pod_is_known_by_driver_and_handle if {
	attachment.volume({"spec": {"source": {"inlineVolumeSpec": {"csi": {"driver": "d", "volumeHandle": "h"}}}}}) == "kubernetes.io/csi/d^h"
}

test_an_attachment_of_nothing_has_no_volume if {
	every odd in [{}, {"spec": null}, {"spec": {"source": {}}}, {"spec": {"source": {"inlineVolumeSpec": {"csi": {}}}}}] {
		not attachment.volume(odd) with data.inventory as _world
	}
}

test_attachments_that_are_going_or_not_attached_do_not_count if {
	attachment.by_volume == {"kubernetes.io/csi/d^h": {
		{"name": "sure", "node": "n1", "certain": true},
		{"name": "silent", "node": "n2", "certain": false},
	}}
		with data.inventory as _world
}

test_only_a_status_makes_certain if {
	attachment.certain({"status": {"attached": true}}) == true
	attachment.certain({"status": {"attached": false}}) == false
	attachment.certain({}) == false
}

test_nodes_that_are_going_do_not_count if {
	attachment.nodes_by_volume == {"kubernetes.io/csi/d^h": {"n1", "n2"}, "other": {"n1"}} with data.inventory as _world
}

test_volumes_of_one_disk_have_one_key if {
	attachment.volumes_by_key == {"kubernetes.io/csi/d^h": {"pv-1", "pv-2"}} with data.inventory as _world
}

test_nothing_shown_is_attached_nowhere if {
	attachment.by_volume == {} with data.inventory as {}
	attachment.nodes_by_volume == {} with data.inventory as {}
	attachment.volumes_by_key == {} with data.inventory as {}
}

test_a_node_has_the_attachments_that_name_it if {
	{one.metadata.name | some one in attachment.on_node("n1")} == {"sure"} with data.inventory as _world
	{one.metadata.name | some one in attachment.on_node("n2")} == {"silent"} with data.inventory as _world
	attachment.on_node("n3") == set() with data.inventory as _world
	attachment.on_node("n4") == set() with data.inventory as _world
}

_attachment(name, node, volume, attached) := {
	"metadata": {"name": name},
	"spec": {"nodeName": node, "source": {"persistentVolumeName": volume}},
	"status": {"attached": attached},
}

_node(names) := {"status": {"volumesAttached": [{"name": name} | some name in names]}}

_world := {"cluster": {
	"v1": {
		"PersistentVolume": {
			"pv-1": {"spec": {"csi": {"driver": "d", "volumeHandle": "h"}}},
			"pv-2": {"spec": {"csi": {"driver": "d", "volumeHandle": "h"}}},
			"pv-nfs": {"spec": {"nfs": {"server": "nas.example.com", "path": "/x"}}},
		},
		"Node": {
			"n1": _node(["kubernetes.io/csi/d^h", "other"]),
			"n2": _node(["kubernetes.io/csi/d^h"]),
			"n3": object.union(_node(["kubernetes.io/csi/d^h"]), {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
			"n4": {},
		},
	},
	"storage.k8s.io/v1": {"VolumeAttachment": {
		"sure": _attachment("sure", "n1", "pv-1", true),
		"silent": object.remove(_attachment("silent", "n2", "pv-2", true), ["status"]),
		"waiting": _attachment("waiting", "n3", "pv-1", false),
		"going": object.union(_attachment("going", "n4", "pv-1", true), {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
	}},
}}
