package lib.exemption_test

import data.lib.clock
import data.lib.exemption

_noon := clock.instant("2027-03-31T12:00:00Z")

_with(text) := {"metadata": {"annotations": {"data-guard.dev/exempt.some-policy": text}}}

_until(date) := _with(sprintf("until=%s; by=team-db; reason=moves next week", [date]))

_holds(objects, now) if {
	exemption.holds("some-policy", objects) with input as {"parameters": {"maxExemptionDays": 30}} with time.now_ns as now
}

_refused(objects, now) := reason if {
	reason := exemption.refused("some-policy", objects) with input as {"parameters": {"maxExemptionDays": 30}} with time.now_ns as now
}

test_an_exemption_holds_through_its_whole_last_day_in_utc if {
	every moment in ["2027-03-31T00:00:00Z", "2027-03-31T23:59:59Z", "2027-03-31T23:59:59.999999999Z"] {
		_holds([_until("2027-03-31")], clock.instant(moment))
		not _refused([_until("2027-03-31")], clock.instant(moment))
	}
}

test_an_exemption_is_over_the_day_after if {
	midnight := clock.instant("2027-04-01T00:00:00Z")
	not _holds([_until("2027-03-31")], midnight)
	_refused([_until("2027-03-31")], midnight) == "expired on 2027-03-31"
}

test_an_exemption_may_reach_as_far_as_the_parameter_says if {
	every moment in ["2027-03-31T00:00:00Z", "2027-03-31T23:59:59.9Z"] {
		_holds([_until("2027-04-30")], clock.instant(moment))
		not _holds([_until("2027-05-01")], clock.instant(moment))
		_refused([_until("2027-05-01")], clock.instant(moment)) == "until 2027-05-01 is more than 30 days away"
	}
}

test_an_exemption_for_ever_is_named_as_too_long if {
	not _holds([_until("9999-12-31")], _noon)
	_refused([_until("9999-12-31")], _noon) == "until 9999-12-31 is more than 30 days away"
}

test_spaces_and_semicolons_in_the_reason_are_free if {
	every text in [
		"until=2027-03-31;by=team-db;reason=x",
		"  until=2027-03-31 ;  by= team-db ; reason= moved; see the runbook = page 7",
		"until=2027-03-31; by=team db; reason=two\nlines",
	] {
		_holds([_with(text)], _noon)
	}
}

test_everything_else_is_malformed_and_named if {
	every text in [
		"", "true", "*", "until=2027-03-31", "until=2027-03-31; by=team-db", "until=2027-03-31; reason=x",
		"until=2027-03-31; by=; reason=x", "until=2027-03-31; by=team-db; reason=", "until=2027-03-31; by=team-db; reason=  ",
		"by=team-db; until=2027-03-31; reason=x", "until=2027-03-31T10:00:00Z; by=a; reason=b", "until=2027-02-30; by=a; reason=b",
		"until=31.03.2027; by=a; reason=b", "Until=2027-03-31; By=a; Reason=b", "xuntil=2027-03-31; by=a; reason=b",
	] {
		not _holds([_with(text)], _noon)
		_refused([_with(text)], _noon) == `malformed: want "until=YYYY-MM-DD; by=...; reason=..."`
	}
}

test_white_space_changes_nothing_that_an_exemption_says if {
	every text in [
		"until=2027-03-31;by=team db;reason=moves;  soon",
		"  until=2027-03-31 ;  by= team \n db ; reason= moves;\tsoon \n",
	] {
		exemption.terms(text) == {"until": "2027-03-31", "by": "team db", "reason": "moves; soon"}
	}
}

test_what_is_malformed_says_nothing if {
	every text in ["", "true", "until=2027-02-30; by=a; reason=b", "until=2027-03-31; by=; reason=x", null, 5] {
		not exemption.terms(text)
	}
}

test_what_is_no_text_is_malformed_and_named if {
	every value in [true, false, null, 20270331, ["until=2027-03-31; by=a; reason=b"]] {
		not _holds([_with(value)], _noon)
		_refused([_with(value)], _noon) == `malformed: want "until=YYYY-MM-DD; by=...; reason=..."`
	}
}

test_where_nothing_is_written_nothing_holds_and_nothing_is_refused if {
	every object in [{}, {"metadata": null}, {"metadata": {"annotations": {}}}] {
		not _holds([object], _noon)
		not _refused([object], _noon)
	}
}

test_an_exemption_counts_for_the_policy_that_it_names if {
	not exemption.holds("other-policy", [_until("2027-03-31")]) with input as {"parameters": {"maxExemptionDays": 30}} with time.now_ns as _noon
	not exemption.holds("some", [_until("2027-03-31")]) with input as {"parameters": {"maxExemptionDays": 30}} with time.now_ns as _noon
}

test_an_exemption_on_nothing_holds_for_nothing if not _holds([], _noon)

test_both_sides_of_a_change_must_carry_it if {
	_holds([_until("2027-03-31"), _until("2027-04-01")], _noon)
	not _holds([_until("2027-03-31"), {}], _noon)
	not _holds([{}, _until("2027-03-31")], _noon)
	not _holds([_until("2027-03-30"), _until("2027-03-31")], _noon)
}

test_an_exemption_on_one_side_is_named if {
	_refused([{}, _until("2027-03-31")], _noon) == "it does not stand on both sides of the change"
	not _refused([_until("2027-03-31"), _until("2027-03-31")], _noon)
}

test_the_reasons_of_both_sides_are_named if {
	_refused([_until("2027-03-30"), _until("2027-12-31")], _noon) == "expired on 2027-03-30; until 2027-12-31 is more than 30 days away"
}

test_a_policy_that_cannot_be_exempted_says_so if {
	not exemption.holds("some-policy", [_until("2027-03-31")]) with input as {"parameters": {}} with time.now_ns as _noon
	exemption.refused("some-policy", [_until("2027-03-31")]) == "this policy cannot be exempted" with input as {"parameters": {}}
		with time.now_ns as _noon
}
