package lib.asked_test

import data.lib.asked

_volume := {"kind": "PersistentVolume", "metadata": {"name": "pv-1"}}

_going := {"kind": "PersistentVolume", "metadata": {"name": "pv-1", "deletionTimestamp": "2026-03-01T00:00:00Z"}}

_null := {"kind": "PersistentVolume", "metadata": {"name": "pv-1", "deletionTimestamp": null}}

_owned := {"kind": "Pod", "metadata": {"name": "db-0", "ownerReferences": [{"kind": "StatefulSet", "controller": true}]}}

test_a_state_question_asks_about_the_object if {
	asked.object == _volume with input as {"review": {"operation": "", "object": _volume, "oldObject": null}}
	asked.object == _volume with input as {"review": {"object": _volume}}
	not asked.before with input as {"review": {"object": _volume}}
}

test_create_asks_about_the_object if {
	asked.object == _volume with input as {"review": {"operation": "CREATE", "object": _volume, "oldObject": null}}
	not asked.before with input as {"review": {"operation": "CREATE", "object": _volume, "oldObject": null}}
}

test_a_deletion_time_in_a_create_does_not_hide_the_object if {
	asked.object == _going with input as {"review": {"operation": "CREATE", "object": _going}}
}

test_update_asks_about_both_sides if {
	asked.object == _null with input as {"review": {"operation": "UPDATE", "object": _null, "oldObject": _volume}}
	asked.before == _volume with input as {"review": {"operation": "UPDATE", "object": _null, "oldObject": _volume}}
	asked.update == {"old": _volume, "new": _null} with input as {"review": {"operation": "UPDATE", "object": _null, "oldObject": _volume}}
}

test_a_deletion_time_that_an_update_brings_does_not_hide_the_object if {
	asked.object == _going with input as {"review": {"operation": "UPDATE", "object": _going, "oldObject": _volume}}
}

test_an_update_of_an_object_that_is_being_deleted_is_no_state_question if {
	not asked.object with input as {"review": {"operation": "UPDATE", "object": _going, "oldObject": _going}}
	not asked.object with input as {"review": {"operation": "UPDATE", "object": _volume, "oldObject": _going}}
}

test_an_update_of_an_object_that_is_being_deleted_is_still_a_transition if {
	asked.update.old == _going with input as {"review": {"operation": "UPDATE", "object": _going, "oldObject": _going}}
}

test_a_subresource_is_no_state_question_and_still_a_transition if {
	review := {"operation": "UPDATE", "subResource": "status", "object": _volume, "oldObject": _null}
	not asked.object with input as {"review": review}
	asked.update == {"old": _null, "new": _volume} with input as {"review": review}
}

test_a_subresource_of_null_or_nothing_is_none if {
	every sub in [null, ""] {
		asked.object == _volume with input as {"review": {"subResource": sub, "object": _volume}}
	}
}

test_create_asks_about_what_a_workload_made_too if {
	asked.create == _owned with input as {"review": {"operation": "CREATE", "object": _owned, "oldObject": null}}
	asked.create == _going with input as {"review": {"operation": "CREATE", "object": _going}}
}

test_only_a_create_of_an_object_is_one if {
	every operation in ["", "UPDATE", "DELETE"] {
		not asked.create with input as {"review": {"operation": operation, "object": _volume, "oldObject": _volume}}
	}
	not asked.create with input as {"review": {"operation": "CREATE", "subResource": "binding", "object": _volume}}
	not asked.create with input as {"review": {"operation": "CREATE", "object": null}}
}

_live := {"kind": "PersistentVolume", "metadata": {"name": "pv-1", "uid": "5c1d", "creationTimestamp": "2026-03-01T08:00:00Z"}}

_manifest := {"kind": "PersistentVolume", "metadata": {"name": "pv-1", "uid": "5c1d"}}

test_a_manifest_without_times_is_laid_over_the_live_object if {
	every manifest in [_manifest, object.union(_manifest, {"metadata": {"creationTimestamp": null}})] {
		review := {"operation": "UPDATE", "object": manifest, "oldObject": _live}
		asked.laid_over == {"old": _live, "new": manifest} with input as {"review": review}
	}
}

test_what_the_api_server_sends_and_two_files_are_not_laid_over if {
	every sides in [[_live, _live], [_manifest, _manifest], [_volume, _volume], [_live, _volume]] {
		not asked.laid_over with input as {"review": {"operation": "UPDATE", "oldObject": sides[0], "object": sides[1]}}
	}
	not asked.laid_over with input as {"review": {"operation": "CREATE", "object": _manifest}}
}

test_an_update_without_an_old_object_is_no_transition if {
	not asked.update with input as {"review": {"operation": "UPDATE", "object": _volume, "oldObject": null}}
	not asked.update with input as {"review": {"operation": "UPDATE", "object": null, "oldObject": _volume}}
	not asked.before with input as {"review": {"operation": "UPDATE", "object": _volume, "oldObject": null}}
}

test_what_a_workload_made_is_not_asked_about if {
	not asked.object with input as {"review": {"object": _owned}}
}

test_an_object_that_is_no_object_is_not_asked_about if {
	every object in [null, [], "PersistentVolume"] {
		not asked.object with input as {"review": {"object": object}}
		not asked.delete with input as {"review": {"operation": "DELETE", "object": object, "oldObject": object}}
	}
}

# Gatekeeper puts the old object in both places.
test_delete_asks_about_the_old_object_alone if {
	review := {"operation": "DELETE", "object": _volume, "oldObject": _volume}
	asked.delete == _volume with input as {"review": review}
	not asked.object with input as {"review": review}
	not asked.update with input as {"review": review}
	not asked.terminating with input as {"review": review}
}

test_the_deletion_of_an_object_that_is_being_deleted_is_no_question if {
	not asked.delete with input as {"review": {"operation": "DELETE", "object": _going, "oldObject": _going}}
}

test_a_deletion_time_of_null_says_nothing if {
	asked.delete == _null with input as {"review": {"operation": "DELETE", "object": _null, "oldObject": _null}}
	asked.object == _null with input as {"review": {"object": _null}}
	not asked.terminating with input as {"review": {"object": _null}}
}

test_an_object_that_is_being_deleted_is_asked_about_as_such if {
	asked.terminating == _going with input as {"review": {"object": _going}}
	not asked.object with input as {"review": {"object": _going}}
}

test_requests_do_not_ask_about_objects_that_are_being_deleted if {
	every operation in ["CREATE", "UPDATE", "DELETE"] {
		not asked.terminating with input as {"review": {"operation": operation, "object": _going, "oldObject": _going}}
	}
}

test_the_user_is_named_or_nobody_is if {
	asked.user == "alice" with input as {"review": {"userInfo": {"username": "alice"}}}
	not asked.user with input as {"review": {"userInfo": {"username": ""}}}
	not asked.user with input as {"review": {"userInfo": {}}}
	not asked.user with input as {"review": {}}
}

test_groups_are_a_set_and_none_without_a_user if {
	asked.groups == {"a", "b"} with input as {"review": {"userInfo": {"groups": ["b", "a"]}}}
	asked.groups == set() with input as {"review": {}}
}

test_the_removal_of_an_object_is_asked_about_also_when_it_is_being_deleted if {
	every object in [_volume, _going] {
		asked.removal == object with input as {"review": {"operation": "DELETE", "object": object, "oldObject": object}}
	}
	not asked.removal with input as {"review": {"object": _going}}
	not asked.removal with input as {"review": {"operation": "UPDATE", "object": _going, "oldObject": _going}}
	not asked.removal with input as {"review": {"operation": "DELETE", "object": null, "oldObject": null}}
}

test_an_eviction_is_what_is_created_through_the_subresource if {
	evicted := {"operation": "CREATE", "subResource": "eviction", "object": {"kind": "Eviction"}}
	asked.eviction == {"kind": "Eviction"} with input as {"review": evicted}
	every wrong in [{"operation": "UPDATE"}, {"subResource": "binding"}, {"subResource": null}, {"object": null}] {
		not asked.eviction with input as {"review": object.union(evicted, wrong)}
	}
}

test_options_are_an_object_and_empty_without_any if {
	asked.options == {"gracePeriodSeconds": 0} with input as {"review": {"options": {"gracePeriodSeconds": 0}}}
	every review in [{}, {"options": null}, {"options": []}] {
		asked.options == {} with input as {"review": review}
	}
}

test_a_deletion_that_only_manifests_show_is_none_where_the_object_is_kept if {
	kept := object.union(_volume, {"metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}})
	review := {"operation": "DELETE", "object": kept, "oldObject": kept}
	not asked.delete with input as {"review": review}
	asked.delete == kept with input as {"review": object.union(review, {"userInfo": {"username": "alice"}})}
}
