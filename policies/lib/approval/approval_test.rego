package lib.approval_test

import data.lib.approval
import data.lib.clock

_now := clock.instant("2027-03-31T12:00:00Z")

_allowed(until) := {"metadata": {"annotations": {"data-guard.dev/allow-delete": until}}}

_holds(until) if approval.holds(_allowed(until)) with time.now_ns as _now

_refused(until) := reason if {
	reason := approval.refused(_allowed(until)) with time.now_ns as _now
}

test_an_approval_holds_until_its_time if {
	_holds("2027-03-31T12:00:01Z")
	_holds("2027-03-31T15:00:00+02:00")
	_refused("2027-03-31T12:00:01Z") == ""
}

test_an_approval_ends_at_its_time if {
	not _holds("2027-03-31T12:00:00Z")
	_refused("2027-03-31T12:00:00Z") == "; its allow-delete expired at 2027-03-31T12:00:00Z"
}

test_an_approval_reaches_24_hours_and_no_second_more if {
	_holds("2027-04-01T12:00:00Z")
	_refused("2027-04-01T12:00:00Z") == ""
	not _holds("2027-04-01T12:00:01Z")
	_refused("2027-04-01T12:00:01Z") == "; its allow-delete 2027-04-01T12:00:01Z is more than 24 hours away"
}

test_an_approval_for_ever_is_named_as_too_long if {
	not _holds("9999-12-31T00:00:00Z")
	_refused("9999-12-31T00:00:00Z") == "; its allow-delete 9999-12-31T00:00:00Z is more than 24 hours away"
}

test_what_is_no_time_is_quoted if {
	every until, text in {"yes": `"yes"`, "": `""`, "2027-03-31": `"2027-03-31"`, "a\n": `"a\n"`} {
		not _holds(until)
		_refused(until) == sprintf("; its allow-delete %s is not an RFC 3339 time", [text])
	}
}

test_what_is_no_text_is_quoted_too if {
	every until in [true, false, null, 5] {
		not _holds(until)
		_refused(until) == sprintf("; its allow-delete %s is not an RFC 3339 time", [json.marshal(until)])
	}
}

test_where_nothing_is_written_nothing_holds_and_nothing_is_refused if {
	every object in [{}, {"metadata": null}, {"metadata": {"annotations": {}}}] {
		not approval.holds(object)
		approval.refused(object) == ""
	}
}
