package lib.protection_test

import data.lib.clock
import data.lib.protection

_now := clock.instant("2027-03-31T12:00:00Z")

_effects(before, after) := {change.effect | some change in _changes(before, after)}

_changes(before, after) := changes if {
	changes := protection.weakened(before, after, 30) with time.now_ns as _now
}

_with(part, key, value) := {"kind": "Namespace", "metadata": {part: {concat("", ["data-guard.dev/", key]): value}}}

_samples := {
	["annotations", "allow-delete"]: ["2027-03-31T13:00:00Z", "2027-04-30T13:00:00Z", "9999-12-31T00:00:00Z"],
	["annotations", "data"]: ["false"],
	["annotations", "empty-backup"]: ["s3://backup/demo", ""],
	["annotations", "exempt.%s"]: ["until=2027-03-31; by=a; reason=b", "until=9999-12-31;by=a;reason=b"],
	["annotations", "shared-backend"]: ["true"],
	["annotations", "versioned-bucket"]: ["true"],
	["labels", "data"]: ["false"],
	["labels", "env"]: ["ci"],
	["labels", "ephemeral"]: ["true"],
}

test_every_key_is_noticed_where_it_is_written_and_not_where_it_stood if {
	{key | some key, _ in _samples} == protection.keys
	every key, texts in _samples {
		every text in texts {
			there := _with(key[0], replace(key[1], "%s", "some-policy"), text)
			some change in _changes({}, there)
			change.part == key[0]
			not change.lost
			count(_changes({}, there)) == 1
			_changes(there, there) == set()
			_changes(there, {"kind": "Namespace"}) == set()
		}
	}
}

test_values_are_those_that_lower_and_true_for_data if {
	{[value[0], value[1]] | some value in protection.values} - protection.keys == set()
	{value[2] | some value in protection.values; value[1] == "data"} == {"false", "true"}
	count(protection.values) == 8
}

test_a_value_that_lowers_nothing_is_free if {
	every key, texts in {
		["annotations", "allow-delete"]: ["2027-03-31T12:00:00Z", "yes", " 2027-03-31T13:00:00Z"],
		["annotations", "data"]: ["true", "no", "False"],
		["annotations", "exempt.some-policy"]: ["until=2027-03-30; by=a; reason=b", "true", "until=2027-04-01; by=a"],
		["annotations", "shared-backend"]: ["false", "yes"],
		["annotations", "env"]: ["ci"],
		["annotations", "other"]: ["true"],
		["labels", "env"]: ["prod", "staging", "dev", "CI"],
		["labels", "ephemeral"]: ["false"],
		["labels", "allow-delete"]: ["2027-03-31T13:00:00Z"],
	} {
		every text in texts { _changes({}, _with(key[0], key[1], text)) == set() }
	}
}

_allowed(until) := _with("annotations", "allow-delete", until)

test_an_approval_that_holds_may_be_shortened if {
	_changes(_allowed("2027-03-31T15:00:00Z"), _allowed("2027-03-31T14:00:00Z")) == set()
	_changes(_allowed("2027-03-31T15:00:00Z"), _allowed("2027-03-31T17:00:00+02:00")) == set()
	_changes(_allowed("9999-12-31T00:00:00Z"), _allowed("9999-12-31T00:00:00.0Z")) == set()
}

test_an_approval_may_not_be_lengthened_or_put_in_force if {
	every old in ["2027-03-31T15:00:00Z", "2027-03-31T11:00:00Z", "2027-04-01T12:00:01Z", " 2027-03-31T16:00:00Z"] {
		_effects(_allowed(old), _allowed("2027-03-31T16:00:00Z")) == {"its deletion is to be allowed until 2027-03-31T16:00:00Z"}
	}
}

_exempt(text) := _with("annotations", "exempt.some-policy", text)

test_an_exemption_may_be_shortened_and_laid_out_anew if {
	old := _exempt("until=2027-04-30; by=team db; reason=moves; soon")
	every text in [
		"until=2027-04-01; by=team db; reason=moves; soon",
		"  until=2027-04-30;by= team  db ;reason=moves;\nsoon ",
		"until=2027-03-30; by=someone; reason=else",
	] {
		_changes(old, _exempt(text)) == set()
	}
}

test_an_exemption_may_not_say_more_or_something_else if {
	old := _exempt("until=2027-04-30; by=team-db; reason=moves")
	every text in [
		"until=2027-05-01; by=team-db; reason=moves",
		"until=2027-04-30; by=someone; reason=moves",
		"until=2027-04-01; by=team-db; reason=else",
	] {
		count(_changes(old, _exempt(text))) == 1
	}
	every other in [_with("annotations", "exempt.other-policy", "until=2027-04-30; by=team-db; reason=moves"), _exempt("until=2027-04-30; by=team-db"), _exempt("until=2027-03-30; by=team-db; reason=moves")] {
		_effects(other, old) == {"some-policy is to say nothing about it until 2027-04-30"}
	}
}

test_an_exemption_that_reaches_too_far_may_not_be_put_in_force if {
	old := _exempt("until=2027-05-01; by=team-db; reason=moves")
	_effects(old, _exempt("until=2027-04-30; by=team-db; reason=moves")) == {"some-policy is to say nothing about it until 2027-04-30"}
	_changes(old, old) == set()
}

test_a_path_that_someone_found_empty_is_that_path_alone if {
	_effects(_with("annotations", "empty-backup", "s3://a"), _with("annotations", "empty-backup", "s3://b")) == {`"s3://b" counts as empty, and its finalizer may go`}
}

_marked(annotation, label) := {"metadata": {
	"annotations": {"data-guard.dev/data": annotation},
	"labels": {"data-guard.dev/data": label},
}}

test_that_an_object_holds_data_is_said_until_nobody_says_it if {
	_changes(_marked("true", "true"), _marked("", "true")) == set()
	_changes(_marked("true", ""), _marked("", "true")) == set()
	_changes(_marked("", ""), {}) == set()
	every new in [_marked("", ""), _marked("yes", "TRUE"), {"metadata": null}, {}] {
		some change in _changes(_marked("", "true"), new)
		change.lost
		change.field == "/metadata/labels/data-guard.dev~1data"
		change.effect == "nobody says any more that it holds data"
	}
	_changes({}, _marked("", "")) == set()
}

test_that_data_depends_on_an_object_is_said_until_nobody_says_it if {
	some [part, key] in protection.raises
	old := _with(part, key, "true")
	_changes({}, old) == set()
	_changes(old, old) == set()
	every new in [{}, _with("annotations", "identity", "false"), _with("annotations", "identity", "")] {
		some change in _changes(old, new)
		change.lost
		change.effect == "nobody says any more that data depends on it"
	}
}

test_who_writes_false_for_true_writes_false if {
	every new in [_marked("false", ""), _marked("false", "true")] {
		[change] := [change | some change in _changes(_marked("true", "true"), new)]
		not change.lost
		change.field == "/metadata/annotations/data-guard.dev~1data"
	}
}

test_a_word_that_another_hides_is_noticed_too if {
	count(_changes(_marked("true", ""), _marked("true", "false"))) == 1
	labelled := {"kind": "Namespace", "metadata": {"labels": {"data-guard.dev/env": "ci"}}}
	count(_changes(labelled, object.union(labelled, _with("labels", "ephemeral", "true")))) == 1
}

test_labels_of_namespaces_say_nothing_elsewhere if {
	every label, value in {"env": "ci", "ephemeral": "true"} {
		_changes({}, object.union(_with("labels", label, value), {"kind": "Pod"})) == set()
		_changes({}, {"kind": "Namespace", "spec": {"template": _with("labels", label, value)}}) == set()
	}
}

_template(metadata) := {"kind": "StatefulSet", "spec": {"template": {"metadata": metadata}}}

test_templates_carry_words_to_what_is_made_from_them if {
	annotations := _with("annotations", "data", "false").metadata
	every obj, at in {
		_template(annotations): "/spec/template",
		{"spec": {"jobTemplate": {"spec": {"template": {"metadata": annotations}}}}}: "/spec/jobTemplate/spec/template",
		{"spec": {"volumeClaimTemplates": [{"metadata": annotations}]}}: "/spec/volumeClaimTemplates/0",
		{"spec": {"podMetadata": annotations}}: "/spec/podMetadata",
	} {
		{change.at | some change in _changes({}, obj)} == {at}
	}
	[change] := [change | some change in _changes({}, _template(annotations))]
	change.field == "/spec/template/metadata/annotations/data-guard.dev~1data"
}

_claims(list) := {"kind": "Pod", "spec": {"volumes": list}}

_claim(name, value) := {"name": name, "ephemeral": {"volumeClaimTemplate": _with("annotations", "data", value)}}

test_a_template_that_moves_in_its_list_says_nothing_new if {
	_changes(_claims([_claim("a", "false"), _claim("b", "true")]), _claims([{"name": "c"}, _claim("b", "true"), _claim("a", "false")])) == set()
	{change.at | some change in _changes(_claims([_claim("a", "false")]), _claims([_claim("b", "false"), _claim("a", "false")]))} == {"/spec/volumes/0/ephemeral/volumeClaimTemplate"}
}

test_a_template_that_goes_takes_no_protection_with_it if {
	_changes(_claims([_claim("a", "true"), _claim("b", "")]), _claims([_claim("b", "")])) == set()
	_changes(_claims([_claim("a", "true")]), _claims([])) == set()
	{change.lost | some change in _changes(_claims([_claim("a", "true")]), _claims([{"name": "a"}]))} == {true}
	{change.lost | some change in _changes(_template(_with("annotations", "data", "true").metadata), _template({}))} == {true}
}

_named(name, value) := object.union(_with("annotations", "data", value), {"metadata": {"name": name}})

test_claim_templates_are_told_apart_by_the_names_in_their_metadata if {
	old := {"spec": {"volumeClaimTemplates": [_named("a", "false"), _named("b", "")]}}
	_changes(old, {"spec": {"volumeClaimTemplates": [_named("b", ""), _named("a", "false")]}}) == set()
	count(_changes(old, {"spec": {"volumeClaimTemplates": [_named("b", "false"), _named("a", "")]}})) == 1
}

test_a_status_makes_nothing if {
	_changes({}, {"status": _with("annotations", "data", "false")}) == set()
}

test_only_guards_own_keys_count_to_the_letter if {
	every key in ["Data-Guard.dev/data", "data-guard.dev/Data", "data", "example.com/data", "exempt.some-policy", "data-guard.dev.example.com/data"] {
		every value in ["false", "until=2027-03-31; by=a; reason=b"] {
			_changes({}, {"metadata": {"annotations": {key: value}}}) == set()
		}
	}
}

test_odd_shapes_carry_nothing if {
	every obj in [
		{}, {"metadata": null}, {"metadata": []}, {"metadata": {"annotations": null, "labels": []}},
		{"metadata": {"annotations": ["data-guard.dev/data"], "labels": "data-guard.dev/data"}},
		{"metadata": {"annotations": {"data-guard.dev/data": false, "data-guard.dev/exempt.a": null, "data-guard.dev/allow-delete": 5}}},
		{"annotations": "data-guard.dev/data"},
	] {
		_changes({}, obj) == set()
		_changes(obj, {}) == set()
	}
	count(_changes({}, {"metadata": {"annotations": ["a"], "labels": {"data-guard.dev/data": "false"}}})) == 1
}

test_marks_lower_nothing if {
	every mark in protection.marks {
		_changes({}, _with(mark[0], mark[1], "critical")) == set()
	}
}
