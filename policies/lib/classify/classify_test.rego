package lib.classify_test

import data.lib.classify

test_what_people_wrote_decides if {
	every place in ["annotations", "labels"] {
		classify.data_workload(_deployment("nginx", {place: {"data-guard.dev/data": "true"}}))
		not classify.data_workload(_deployment("mysql", {place: {"data-guard.dev/data": "false"}}))
		classify.disposable(_deployment("mysql", {place: {"data-guard.dev/data": "false"}}))
	}
}

test_what_is_neither_true_nor_false_decides_nothing if {
	every value in ["yes", "", true, null] {
		mysql := _deployment("mysql", {"annotations": {"data-guard.dev/data": value}})
		classify.data_workload(mysql)
		not classify.declared(mysql)
		not classify.disposable(mysql)
	}
}

test_the_namespace_speaks_where_the_object_does_not if {
	nginx := _deployment("nginx", {"namespace": "marked"})
	classify.data_workload(nginx) with data.inventory as _namespaces
	classify.declared(nginx) with data.inventory as _namespaces
	not classify.disposable(nginx) with data.inventory as _namespaces

	own := _deployment("nginx", {"namespace": "marked", "annotations": {"data-guard.dev/data": "false"}})
	not classify.data_workload(own) with data.inventory as _namespaces
	classify.disposable(own) with data.inventory as _namespaces
}

test_a_namespace_may_be_there_to_be_thrown_away if {
	every ns in ["ephemeral", "ci", "unloved"] {
		classify.disposable(_deployment("mysql", {"namespace": ns})) with data.inventory as _namespaces
		not classify.disposable(_deployment("mysql", {"namespace": ns, "labels": {"data-guard.dev/data": "true"}})) with data.inventory as _namespaces
	}
	not classify.disposable(_deployment("mysql", {"namespace": "staging"})) with data.inventory as _namespaces
	not classify.disposable(_deployment("mysql", {"namespace": "nobody-showed"})) with data.inventory as _namespaces
}

test_an_engine_is_data if {
	classify.data_workload(_deployment("mysql:8.4", {}))
	classify.data_engines(_deployment("mysql:8.4", {})) == {"mysql"}
	not classify.data_workload(_deployment("nginx", {}))
	classify.data_engines(_deployment("nginx", {})) == set()
	classify.data_engines(_deployment("mysql", {"labels": {"data-guard.dev/data": "false"}})) == set()
}

test_claims_where_engines_keep_their_data_are_data if {
	every path in ["/var/lib/mysql", "/var/lib/mysql/", "/data"] {
		classify.data_workload(_set("StatefulSet", path))
		classify.data_workload(_set("CloneSet", path))
		classify.data_engines(_set("StatefulSet", path)) == set()
	}
	not classify.data_workload(_set("StatefulSet", "/var/cache"))
	not classify.data_workload(_set("Deployment", "/var/lib/mysql"))
}

test_odd_shapes_hold_no_data if {
	every obj in [
		{}, {"metadata": null}, {"kind": "StatefulSet", "spec": null},
		{"kind": "StatefulSet", "metadata": {"annotations": null, "labels": []}, "spec": {"volumeClaimTemplates": [null, {}]}},
		_set("StatefulSet", null),
	] {
		not classify.data_workload(obj)
		classify.data_engines(obj) == set()
		not classify.disposable(obj)
		not classify.declared(obj)
	}
}

test_a_volume_is_as_disposable_as_the_claim_that_it_is_reserved_for if {
	every volume in [
		{"metadata": {"labels": {"data-guard.dev/data": "false"}}},
		{"spec": {"claimRef": {"namespace": "ci", "name": "a"}}},
		{"spec": {"claimRef": {"namespace": "shop", "name": "scratch"}}},
	] {
		classify.disposable_volume(volume) with data.inventory as _namespaces
	}
}

test_a_volume_of_nobody_is_not_disposable if {
	every volume in [
		{}, {"spec": null}, {"spec": {"claimRef": null}},
		{"spec": {"claimRef": {"namespace": "shop", "name": "data"}}},
		{"metadata": {"labels": {"data-guard.dev/data": "true"}}, "spec": {"claimRef": {"namespace": "ci", "name": "a"}}},
	] {
		not classify.disposable_volume(volume) with data.inventory as _namespaces
	}
}

_namespaces := {
	"cluster": {"v1": {"Namespace": {
		"marked": {"metadata": {"annotations": {"data-guard.dev/data": "true"}}},
		"ephemeral": {"metadata": {"labels": {"data-guard.dev/ephemeral": "true"}}},
		"ci": {"metadata": {"labels": {"data-guard.dev/env": "ci"}}},
		"unloved": {"metadata": {"labels": {"data-guard.dev/data": "false"}}},
		"staging": {"metadata": {"labels": {"data-guard.dev/env": "staging"}}},
	}}},
	"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"scratch": {"metadata": {"name": "scratch", "namespace": "shop", "annotations": {"data-guard.dev/data": "false"}}}}}}},
}

_deployment(image, metadata) := {
	"kind": "Deployment", "metadata": metadata,
	"spec": {"template": {"spec": {"containers": [{"name": "a", "image": image}]}}},
}

_set(kind, path) := {
	"kind": kind, "metadata": {"name": "a"},
	"spec": {
		"volumeClaimTemplates": [{"metadata": {"name": "data"}}],
		"template": {"spec": {"containers": [{"image": "example", "volumeMounts": [{"name": "data", "mountPath": path}]}]}},
	},
}

test_what_may_be_lost_of_a_kind_is_marked_or_in_a_namespace_that_is if {
	claims := {"v1": {"PersistentVolumeClaim": {
		"plain": {"metadata": {"name": "plain", "namespace": "shop"}},
		"kept": {"metadata": {"name": "kept", "namespace": "shop", "labels": {"data-guard.dev/data": "true"}}},
		"lost": {"metadata": {"name": "lost", "namespace": "shop", "annotations": {"data-guard.dev/data": "false"}}},
	}}}
	every env, names in {"prod": {"lost"}, "ci": {"lost", "plain"}} {
		shop := {"metadata": {"name": "shop", "labels": {"data-guard.dev/env": env}}}
		world := {"namespace": {"shop": claims}, "cluster": {"v1": {"Namespace": {"shop": shop}}}}
		classify.disposables("shop", "v1", "PersistentVolumeClaim") == names with data.inventory as world
	}
}

test_what_may_be_lost_is_found_for_every_kind if {
	lost := [
		{"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": {"claimRef": {"namespace": "ci", "name": "plain"}}},
		{"kind": "Namespace", "metadata": {"name": "ci", "labels": {"data-guard.dev/env": "ci"}}},
		{"kind": "PersistentVolumeClaim", "metadata": {"name": "scratch", "namespace": "shop", "annotations": {"data-guard.dev/data": "false"}}},
	]
	kept := [
		{"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": {"claimRef": {"namespace": "shop", "name": "plain"}}},
		{"kind": "Namespace", "metadata": {"name": "shop"}},
		{"kind": "Namespace", "metadata": {"name": "shop", "labels": {"data-guard.dev/env": "ci", "data-guard.dev/data": "true"}}},
		{"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop", "labels": {"data-guard.dev/ephemeral": "true"}}},
	]
	world := {"cluster": {"v1": {"Namespace": {"ci": {"metadata": {"name": "ci", "labels": {"data-guard.dev/env": "ci"}}}}}}}
	every obj in lost {
		classify.expendable(obj) with data.inventory as world
	}
	every obj in kept {
		not classify.expendable(obj) with data.inventory as world
	}
}
