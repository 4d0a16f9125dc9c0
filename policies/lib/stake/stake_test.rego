package lib.stake_test

import data.lib.stake

test_what_is_in_a_namespace_is_counted if {
	_of(_shop, _world("Delete")).text == "its 2 claims go with all else in it"
	not _of(_shop, _world("Delete")).kept
	_of(_shop, _world("Retain")).kept
	_of(_shop, _world("Retain")).text == "its 2 claims go too, whose volumes, all Retain, keep the data"
}

test_a_namespace_with_one_claim if {
	world := json.remove(_world("Delete"), ["namespace/shop/v1/PersistentVolumeClaim/data-1", "cluster/v1/PersistentVolume/pv-1"])
	_of(_shop, world).text == "its claim goes with all else in it"
}

test_an_empty_namespace_of_a_live_cluster_holds_nothing if {
	world := json.remove(_world("Delete"), ["cluster/v1/PersistentVolume/pv-1"])
	not _of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}, world)
}

test_nobody_showed_what_is_in_a_namespace if {
	_of(_shop, {}).text == "all that is in it goes too"
	no_claims := {"cluster": _world("Delete").cluster}
	_of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}, no_claims).text == "all that is in it goes too"
	files := {"namespace": _world("Delete").namespace}
	_of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}, files).text == "all that is in it goes too"
}

test_a_volume_that_is_retained_keeps_its_data if {
	volume := {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": {}}
	_of(volume, {}).kept
	_of(volume, {}).text == "it has reclaim policy Retain, so the data stays where it is, in no volume"
}

test_a_claim_of_unknown_size if {
	claim := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}}
	_of(claim, {}).text == "its data goes with it unless its volume is Retain"
}

test_a_definition_goes_with_all_objects if {
	definition := {
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "clusters.postgresql.cnpg.io"},
		"spec": {"group": "postgresql.cnpg.io", "names": {"kind": "Cluster"}},
	}
	_of(definition, {}).text == "all objects of its kind go with it"
	not _of(json.patch(definition, [{"op": "replace", "path": "/spec/group", "value": "example.com"}]), {})
}

test_other_kinds_are_not_known if {
	every obj in [{}, {"apiVersion": "longhorn.io/v1beta2", "kind": "PersistentVolume"}, {"apiVersion": "v1", "kind": "ConfigMap"}] {
		not _of(obj, {})
	}
}

_of(obj, world) := result if {
	result := stake.of(obj) with data.inventory as world
}

_shop := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}

_world(policy) := {
	"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {name: {"metadata": {"name": name, "namespace": "shop"}, "spec": {"volumeName": volume}} |
		some name, volume in {"data-0": "pv-0", "data-1": "pv-1"}
	}}}},
	"cluster": {"v1": {"PersistentVolume": {name: {
		"metadata": {"name": name},
		"spec": {
			"persistentVolumeReclaimPolicy": policy,
			"capacity": {"storage": "10Gi"},
			"claimRef": {"namespace": "shop", "name": claim},
		},
		"status": {"phase": "Bound"},
	} |
		some name, claim in {"pv-0": "data-0", "pv-1": "data-1"}
	}}},
}

test_the_class_decides_over_a_volume_that_is_not_there_yet if {
	claim := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}, "spec": {"storageClassName": "fast"}}
	_of(claim, _classes("Retain")).kept
	_of(claim, _classes("Retain")).related == ["storage.k8s.io/v1/StorageClass/fast"]
	not _of(claim, _classes("Delete")).kept
	not _of(claim, {}).kept
	default_class := json.remove(claim, ["spec/storageClassName"])
	_of(default_class, _classes("Retain")).kept
	not _of(default_class, {}).kept
	not _of(json.patch(claim, [{"op": "replace", "path": "/spec/storageClassName", "value": ""}]), _classes("Retain")).kept
	not _of(json.patch(claim, [{"op": "add", "path": "/spec/volumeName", "value": "pv-9"}]), _classes("Retain")).kept
}

_classes(policy) := {"cluster": {"storage.k8s.io/v1": {"StorageClass": {"fast": {
	"metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
	"reclaimPolicy": policy,
}}}}}
