# METADATA
# description: |
#   Times as people write them. Every function is undefined for what it cannot read: the caller says "malformed".
package lib.clock

# METADATA
# description: |
#   Nanoseconds of an RFC 3339 time. The clock ends in April 2262; a later year is read as 2260, which is as far away.
instant(text) := nanoseconds if {
	nanoseconds := time.parse_rfc3339_ns(text)
} else := time.parse_rfc3339_ns(concat("", ["2260", substring(text, 4, -1)])) if {
	regex.match(`^(226[2-9]|22[7-9][0-9]|2[3-9][0-9]{2}|[3-9][0-9]{3})-`, text)
}

# METADATA
# description: Nanoseconds of the first moment of a date YYYY-MM-DD, UTC.
day(date) := instant(sprintf("%sT00:00:00Z", [date])) if {
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, date)
}

# METADATA
# description: The date of a moment, UTC, as YYYY-MM-DD.
date(nanoseconds) := time.format([nanoseconds, "UTC", "2006-01-02"])

# METADATA
# description: That many days in nanoseconds.
days(count) := ((count * 24) * 3600) * 1000000000

# METADATA
# description: That many hours in nanoseconds.
hours(count) := (count * 3600) * 1000000000

# METADATA
# description: That many minutes in nanoseconds.
minutes(count) := (count * 60) * 1000000000
