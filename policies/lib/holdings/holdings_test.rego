package lib.holdings_test

import data.lib.fate
import data.lib.holdings

_nothing := {"ns": "shop", "claims": [], "snapshots": [], "resources": [], "unseen": []}

_claims(entries) := object.union(_nothing, {"claims": entries})

_entry(name, policy) := [fate.rank(policy), name, policy, "", "1Gi"]

_names(held) := [entry[1] | some list in [held.claims, held.snapshots, held.resources]; some entry in list]

test_an_empty_namespace_holds_nothing if {
	holdings.of("shop") == _nothing with data.inventory as {}
	holdings.number(_nothing) == 0
	holdings.listed(_nothing) == ""
	not holdings.loss(_nothing)
}

test_claims_come_before_snapshots_and_these_before_resources if {
	world := {"namespace": {"shop": {
		"v1": {"PersistentVolumeClaim": {"z": {"metadata": {"name": "z", "namespace": "shop"}, "spec": {"volumeName": "pv-z"}}}},
		"snapshot.storage.k8s.io/v1": {"VolumeSnapshot": {"s": {"metadata": {"name": "s", "namespace": "shop"}}}},
		"longhorn.io/v1beta2": {"Volume": {"a": {"metadata": {"name": "a", "namespace": "shop"}}}},
	}}}
	["z", "snapshot s", "Volume a"] == _names(holdings.of("shop")) with data.inventory as world
}

test_the_key_of_what_nobody_showed_is_named if {
	world := {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {
		"a": {"metadata": {"name": "a", "namespace": "shop"}, "spec": {"volumeName": "pv-a"}},
		"b": {"metadata": {"name": "b", "namespace": "shop"}},
	}}}}}
	["v1/PersistentVolume/pv-a", "v1/PersistentVolume of v1/PersistentVolumeClaim/shop/b"] == holdings.unknown(holdings.of("shop"))
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
	["Delete", "", ""] == [entry[2] | some entry in holdings.of("shop").snapshots] with data.inventory as world
}

test_a_database_counts_only_where_its_claims_are_not_shown if {
	cluster := {"postgresql.cnpg.io/v1": {"Cluster": {"orders": {"metadata": {"name": "orders", "namespace": "shop"}}}}}
	claims := {"v1": {"PersistentVolumeClaim": {"a": {"metadata": {"name": "a", "namespace": "shop"}}}}}
	["Cluster orders"] == _names(holdings.of("shop")) with data.inventory as {"namespace": {"shop": cluster}}
	["a"] == _names(holdings.of("shop")) with data.inventory as {"namespace": {"shop": object.union(cluster, claims)}}
}

test_what_is_certain_is_told_before_what_is_not if {
	held := _claims([_entry("a", "Delete"), _entry("b", "Obliterate"), _entry("c", ""), _entry("d", "Retain")])
	holdings.going(held) == ["a", "b"]
	holdings.uncertain(held) == ["c"]
	holdings.loss(held) == "the data of a and b goes with it, that of 1 more may"
}

test_doubt_is_told_as_doubt if {
	holdings.loss(_claims([_entry("c", ""), _entry("d", "Retain")])) == "the data of c may go with it"
}

test_what_stays_is_told_when_nothing_goes if {
	holdings.loss(_claims([_entry("d", "Retain")])) == "the data of d stays in the storage, but nothing in the cluster claims it"
}

test_policies_are_counted_worst_first if {
	held := object.union(_nothing, {
		"claims": [_entry("a", "Retain"), _entry("b", ""), _entry("c", "Delete"), _entry("d", "Recycle"), _entry("e", "Retain")],
		"snapshots": [_entry("f", "Retain")],
		"resources": [_entry("g", ""), _entry("h", "")],
	})
	holdings.listed(held) == concat("", [
		" with 5 claims (5Gi; volumes: 1 Delete, 1 Recycle, 1 not shown, 2 Retain),",
		" 1 snapshot (1 Retain) and 2 custom resources",
	])
}

test_a_sum_that_leaves_something_out_says_so if {
	plenty := [0, "b", "Delete", "", "plenty"]
	holdings.listed(_claims([_entry("a", "Delete"), plenty])) == " with 2 claims (at least 1Gi; volumes: 2 Delete)"
	holdings.listed(_claims([plenty])) == " with 1 claim (volumes: 1 Delete)"
}

test_of_many_things_twenty_are_named_and_all_are_counted if {
	held := _claims([_entry(sprintf("c%d", [i]), policy) | some policy in ["Delete", ""]; some i in numbers.range(1, 30)])
	count(holdings.related(held)) == 20
	count(holdings.unknown(held)) == 20
	holdings.loss(held) == "the data of c1, c2, c3 and 27 more goes with it, that of 30 more may"
}
