package lib.patch_test

import data.lib.patch

test_a_field_that_is_there_is_tested_and_replaced if {
	patch.set({"spec": {"policy": "Delete"}}, ["spec", "policy"], "Retain") == [
		{"op": "test", "path": "/spec/policy", "value": "Delete"},
		{"op": "replace", "path": "/spec/policy", "value": "Retain"},
	]
}

test_a_field_that_is_null_is_there if {
	patch.set({"spec": {"policy": null}}, ["spec", "policy"], "Retain") == [
		{"op": "test", "path": "/spec/policy", "value": null},
		{"op": "replace", "path": "/spec/policy", "value": "Retain"},
	]
}

test_a_field_of_a_list_is_found_by_its_index if {
	patch.set({"spec": {"containers": [{}, {"image": "a"}]}}, ["spec", "containers", 1, "image"], "b") == [
		{"op": "test", "path": "/spec/containers/1/image", "value": "a"},
		{"op": "replace", "path": "/spec/containers/1/image", "value": "b"},
	]
}

test_missing_parents_are_made_from_the_outside_in if {
	patch.set({"spec": {}}, ["spec", "a", "b/c", "d"], 1) == [
		{"op": "add", "path": "/spec/a", "value": {}},
		{"op": "add", "path": "/spec/a/b~1c", "value": {}},
		{"op": "add", "path": "/spec/a/b~1c/d", "value": 1},
	]
}

test_a_parent_that_is_null_is_replaced if {
	patch.set({"spec": null}, ["spec", "a"], 1) == [
		{"op": "test", "path": "/spec", "value": null},
		{"op": "replace", "path": "/spec", "value": {}},
		{"op": "add", "path": "/spec/a", "value": 1},
	]
}

test_a_field_with_all_its_parents_is_added_alone if {
	patch.set({"spec": {}}, ["spec", "a"], 1) == [{"op": "add", "path": "/spec/a", "value": 1}]
	patch.set({}, ["spec"], {}) == [{"op": "add", "path": "/spec", "value": {}}]
}

test_a_field_is_tested_and_removed if {
	patch.remove({"spec": {"a": [1, 2]}}, ["spec", "a", 0]) == [
		{"op": "test", "path": "/spec/a/0", "value": 1},
		{"op": "remove", "path": "/spec/a/0"},
	]
}

test_what_is_not_there_is_not_removed if {
	not patch.remove({"spec": {"a": [1, 2]}}, ["spec", "a", 2])
	not patch.remove({"spec": null}, ["spec", "a"])
	not patch.remove({}, ["spec"])
}
