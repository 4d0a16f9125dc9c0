package lib.holdings_test

import data.lib.holdings

_held(kind, name, policy) := {"kind": kind, "name": name, "policy": policy, "size": "1Gi"}

test_an_empty_namespace_holds_nothing if {
	holdings.of("shop") == [] with data.inventory as {}
	holdings.listed([]) == ""
	not holdings.loss([])
}

test_claims_come_before_snapshots_and_these_before_resources if {
	world := {"namespace": {"shop": {
		"v1": {"PersistentVolumeClaim": {"z": {"metadata": {"name": "z", "namespace": "shop"}, "spec": {"volumeName": "pv-z"}}}},
		"snapshot.storage.k8s.io/v1": {"VolumeSnapshot": {"s": {"metadata": {"name": "s", "namespace": "shop"}}}},
		"longhorn.io/v1beta2": {"Volume": {"a": {"metadata": {"name": "a", "namespace": "shop"}}}},
	}}}
	["z", "snapshot s", "Volume a"] == [held.name | some held in holdings.of("shop")] with data.inventory as world
}

test_the_key_of_what_nobody_showed_is_named if {
	world := {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {
		"a": {"metadata": {"name": "a", "namespace": "shop"}, "spec": {"volumeName": "pv-a"}},
		"b": {"metadata": {"name": "b", "namespace": "shop"}},
	}}}}}
	["v1/PersistentVolume/pv-a", "v1/PersistentVolume of v1/PersistentVolumeClaim/shop/b"] == [held.unknown |
		some held in holdings.of("shop")
	]
		with data.inventory as world
}

test_a_snapshot_goes_with_its_content if {
	world := {
		"cluster": {"snapshot.storage.k8s.io/v1": {"VolumeSnapshotContent": {"c": {"spec": {"deletionPolicy": "Delete"}}}}},
		"namespace": {"shop": {"snapshot.storage.k8s.io/v1": {"VolumeSnapshot": {
			"a": {"status": {"boundVolumeSnapshotContentName": "c"}},
			"b": {"status": {"boundVolumeSnapshotContentName": "d"}},
			"c": {"status": null},
		}}}},
	}
	["Delete", "", ""] == [held.policy | some held in holdings.of("shop")] with data.inventory as world
}

test_a_database_counts_only_where_its_claims_are_not_shown if {
	cluster := {"postgresql.cnpg.io/v1": {"Cluster": {"orders": {"metadata": {"name": "orders", "namespace": "shop"}}}}}
	claims := {"v1": {"PersistentVolumeClaim": {"a": {"metadata": {"name": "a", "namespace": "shop"}}}}}
	["Cluster orders"] == [held.name | some held in holdings.of("shop")] with data.inventory as {"namespace": {"shop": cluster}}
	["a"] == [held.name | some held in holdings.of("shop")] with data.inventory as {"namespace": {"shop": object.union(cluster, claims)}}
}

test_what_is_certain_is_told_before_what_is_not if {
	held := [_held("claim", "a", "Delete"), _held("claim", "b", "Obliterate"), _held("claim", "c", ""), _held("claim", "d", "Retain")]
	holdings.going(held) == ["a", "b"]
	holdings.uncertain(held) == ["c"]
	holdings.loss(held) == "the data of a and b goes with it, that of 1 more may"
}

test_doubt_is_told_as_doubt if {
	holdings.loss([_held("claim", "c", ""), _held("claim", "d", "Retain")]) == "the data of c may go with it"
}

test_what_stays_is_told_when_nothing_goes if {
	holdings.loss([_held("claim", "d", "Retain")]) == "the data of d stays in the storage, but nothing in the cluster claims it"
}

test_policies_are_counted_worst_first if {
	held := [
		_held("claim", "a", "Retain"), _held("claim", "b", ""), _held("claim", "c", "Delete"), _held("claim", "d", "Recycle"),
		_held("claim", "e", "Retain"), _held("snapshot", "f", "Retain"), _held("resource", "g", ""), _held("resource", "h", ""),
	]
	holdings.listed(held) == concat("", [
		" with 5 claims (5Gi; volumes: 1 Delete, 1 Recycle, 1 not shown, 2 Retain),",
		" 1 snapshot (1 Retain) and 2 custom resources",
	])
}

test_a_sum_that_leaves_something_out_says_so if {
	plenty := object.union(_held("claim", "b", "Delete"), {"size": "plenty"})
	holdings.listed([_held("claim", "a", "Delete"), plenty]) == " with 2 claims (at least 1Gi; volumes: 2 Delete)"
	holdings.listed([plenty]) == " with 1 claim (volumes: 1 Delete)"
}
