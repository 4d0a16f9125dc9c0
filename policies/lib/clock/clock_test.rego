package lib.clock_test

import data.lib.clock

test_an_instant_is_the_same_in_every_zone if {
	clock.instant("2027-03-31T10:00:00Z") == 1806487200000000000
	clock.instant("2027-03-31T12:00:00+02:00") == 1806487200000000000
	clock.instant("2027-03-31T10:00:00.5Z") == 1806487200500000000
}

test_what_is_no_time_is_no_instant if {
	every text in ["", "yes", "2027-03-31", "2027-02-30T10:00:00Z", "2027-03-31 10:00:00", " 2027-03-31T10:00:00Z", null, true, 5, ["2027-03-31T10:00:00Z"]] {
		not clock.instant(text)
	}
}

test_years_beyond_the_clock_are_far_away if {
	every year in ["2263", "2270", "2300", "9999"] {
		clock.instant(sprintf("%s-12-31T00:00:00Z", [year])) == clock.instant("2260-12-31T00:00:00Z")
	}
	not clock.instant("9999-13-31T00:00:00Z")
}

test_a_day_begins_at_midnight_utc if {
	clock.day("2027-03-31") == clock.instant("2027-03-31T00:00:00Z")
}

test_what_is_no_date_is_no_day if {
	every text in ["2027-02-30", "2027-3-31", "31.03.2027", "2027-03-31T00:00:00Z", "", null, 20270331] {
		not clock.day(text)
	}
}

test_a_date_is_that_of_utc if {
	clock.date(clock.instant("2027-03-31T23:59:59Z")) == "2027-03-31"
	clock.date(clock.instant("2027-03-31T23:59:59-01:00")) == "2027-04-01"
}

test_a_day_has_24_hours_and_an_hour_60_minutes if {
	clock.days(2) == clock.hours(48)
	clock.hours(2) == clock.minutes(120)
}
