package lib.grace_test

import data.lib.grace

test_what_a_request_asks_for_counts if {
	every pod in [{}, {"spec": null}, _pod(30), _going(30)] {
		grace.none(pod, {"gracePeriodSeconds": 0}) == "asked"
		every options in [{}, {"gracePeriodSeconds": null}, {"gracePeriodSeconds": 1}, {"gracePeriodSeconds": 30}] {
			not grace.none(pod, options)
		}
	}
}

test_a_pod_that_has_no_time_of_its_own_gets_none_unless_a_request_gives_some if {
	every options in [null, {}, {"gracePeriodSeconds": null}, {"gracePeriodSeconds": 0}] {
		grace.none(_pod(0), options) == "own"
	}
	grace.none(object.union(_pod(0), {"metadata": {"deletionTimestamp": null}}), {}) == "own"
	every seconds in [-1, 1, 30] {
		not grace.none(_pod(0), {"gracePeriodSeconds": seconds})
	}
}

test_a_pod_that_is_being_deleted_keeps_the_time_that_it_has if {
	not grace.none(_going(0), {})
	grace.none(_going(0), {"gracePeriodSeconds": 0}) == "asked"
}

test_options_that_are_none_ask_for_nothing if {
	every options in [null, [], "0"] {
		not grace.none(_pod(30), options)
	}
}

test_a_pod_is_forced_once if {
	grace.forced({"metadata": {"deletionGracePeriodSeconds": 0}})
	every metadata in [{}, null, {"deletionGracePeriodSeconds": null}, {"deletionGracePeriodSeconds": 30}] {
		not grace.forced({"metadata": metadata})
	}
}

_pod(seconds) := {"spec": {"terminationGracePeriodSeconds": seconds}}

_going(seconds) := object.union(_pod(seconds), {"metadata": {"deletionTimestamp": "2026-03-01T00:00:00Z"}})
