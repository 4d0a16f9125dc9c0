package lib.storage_test

import data.lib.storage

test_claims_volumes_and_classes_are_found_by_name if {
	storage.claim("shop", "data-db-0").spec.volumeName == "pv-1" with data.inventory as _world
	storage.volume("pv-2").spec.claimRef.name == "data-db-1" with data.inventory as _world
	storage.class("fast").provisioner == "ebs.csi.aws.com" with data.inventory as _world
}

test_what_nobody_showed_is_not_found if {
	not storage.claim("shop", "other") with data.inventory as _world
	not storage.claim("web", "data-db-0") with data.inventory as _world
	not storage.volume("pv-9") with data.inventory as _world
	not storage.class("slow") with data.inventory as _world
	not storage.volume("pv-1") with data.inventory as {}
}

test_a_claim_names_its_volume if {
	storage.volume_name({"spec": {"volumeName": "pv-7"}}) == "pv-7"
}

test_a_volume_that_is_reserved_for_a_claim_is_its_volume if {
	storage.volume_name(_claim("data-db-1", {})) == "pv-2" with data.inventory as _world
	storage.volume_name(_claim("data-db-1", {"volumeName": ""})) == "pv-2" with data.inventory as _world
}

test_the_first_of_several_reserved_volumes_counts if {
	storage.volume_name(_claim("twice", {})) == "pv-3" with data.inventory as _world
}

test_a_claim_that_nothing_is_reserved_for_has_no_volume if {
	not storage.volume_name(_claim("data-db-2", {})) with data.inventory as _world
	not storage.volume_name({}) with data.inventory as _world
}

test_volumes_are_indexed_by_their_claim if {
	storage.volumes_by_claim == {
		"shop/data-db-1": {"pv-2"},
		"shop/twice": {"pv-3", "pv-4"},
	}
		with data.inventory as _world
}

test_claims_are_indexed_by_their_name_without_the_number if {
	storage.claims_by_stem == {"shop/data-db-": {"data-db-0", "data-db-1"}, "shop/logs": {"logs"}} with data.inventory as _world
}

test_a_reclaim_policy_that_nobody_wrote_is_retain if {
	every spec in [{}, {"persistentVolumeReclaimPolicy": null}, {"persistentVolumeReclaimPolicy": ""}] {
		storage.reclaim({"spec": spec}) == "Retain"
		storage.retained({"spec": spec})
	}
	storage.reclaim({}) == "Retain"
}

test_every_other_policy_does_not_retain if {
	every policy in ["Delete", "Recycle", "retain", "Something"] {
		not storage.retained({"spec": {"persistentVolumeReclaimPolicy": policy}})
	}
}

test_access_modes_of_odd_shapes_are_empty if {
	every obj in [{}, {"spec": null}, {"spec": {"accessModes": null}}, {"spec": []}] {
		storage.modes(obj) == set()
		not storage.many_writers(obj)
		not storage.one_node(obj)
	}
}

test_many_writers_need_read_write_many if {
	storage.many_writers(_modes(["ReadWriteOnce", "ReadWriteMany"]))
	not storage.many_writers(_modes(["ReadOnlyMany"]))
}

test_one_node_is_what_names_no_sharing_mode if {
	storage.one_node(_modes(["ReadWriteOnce"]))
	storage.one_node(_modes(["ReadWriteOncePod"]))
	not storage.one_node(_modes(["ReadWriteOnce", "ReadOnlyMany"]))
	not storage.one_node(_modes(["ReadWriteMany"]))
}

test_volumes_on_one_nodes_disk_are_known_by_source_driver_or_provisioner if {
	storage.node_local({"spec": {"local": {"path": "/mnt/disk"}}})
	storage.node_local({"spec": {"hostPath": {"path": "/srv"}}})
	storage.node_local({"spec": {"csi": {"driver": "topolvm.io"}}})
	storage.node_local({"metadata": {"annotations": {"pv.kubernetes.io/provisioned-by": "rancher.io/local-path"}}})
}

test_network_volumes_are_not_on_one_nodes_disk if {
	not storage.node_local({"spec": {"csi": {"driver": "ebs.csi.aws.com"}}})
	not storage.node_local({"spec": {"nfs": {"server": "nas.example.com"}}})
	not storage.node_local({})
}

test_classes_of_local_volumes_are_known_by_provisioner if {
	storage.node_local_class({"provisioner": "kubernetes.io/no-provisioner"})
	not storage.node_local_class({"provisioner": "ebs.csi.aws.com"})
	not storage.node_local_class({})
}

test_the_provisioner_of_a_release_is_known_by_its_ending if {
	storage.node_local_class({"provisioner": "cluster.local/mine-local-path-provisioner"})
}

test_a_claim_asks_for_a_class_by_annotation_or_name if {
	storage.class_name({"spec": {"storageClassName": "fast"}}) == "fast"
	storage.class_name({"spec": {"storageClassName": ""}}) == ""
	storage.class_name({
		"metadata": {"annotations": {"volume.beta.kubernetes.io/storage-class": "old"}},
		"spec": {"storageClassName": "fast"},
	}) == "old"
}

test_a_claim_that_names_no_class_leaves_the_choice if {
	every obj in [{}, {"spec": null}, {"spec": {"storageClassName": null}}] {
		not storage.class_name(obj)
	}
}

test_the_newest_default_class_is_the_default if {
	storage.default_class == "b" with data.inventory as _classes({
		"a": _default("storageclass.kubernetes.io/is-default-class", "2026-01-01T00:00:00Z"),
		"b": _default("storageclass.beta.kubernetes.io/is-default-class", "2026-02-01T00:00:00Z"),
		"c": _default("storageclass.kubernetes.io/is-default-class", "2026-02-01T00:00:00Z"),
		"d": {"metadata": {"creationTimestamp": "2026-03-01T00:00:00Z"}},
	})
}

test_without_a_default_class_there_is_none if {
	not storage.default_class with data.inventory as _classes({"d": {"metadata": {"name": "d"}}})
	not storage.default_class with data.inventory as {}
}

test_a_volume_with_a_phase_is_of_a_live_cluster if {
	storage.live with data.inventory as {"cluster": {"v1": {"PersistentVolume": {"pv-1": {"status": {"phase": "Bound"}}}}}}
	not storage.live with data.inventory as _world
	not storage.live with data.inventory as {}
}

_default(key, created) := {"metadata": {"annotations": {key: "true"}, "creationTimestamp": created}}

_classes(classes) := {"cluster": {"storage.k8s.io/v1": {"StorageClass": classes}}}

_claim(name, spec) := {"metadata": {"namespace": "shop", "name": name}, "spec": spec}

_modes(modes) := {"spec": {"accessModes": modes}}

_reserved(name) := {"spec": {"claimRef": {"namespace": "shop", "name": name}}}

_world := {
	"cluster": {
		"v1": {"PersistentVolume": {"pv-1": {"spec": {}}, "pv-2": _reserved("data-db-1"), "pv-3": _reserved("twice"), "pv-4": _reserved("twice")}},
		"storage.k8s.io/v1": {"StorageClass": {"fast": {"provisioner": "ebs.csi.aws.com"}}},
	},
	"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {
		"data-db-0": _claim("data-db-0", {"volumeName": "pv-1"}),
		"data-db-1": _claim("data-db-1", {}),
		"logs": _claim("logs", {}),
	}}}},
}
