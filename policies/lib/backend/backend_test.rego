package lib.backend_test

import data.lib.backend

test_directories_of_one_server_overlap_by_steps_not_by_letters if {
	world := _world({"a": _nfs("/x/a"), "a-inner": _nfs("/x/a/b/"), "a2": _nfs("/x/a2"), "root": _nfs("/")})
	backend.overlaps(_named("a", _nfs("/x/a"))) == {"same": set(), "above": {"root"}, "below": {"a-inner"}} with data.inventory as world
	backend.overlaps(_named("root", _nfs("/"))) == {"same": set(), "above": set(), "below": {"a", "a-inner", "a2"}} with data.inventory as world
	backend.overlaps(_named("new", _nfs("//x/./a"))) == {"same": {"a"}, "above": {"root"}, "below": {"a-inner"}} with data.inventory as world
}

test_a_volume_does_not_overlap_with_itself if {
	backend.overlaps(_named("a", _nfs("/x"))) == _none with data.inventory as _world({"a": _nfs("/x")})
}

test_a_volume_without_name_overlaps_too if {
	backend.overlaps({"spec": _nfs("/x")}).same == {"a"} with data.inventory as _world({"a": _nfs("/x")})
}

test_disks_are_compared_as_a_whole if {
	world := _world({"a": {"csi": {"driver": "d", "volumeHandle": "h"}}, "b": {"csi": {"driver": "d", "volumeHandle": "h/sub"}}})
	backend.overlaps(_named("c", {"csi": {"driver": "d", "volumeHandle": "h"}})).same == {"a"} with data.inventory as world
	backend.overlaps(_named("c", {"csi": {"driver": "e", "volumeHandle": "h"}})) == _none with data.inventory as world
}

test_a_volume_of_the_nfs_driver_may_be_elsewhere if {
	world := _world({
		"inside": _nfs_csi("a", {"server": "S", "share": "/x", "subdir": "a/c"}),
		"other-directory": _nfs_csi("b", {"server": "s", "share": "/x", "subdir": "b"}),
		"other-server": _nfs_csi("c", {"server": "t", "share": "/x", "subdir": "a"}),
		"spelled-otherwise": _nfs_csi("d", {"Server": "s", "Share": "/x", "subDir": "a"}),
	})
	found := backend.overlaps(_named("own", {"nfs": {"server": "s", "path": "/x/a"}})) with data.inventory as world
	found == {"same": {"spelled-otherwise"}, "above": set(), "below": {"inside"}}
}

test_the_nfs_driver_finds_its_directory_in_attribute_or_handle if {
	backend.text({"spec": _nfs_csi("s#x#sub#uuid#", {"Server": "S", "share": "/x", "subDir": "a/b"})}) == "NFS s:/x/a/b"
	backend.text({"spec": _nfs_csi("s#x#sub#uuid#", {"server": "s", "share": "/x"})}) == "NFS s:/x/sub"
	backend.text({"spec": _nfs_csi("made-up", {"server": "s", "share": "/x"})}) == "NFS s:/x"
	backend.text({"spec": _nfs_csi(7, {"server": "s", "share": "/x"})}) == "NFS s:/x"
	backend.text({"spec": _nfs_csi("h", {"server": "s"})}) == "nfs.csi.k8s.io h"
}

test_an_iscsi_disk_has_many_portals if {
	world := _world({"a": {"iscsi": {"targetPortal": "p1", "portals": ["p2:3261"], "iqn": "i", "lun": 1}}})
	every portal in ["p1", "p1:3260", "p2:3261"] {
		backend.overlaps(_named("b", {"iscsi": {"targetPortal": portal, "iqn": "i", "lun": 1}})).same == {"a"} with data.inventory as world
	}
	every other in [
		{"targetPortal": "p2", "iqn": "i", "lun": 1}, {"targetPortal": "p1", "iqn": "j", "lun": 1},
		{"targetPortal": "p1", "iqn": "i"}, {"iqn": "i", "lun": 1},
	] {
		backend.overlaps(_named("b", {"iscsi": other})) == _none with data.inventory as world
	}
}

test_one_path_is_one_place_on_one_node_only if {
	world := _world({"n1": _local("/d", "n1"), "n2": _local("/d", "n2"), "any": {"hostPath": {"path": "/d"}}})
	backend.overlaps(_named("x", _local("/d", "n1"))).same == {"n1", "any"} with data.inventory as world
	backend.overlaps(_named("x", {"hostPath": {"path": "/"}})).below == {"n1", "n2", "any"} with data.inventory as world
	backend.overlaps(_named("x", _local("/d/e", "n3"))).above == {"any"} with data.inventory as world
}

test_nodes_by_different_labels_may_be_one if {
	zoned := object.union(_local("/d", "n1"), {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["z"]}]}]}}})
	world := _world({"zoned": zoned})
	backend.overlaps(_named("x", _local("/d", "n1"))) == _none with data.inventory as world
	backend.maybe_overlaps(_named("x", _local("/d", "n1"))).same == {"zoned"} with data.inventory as world
	backend.maybe_overlaps(_named("x", _nfs("/d"))) == _none with data.inventory as world
}

test_odd_shapes_have_no_place if {
	world := _world({"a": null, "b": {"nfs": null}, "c": {"nfs": {"server": 7, "path": "/x"}}, "d": {"hostPath": {"path": 7}}})
	every spec in [null, [], {"nfs": {"server": 7, "path": "/x"}}, {"csi": {"driver": "d"}}, {"hostPath": []}, {"fc": {}}] {
		backend.overlaps({"metadata": {"name": "x"}, "spec": spec}) == _none with data.inventory as world
	}
	not backend.text({"spec": {"emptyDir": {}}})
	backend.overlaps({}) == _none with data.inventory as {}
}

test_places_are_named_for_people if {
	backend.text({"spec": _local("/d/", "n1")}) == "/d on n1"
	backend.text({"spec": {"csi": {"driver": "d", "volumeHandle": "h"}}}) == "d h"
	backend.text({"spec": {"iscsi": {"iqn": "i"}}}) == "iSCSI i lun 0"
	backend.text({"spec": {"fc": {"targetWWNs": ["w2", "w1"], "lun": 3}}}) == "Fibre Channel w1 lun 3 and w2 lun 3"
	backend.text({"spec": {"fc": {"wwids": ["w"]}}}) == "Fibre Channel w"
}

test_volumes_are_sorted_by_what_can_happen_to_them if {
	world := {"cluster": {"v1": {"PersistentVolume": {
		"kept": {"spec": {"accessModes": ["ReadWriteOnce"]}},
		"deleted": {"spec": {"persistentVolumeReclaimPolicy": "Delete", "accessModes": ["ReadOnlyMany"]}},
		"shared": {"metadata": {"annotations": {"data-guard.dev/shared-backend": "true"}}, "spec": {"accessModes": ["ReadWriteMany"]}},
		"refused": {"metadata": {"annotations": {"data-guard.dev/shared-backend": "yes"}}},
	}}}}
	names := {"deleted", "kept", "refused", "shared"}
	backend.doomed(names) == {"deleted"} with data.inventory as world
	backend.shared(names) == {"shared"} with data.inventory as world
	backend.shareable(names) == {"deleted", "shared"} with data.inventory as world
}

_none := {"same": set(), "above": set(), "below": set()}

_nfs(path) := {"nfs": {"server": "nas.example.com", "path": path}}

_nfs_csi(handle, attributes) := {"csi": {"driver": "nfs.csi.k8s.io", "volumeHandle": handle, "volumeAttributes": attributes}}

_local(path, node) := {
	"local": {"path": path},
	"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]}},
}

_named(name, spec) := {"metadata": {"name": name}, "spec": spec}

_world(specs) := {"cluster": {"v1": {"PersistentVolume": {name: _named(name, spec) | some name, spec in specs}}}}
