package lib.tracked_test

import data.lib.tracked

test_an_object_is_found_in_whatever_version_it_is_shown if {
	world := {"namespace": {"shop": {"kafka.strimzi.io/v1beta2": {"Kafka": {"log": {"kind": "Kafka"}}}, "v1": {"Kafka": {"log": {"kind": "other"}}}}}}
	tracked.object(_entry("kafka.strimzi.io", "Kafka", "shop", "log")) == {"kind": "Kafka"} with data.inventory as world
	not tracked.object(_entry("kafka.strimzi.io", "Kafka", "web", "log")) with data.inventory as world
	not tracked.object(_entry("kafka.strimzi.io", "Kafka", "", "log")) with data.inventory as world
}

test_what_is_guarded_is_not_at_risk if {
	entry := _entry("", "PersistentVolumeClaim", "shop", "data")
	tracked.risk({entry}, set(), true).severity == "high" with data.inventory as _world
	not tracked.risk({entry}, {entry}, true) with data.inventory as _world
}

test_what_is_certain_is_told_before_what_may_be if {
	entries := {_entry("", "PersistentVolumeClaim", "shop", "data"), _entry("", "PersistentVolumeClaim", "shop", "other")}
	risk := tracked.risk(entries, set(), true) with data.inventory as _world
	risk.text == "without a guard: PersistentVolumeClaim shop/data (its data goes with it unless its volume is Retain)"
	risk.unknown == []
	risk.related == ["v1/PersistentVolumeClaim/shop/data"]
}

test_objects_of_another_cluster_are_not_those_in_sight if {
	risk := tracked.risk({_entry("", "PersistentVolumeClaim", "shop", "data")}, set(), false) with data.inventory as _world
	risk.unknown == ["v1/PersistentVolumeClaim/shop/data"]
}

test_definitions_that_nobody_showed_are_known_by_their_group if {
	risk := tracked.risk({_crd("clusters.postgresql.cnpg.io"), _crd("shops.example.com")}, set(), true) with data.inventory as {}
	risk.unknown == ["apiextensions.k8s.io/CustomResourceDefinition/clusters.postgresql.cnpg.io"]
	not tracked.risk({_crd("shops.example.com")}, set(), true) with data.inventory as {}
}

test_the_list_itself_may_be_missing if {
	tracked.unlisted("status of x").unknown == ["status of x"]
}

_crd(name) := _entry("apiextensions.k8s.io", "CustomResourceDefinition", "", name)

_entry(group, kind, ns, name) := {"group": group, "kind": kind, "namespace": ns, "name": name}

_world := {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}}}}}}}
