package lib.fate_test

import data.lib.fate

_claim(spec, phase) := {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}, "spec": spec, "status": {"phase": phase}}

_volume(policy, claim) := {"spec": {
	"capacity": {"storage": "10Gi"},
	"persistentVolumeReclaimPolicy": policy,
	"claimRef": {"namespace": "shop", "name": claim},
}}

_volumes(volumes) := {"cluster": {"v1": {"PersistentVolume": volumes}}}

test_the_volume_that_a_claim_names_decides if {
	fate.of(_claim({"volumeName": "pv-1"}, "Bound")) == {"claim": "data", "volume": "pv-1", "policy": "Delete", "size": "10Gi"} with data.inventory as _volumes({"pv-1": _volume("Delete", "data"), "pv-0": _volume("Retain", "data")})
}

test_a_volume_that_is_not_shown_has_no_policy if {
	fate.of(_claim({"volumeName": "pv-1"}, "Bound")) == {"claim": "data", "volume": "pv-1", "policy": "", "size": ""} with data.inventory as {}
}

test_of_the_volumes_that_are_reserved_the_worst_counts if {
	volumes := {"pv-0": _volume("Retain", "data"), "pv-1": _volume("Recycle", "data"), "pv-2": _volume("Delete", "data")}
	every name in ["", null] {
		fate.of(_claim({"volumeName": name}, "Bound")).volume == "pv-2" with data.inventory as _volumes(volumes)
	}
}

test_a_claim_without_a_volume_has_no_known_fate if {
	every claim in [{"metadata": {"name": "data"}}, {"metadata": {"name": "data"}, "spec": null, "status": null}] {
		fate.of(claim) == {"claim": "data", "volume": "", "policy": "", "size": ""} with data.inventory as {}
	}
}

test_a_policy_that_is_empty_is_retain if {
	every policy in ["", null] {
		fate.of(_claim({"volumeName": "pv-1"}, "Bound")).policy == "Retain" with data.inventory as _volumes({"pv-1": _volume(policy, "data")})
	}
}

test_a_policy_that_nobody_knows_is_worse_than_doubt_and_better_than_loss if {
	fate.rank("Delete") < fate.rank("Recycle")
	fate.rank("Recycle") < fate.rank("Obliterate")
	fate.rank("Obliterate") < fate.rank("")
	fate.rank("") < fate.rank("Retain")
}

test_the_size_is_that_of_the_volume_then_of_the_claim_then_the_one_asked_for if {
	spec := {"volumeName": "pv-1", "resources": {"requests": {"storage": "1Gi"}}}
	claim := object.union(_claim(spec, "Bound"), {"status": {"capacity": {"storage": "2Gi"}}})
	fate.of(claim).size == "10Gi" with data.inventory as _volumes({"pv-1": _volume("Delete", "data")})
	fate.of(claim).size == "2Gi" with data.inventory as {}
	fate.of(_claim(spec, "Bound")).size == "1Gi" with data.inventory as {}
}

test_only_a_pending_claim_without_any_volume_was_never_bound if {
	fate.never_bound(_claim({}, "Pending")) with data.inventory as {}
	not fate.never_bound(_claim({"volumeName": "pv-1"}, "Pending")) with data.inventory as {}
	not fate.never_bound(_claim({}, "Pending")) with data.inventory as _volumes({"pv-1": _volume("Delete", "data")})
	not fate.never_bound(_claim({}, "Lost")) with data.inventory as {}
	not fate.never_bound({"metadata": {"name": "data"}}) with data.inventory as {}
}

test_one_claim_anywhere_says_that_claims_are_shown if {
	fate.claims_shown with data.inventory as {"namespace": {"wiki": {"v1": {"PersistentVolumeClaim": {"files": {}}}}}}
	not fate.claims_shown with data.inventory as {"namespace": {"wiki": {"v1": {"PersistentVolumeClaim": {}}}}}
	not fate.claims_shown with data.inventory as {"namespace": {"wiki": {"v1": {"Pod": {"db": {}}}}}}
	not fate.claims_shown with data.inventory as {}
}

test_the_claims_of_a_namespace_come_worst_first if {
	world := object.union(
		_volumes({"pv-a": _volume("Retain", "a"), "pv-c": _volume("Delete", "c"), "pv-d": _volume("Delete", "d")}),
		{"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {
			"a": {"metadata": {"name": "a", "namespace": "shop"}, "spec": {"volumeName": "pv-a"}},
			"b": {"metadata": {"name": "b", "namespace": "shop"}, "spec": {"volumeName": "pv-b"}},
			"c": {"metadata": {"name": "c", "namespace": "shop"}, "spec": {"volumeName": "pv-c"}},
			"p": {"metadata": {"name": "p", "namespace": "shop"}, "status": {"phase": "Pending"}},
		}}}}},
	)
	["c", "d", "b", "a"] == [end[1] | some end in fate.of_namespace("shop")] with data.inventory as world
}

test_a_volume_that_is_bound_to_nobody_in_particular_counts_for_nobody if {
	fate.of_namespace("shop") == [] with data.inventory as _volumes({
		"none": {"spec": {}},
		"null": {"spec": {"claimRef": null}},
		"wiki": {"spec": {"claimRef": {"namespace": "wiki", "name": "data"}}},
	})
}

test_volumes_that_were_let_go_do_not_speak_for_a_claim if {
	every phase in ["Available", "Released", "Failed"] {
		fate.of_namespace("shop") == [] with data.inventory as _volumes({"pv-1": object.union(_volume("Delete", "data"), {"status": {"phase": phase}})})
	}
	count(fate.of_namespace("shop")) == 1 with data.inventory as _volumes({"pv-1": object.union(_volume("Delete", "data"), {"status": {"phase": "Bound"}})})
	count(fate.of_namespace("shop")) == 1 with data.inventory as _volumes({"pv-1": _volume("Delete", "data")})
}

_set(spec) := {"namespace": {"shop": {"apps/v1": {"StatefulSet": {"db": {
	"kind": "StatefulSet",
	"metadata": {"name": "db", "namespace": "shop"},
	"spec": object.union({"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}, spec),
}}}}}}

test_a_statefulset_speaks_for_claims_that_are_not_shown if {
	["data-db-0"] == [end[1] | some end in fate.of_namespace("shop")] with data.inventory as _set({})
	["data-db-5", "data-db-6"] == [end[1] | some end in fate.of_namespace("shop")] with data.inventory as _set({"replicas": 2, "ordinals": {"start": 5}})
}

test_a_statefulset_without_pods_or_templates_speaks_for_none if {
	fate.of_namespace("shop") == [] with data.inventory as _set({"replicas": 0})
	fate.of_namespace("shop") == [] with data.inventory as _set({"volumeClaimTemplates": []})
	fate.of_namespace("shop") == [] with data.inventory as _set({"volumeClaimTemplates": null})
}

test_the_size_of_a_claim_whose_volume_is_not_shown_is_what_it_was_given_then_what_it_asks_for if {
	asks := _claim({"volumeName": "pv-1", "resources": {"requests": {"storage": "1Gi"}}}, "Bound")
	has := object.union(asks, {"status": {"capacity": {"storage": "2Gi"}}})
	every size, claim in {"1Gi": asks, "2Gi": has} {
		[[_, "data", "", "pv-1", size]] = fate.of_namespace("shop") with data.inventory as {"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": claim}}}}}
	}
}

test_something_goes_where_a_claim_that_counts_names_a_volume_that_goes if {
	claim := _claim({"volumeName": "pv-1"}, "Bound")
	lost := object.union(claim, {"metadata": {"labels": {"data-guard.dev/data": "false"}}})
	fate.some_goes("shop") with data.inventory as _world(claim, "Delete")
	fate.some_goes("shop") with data.inventory as _world(claim, "Recycle")
	not fate.some_goes("shop") with data.inventory as _world(claim, "Retain")
	not fate.some_goes("shop") with data.inventory as _world(lost, "Delete")
	not fate.some_goes("wiki") with data.inventory as _world(claim, "Delete")
}

_world(claim, policy) := object.union(
	_volumes({"pv-1": _volume(policy, "data")}),
	{"namespace": {"shop": {"v1": {"PersistentVolumeClaim": {"data": claim}}}}},
)
