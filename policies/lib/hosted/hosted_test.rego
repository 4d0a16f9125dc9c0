package lib.hosted_test

import data.lib.hosted

test_a_volume_is_told_once_whoever_says_that_it_is_attached if {
	every status in [
		{}, {"volumesAttached": [{"name": "kubernetes.io/csi/d^h-1"}]},
		{"volumesAttached": [{"name": "kubernetes.io/csi/d^h-1"}, {"name": "kubernetes.io/csi/d^h-1"}]},
	] {
		hosted.attached(_node(status)) == {_told(false)} with data.inventory as _world
	}
	hosted.attached(_node({"volumesInUse": ["kubernetes.io/csi/d^h-1"]})) == {_told(true)} with data.inventory as _world
}

test_what_nobody_showed_is_named if {
	unknown := {missing |
		some volume in hosted.attached({"metadata": {"name": "n2"}, "status": {"volumesInUse": ["kubernetes.io/csi/d^h-9"]}})
		some missing in volume.unknown
	}
		with data.inventory as _world
	unknown == {
		"storage.k8s.io/v1/VolumeAttachment/silent", "v1/PersistentVolume/pv-9",
		"v1/PersistentVolume of kubernetes.io/csi/d^h-9",
	}
}

test_a_key_alone_finds_its_volume if {
	some volume in hosted.attached({"metadata": {"name": "n3"}, "status": {"volumesInUse": ["kubernetes.io/csi/d^h-1"]}}) with data.inventory as _world
	volume.names == {"pv-1"}
}

test_shared_volumes_are_not_at_stake if {
	hosted.attached({"metadata": {"name": "n3"}, "status": {"volumesInUse": ["kubernetes.io/csi/d^h-2"]}}) == set() with data.inventory as _world
}

test_pods_hold_what_they_write_to if {
	hosted.pods({"metadata": {"name": "n1"}}) == {
		{"text": "shop/db", "volumes": {"pv-1"}, "unknown": set()},
		{"text": "shop/lost", "volumes": set(), "unknown": {"v1/PersistentVolumeClaim/shop/gone"}},
	}
		with data.inventory as _world
}

test_the_disk_holds_volumes_that_are_claimed if {
	hosted.on_disk({"metadata": {"name": "n1"}}) == {{
		"text": "local of claim shop/local", "names": {"local"},
		"driver": "", "unknown": set(),
	}}
		with data.inventory as _world
	hosted.on_disk({"metadata": {"name": "n2"}}) == set() with data.inventory as _world
}

test_nothing_shown_is_nothing_held if {
	every node in [{}, {"metadata": null}, {"metadata": {"name": "n1"}, "status": null}] {
		hosted.attached(node) == set() with data.inventory as {}
		hosted.pods(node) == set() with data.inventory as {}
		hosted.on_disk(node) == set() with data.inventory as {}
	}
}

_node(status) := {"metadata": {"name": "n1"}, "status": status}

_told(mounted) := {"text": "pv-1 of claim shop/data", "names": {"pv-1"}, "mounted": mounted, "unknown": set()}

_world := {
	"cluster": {
		"v1": {"PersistentVolume": {
			"pv-1": {"metadata": {"name": "pv-1"}, "spec": {
				"csi": {"driver": "d", "volumeHandle": "h-1"},
				"claimRef": {"namespace": "shop", "name": "data"},
			}},
			"pv-2": {"metadata": {"name": "pv-2"}, "spec": {
				"csi": {"driver": "d", "volumeHandle": "h-2"},
				"accessModes": ["ReadWriteMany"],
			}},
			"local": {"metadata": {"name": "local"}, "spec": {
				"local": {"path": "/mnt/disks/a"},
				"claimRef": {"namespace": "shop", "name": "local"},
				"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{
					"key": "kubernetes.io/hostname",
					"operator": "In",
					"values": ["n1"],
				}]}]}},
			}},
		}},
		"storage.k8s.io/v1": {"VolumeAttachment": {
			"sure": _attachment("sure", "n1", "pv-1", {"attached": true}),
			"silent": _attachment("silent", "n2", "pv-1", {}),
			"unseen": _attachment("unseen", "n2", "pv-9", {"attached": true}),
		}},
	},
	"namespace": {"shop": {"v1": {
		"PersistentVolumeClaim": {"data": {"metadata": {"namespace": "shop", "name": "data"}, "spec": {"volumeName": "pv-1"}}},
		"Pod": {
			"db": _pod("db", "n1", "data"),
			"lost": _pod("lost", "n1", "gone"),
			"elsewhere": _pod("elsewhere", "n2", "data"),
			"ended": object.union(_pod("ended", "n1", "data"), {"status": {"phase": "Succeeded"}}),
		},
	}}},
}

_attachment(name, node, volume, status) := {
	"metadata": {"name": name},
	"spec": {"nodeName": node, "source": {"persistentVolumeName": volume}},
	"status": status,
}

_pod(name, node, claim) := {"kind": "Pod", "metadata": {"namespace": "shop", "name": name}, "spec": {
	"nodeName": node,
	"containers": [{"name": "main", "image": "example.com/app:1", "volumeMounts": [{"name": "data", "mountPath": "/srv"}]}],
	"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
}}
