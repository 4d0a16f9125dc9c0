package lib.verdict_test

import data.lib.verdict

_problem := {"msg": "bad", "field": "/spec/a", "severity": "high", "fix": [], "related": ["v1/Pod/shop/db"], "own": 1}

_violation := {"msg": "bad", "details": {"field": "/spec/a", "severity": "high", "fix": [], "related": ["v1/Pod/shop/db"]}}

_exempt(date) := {"metadata": {"annotations": {"data-guard.dev/exempt.some-policy": sprintf("until=%s; by=a; reason=b", [date])}}}

# 2026-03-31T00:00:00Z
_now := 1774915200000000000

_parameters := {"severities": ["high", "low"], "unknown": "deny", "maxExemptionDays": 366}

_state(object, now, was) := result if {
	result := verdict.state("some-policy", now, was) with input as {"parameters": _parameters, "review": {"object": object}}
		with time.now_ns as _now
}

test_a_problem_becomes_a_violation_with_the_fields_that_are_known if _state({}, {_problem}, set()) == {_violation}

test_no_problem_is_no_violation if _state({}, set(), set()) == set()

test_a_problem_that_was_there_before_is_no_news if _state({}, {_problem}, {_problem}) == set()

test_a_problem_that_only_moved_in_a_list_is_no_news if {
	_state({}, {_problem}, {object.union(_problem, {"field": "/spec/b"})}) == set()
}

test_a_problem_that_got_worse_is_news if {
	_state({}, {_problem}, {object.union(_problem, {"severity": "low"})}) == {_violation}
}

test_a_problem_at_another_field_is_news if {
	_state({}, {_problem}, {object.union(_problem, {"msg": "other", "field": "/spec/b"})}) == {_violation}
}

test_a_problem_that_got_better_is_no_news if {
	_state({}, {_problem}, {object.union(_problem, {"msg": "worse", "severity": "critical"})}) == set()
	_state({}, {_problem}, {object.union(_problem, {"msg": "as bad"})}) == set()
}

test_a_severity_that_is_not_asked_for_is_not_reported if {
	_state({}, {object.union(_problem, {"severity": "critical"})}, set()) == set()
}

test_an_exempted_object_has_no_violations if _state(_exempt("2026-04-01"), {_problem}, set()) == set()

test_an_exemption_that_does_not_hold_is_named if {
	_state(_exempt("2026-03-01"), {_problem}, set()) == {object.union(_violation, {"details": {"exemption": "expired on 2026-03-01"}})}
}

test_there_is_no_verdict_where_the_question_is_not_asked if {
	object := {"kind": "PersistentVolume"}
	not verdict.state("some-policy", {_problem}, set()) with input as {"parameters": _parameters, "review": {"operation": "DELETE", "object": object}}
	not verdict.update("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"object": object}}
	not verdict.create("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"object": object}}
	not verdict.delete("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"object": object}}
	not verdict.terminating("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"object": object}}
}

test_doubt_is_reported_or_ignored_as_the_parameter_says if {
	doubt := object.union(_problem, {"unknown": ["v1/PersistentVolume/pv-1"]})
	said := object.union(_violation, {"details": {"unknown": ["v1/PersistentVolume/pv-1"]}})
	_state({}, {doubt}, set()) == {said}
	ignoring := {"parameters": object.union(_parameters, {"unknown": "ignore"}), "review": {"object": {}}}
	verdict.state("some-policy", {doubt}, set()) == set() with input as ignoring
}

test_an_empty_list_of_unknowns_is_no_doubt if {
	ignoring := {"parameters": object.union(_parameters, {"unknown": "ignore"}), "review": {"object": {}}}
	count(verdict.state("some-policy", {object.union(_problem, {"unknown": []})}, set())) == 1 with input as ignoring
}

_update(old, new) := result if {
	result := verdict.update("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"operation": "UPDATE", "oldObject": old, "object": new}}
		with time.now_ns as _now
}

test_a_change_is_exempted_by_both_of_its_sides if {
	_update(_exempt("2026-04-01"), _exempt("2026-04-01")) == set()
	_update({}, {}) == {_violation}
}

test_a_change_cannot_exempt_itself if {
	_update({}, _exempt("2026-04-01")) == {object.union(_violation, {"details": {"exemption": "it does not stand on both sides of the change"}})}
}

test_a_change_that_takes_the_exemption_away_is_not_exempted if {
	count(_update(_exempt("2026-04-01"), {})) == 1
}

_create(new) := result if {
	result := verdict.create("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"operation": "CREATE", "object": new}}
		with time.now_ns as _now
}

test_a_creation_is_exempted_by_the_object_that_would_come if {
	_create(_exempt("2026-04-01")) == set()
	_create({}) == {_violation}
}

_delete(old) := result if {
	result := verdict.delete("some-policy", {_problem}) with input as {"parameters": _parameters, "review": {"operation": "DELETE", "oldObject": old, "object": old}}
		with time.now_ns as _now
}

test_a_deletion_is_exempted_by_the_object_that_would_go if {
	_delete(_exempt("2026-04-01")) == set()
	_delete({}) == {_violation}
}

test_an_object_that_is_being_deleted_is_exempted_by_itself if {
	going := {"metadata": {"deletionTimestamp": "2026-03-30T00:00:00Z"}}
	input_of := {"parameters": _parameters, "review": {"object": going}}
	verdict.terminating("some-policy", {_problem}) == {_violation} with input as input_of with time.now_ns as _now
	exempted := {"parameters": _parameters, "review": {"object": object.union(going, _exempt("2026-04-01"))}}
	verdict.terminating("some-policy", {_problem}) == set() with input as exempted with time.now_ns as _now
}

test_a_removal_is_exempted_by_the_object_in_the_cluster if {
	evicted := {"parameters": _parameters, "review": {"operation": "CREATE", "subResource": "eviction", "object": _exempt("2026-04-01")}}
	verdict.removal("some-policy", {_problem}, {}) == {_violation} with input as evicted with time.now_ns as _now
	verdict.removal("some-policy", {_problem}, _exempt("2026-04-01")) == set() with input as evicted with time.now_ns as _now
}
