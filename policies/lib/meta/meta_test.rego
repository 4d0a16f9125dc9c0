package lib.meta_test

import data.lib.meta

test_a_namespaced_object_is_named_with_its_namespace if {
	meta.name({"kind": "Deployment", "metadata": {"name": "db", "namespace": "shop"}}) == "Deployment shop/db"
}

test_a_cluster_object_is_named_alone if {
	meta.name({"kind": "PersistentVolume", "metadata": {"name": "pv-1"}}) == "PersistentVolume pv-1"
}

test_a_generated_name_ends_with_an_asterisk if {
	meta.name({"kind": "Pod", "metadata": {"generateName": "db-", "namespace": "shop"}}) == "Pod shop/db-*"
}

test_every_object_has_a_name if {
	every object in [{}, {"metadata": null}, {"metadata": {"name": null, "generateName": ""}}, {"kind": "", "metadata": {"name": 5}}] {
		meta.name(object) == "object (unnamed)"
	}
}

test_templates_that_leave_the_namespace_empty_give_none if {
	every ns in [null, "", 5] {
		meta.namespace({"metadata": {"namespace": ns}}) == ""
		meta.name({"kind": "PersistentVolume", "metadata": {"name": "pv-1", "namespace": ns}}) == "PersistentVolume pv-1"
	}
	meta.namespace({}) == ""
	meta.namespace({"metadata": {"namespace": "shop"}}) == "shop"
}

test_annotations_and_labels_of_guard_are_read_by_their_short_key if {
	object := {"metadata": {"annotations": {"data-guard.dev/data": "true"}, "labels": {"data-guard.dev/env": "ci"}}}
	meta.annotation(object, "data") == "true"
	meta.label(object, "env") == "ci"
	not meta.annotation(object, "env")
	not meta.label(object, "data")
}

test_annotations_that_are_no_map_hold_nothing if {
	not meta.annotation({"metadata": {"annotations": ["data-guard.dev/data"]}}, "data")
	not meta.label({"metadata": {"labels": null}}, "data")
	not meta.annotation({}, "data")
}

test_a_key_leaves_out_the_namespace_that_there_is_not if {
	meta.key("v1", "PersistentVolume", "", "pv-1") == "v1/PersistentVolume/pv-1"
	meta.key("v1", "PersistentVolumeClaim", "shop", "data") == "v1/PersistentVolumeClaim/shop/data"
}

test_only_a_written_deletion_time_says_that_an_object_goes if {
	meta.going({"metadata": {"deletionTimestamp": "2026-03-01T00:00:00Z"}})
	not meta.going({"metadata": {"deletionTimestamp": null}})
	not meta.going({"metadata": {"deletionTimestamp": ""}})
	not meta.going({"metadata": {}})
	not meta.going({})
}

test_a_pod_of_a_workload_is_controlled if {
	meta.controlled_by_workload({"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "ReplicaSet", "controller": true}]}})
}

test_an_owner_that_is_no_controller_or_no_workload_does_not_count if {
	not meta.controlled_by_workload({"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "ReplicaSet"}]}})
	not meta.controlled_by_workload({"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "Node", "controller": true}]}})
	not meta.controlled_by_workload({"kind": "Pod"})
}

test_a_claim_of_a_statefulset_is_an_object_of_its_own if {
	not meta.controlled_by_workload({
		"kind": "PersistentVolumeClaim",
		"metadata": {"ownerReferences": [{"kind": "StatefulSet", "controller": true}]},
	})
}

test_a_pointer_escapes_slash_and_tilde if {
	meta.pointer(["metadata", "annotations", "a~b/c"]) == "/metadata/annotations/a~0b~1c"
	meta.pointer(["spec", "containers", 0, "image"]) == "/spec/containers/0/image"
	meta.pointer([]) == ""
}
