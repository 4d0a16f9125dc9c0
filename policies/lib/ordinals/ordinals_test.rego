package lib.ordinals_test

import data.lib.ordinals

_set(spec) := {"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec}

_data := {"metadata": {"name": "data"}}

test_pods_are_numbered_from_zero_or_where_the_object_says if {
	ordinals.of(_set({"replicas": 3})) == [0, 1, 2]
	ordinals.of(_set({"replicas": 2, "ordinals": {"start": 5}})) == [5, 6]
	ordinals.of(_set({"replicas": 2, "ordinals": {"start": "5"}})) == [0, 1]
	ordinals.of(_set({"replicas": 2, "ordinals": null})) == [0, 1]
	ordinals.of(_set({})) == [0]
	ordinals.of(_set({"replicas": 0})) == []
	ordinals.of({}) == [0]
}

test_counting_ends if count(ordinals.of(_set({"replicas": 1000000000}))) == 1000

test_claims_bear_the_number_of_their_pod if {
	ordinals.claims(_data, _set({}), [0, 7]) == ["data-db-0", "data-db-7"]
}

test_a_message_names_claims_in_short if {
	ordinals.named(_data, _set({}), []) == "data-db-*"
	ordinals.named(_data, _set({}), [4]) == "data-db-4"
	ordinals.named(_data, _set({}), [0, 1]) == "data-db-0 and data-db-1"
	ordinals.named(_data, _set({}), [0, 1, 2]) == "data-db-0 to data-db-2"
	ordinals.named(_data, _set({}), [0, 1, 4]) == "data-db-0, data-db-1 and data-db-4"
}

test_an_object_with_the_same_selector_is_the_same_under_another_name if {
	sets := {name: object.union(_set({"selector": {"matchLabels": {"app": app}}}), {"metadata": {"name": name}}) |
		some name, app in {"db": "db", "old": "db", "other": "web"}
	}
	db := object.union(sets.db, {"apiVersion": "apps/v1", "metadata": {"namespace": "shop"}})
	ordinals.twins(db) == {"old"} with data.inventory.namespace.shop["apps/v1"].StatefulSet as sets
	ordinals.twins(object.union(db, {"metadata": {"namespace": "test"}})) == set() with data.inventory.namespace.shop["apps/v1"].StatefulSet as sets
	ordinals.twins(_set({})) == set()
}
